package analyze

// pgType is a type of pg_catalog.
func pgType(name string) typ { return typ{Schema: "pg_catalog", Name: name} }

func arrayOf(t typ) typ { return typ{t.Schema, t.Name, true} }

// The types that rules of PostgreSQL name.
var (
	tBool, tBit, tBpchar, tText, tVarchar, tName    = pgType("bool"), pgType("bit"), pgType("bpchar"), pgType("text"), pgType("varchar"), pgType("name")
	tInt4, tInt8, tNumeric, tFloat4, tFloat8        = pgType("int4"), pgType("int8"), pgType("numeric"), pgType("float4"), pgType("float8")
	tDate, tTime, tTimetz, tTimestamp, tTimestamptz = pgType("date"), pgType("time"), pgType("timetz"), pgType("timestamp"), pgType("timestamptz")
	tInterval, tXML, tJSON, tJSONB                  = pgType("interval"), pgType("xml"), pgType("json"), pgType("jsonb")
	tOid, tXid, tCid, tTid                          = pgType("oid"), pgType("xid"), pgType("cid"), pgType("tid")
	tInt2vector, tOidvector                         = pgType("int2vector"), pgType("oidvector")
	tUnknown, tRecord, tVoid, tAny                  = pgType("unknown"), pgType("record"), pgType("void"), pgType("any")
	tAnyelement, tAnyarray, tAnynonarray, tAnyenum  = pgType("anyelement"), pgType("anyarray"), pgType("anynonarray"), pgType("anyenum")
	tAnyrange, tAnymultirange                       = pgType("anyrange"), pgType("anymultirange")
	tAnycompatible, tAnycompatiblearray             = pgType("anycompatible"), pgType("anycompatiblearray")
	tAnycompatiblenonarray, tAnycompatiblerange     = pgType("anycompatiblenonarray"), pgType("anycompatiblerange")
	tAnycompatiblemultirange                        = pgType("anycompatiblemultirange")
	// tOpaque is the type of what could not be resolved. It goes with any other.
	tOpaque = typ{Name: "?"}
)

var polymorphic = map[typ]bool{
	tAnyelement: true, tAnyarray: true, tAnynonarray: true, tAnyenum: true, tAnyrange: true, tAnymultirange: true,
	tAnycompatible: true, tAnycompatiblearray: true, tAnycompatiblenonarray: true, tAnycompatiblerange: true, tAnycompatiblemultirange: true,
}
