package analyze

import (
	"fmt"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/analyze/literal"
)

// literalNode is a constant of the grammar (make_const).
func (a *analyzer) literalNode(c *pg.A_Const) expr {
	if c.Isnull {
		return &constant{typed: typed{typ: tUnknown}, null: true}
	}
	switch v := c.Val.(type) {
	case *pg.A_Const_Fval:
		return a.number(v.Fval.Fval)
	case *pg.A_Const_Boolval:
		return a.known(tBool, strconv.FormatBool(v.Boolval.GetBoolval()))
	case *pg.A_Const_Sval:
		return untyped(v.Sval.GetSval())
	case *pg.A_Const_Bsval:
		return a.known(tBit, v.Bsval.GetBsval())
	}
	return a.known(tInt4, strconv.Itoa(int(c.GetIval().GetIval()))) // nothing set is the integer 0
}

// number is a numeric literal that is no int4 in the grammar's eyes.
func (a *analyzer) number(text string) expr {
	digits := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(digits, 0, 64); err == nil && (len(digits) < 2 || digits[0] != '0' || digits[1] > '9') {
		if i == int64(int32(i)) {
			return a.known(tInt4, strconv.FormatInt(i, 10))
		}
		return a.known(tInt8, strconv.FormatInt(i, 10))
	}
	return a.known(tNumeric, digits)
}

func (a *analyzer) known(t typ, text string) *constant {
	return &constant{typed: typed{typ: t}, text: text, key: a.canonical(t, "", text)}
}

func untyped(text string) *constant {
	return &constant{typed: typed{typ: tUnknown}, text: text, key: text}
}

func null(t typ) *constant { return &constant{typed: typed{typ: t}, null: true} }

// coerceLiteral reads an untyped literal as a type. The type's modifiers take no part, except of intervals.
func (a *analyzer) coerceLiteral(c *constant, target typ, mods string, ctx context) expr {
	base, baseMods := a.env.baseOf(target)
	n := &constant{typed: typed{typ: base}, text: c.text, null: c.null}
	if base == tInterval {
		n.mods = baseMods
		if base == target {
			n.mods = mods
		}
	}
	if !n.null {
		n.key = a.canonical(base, n.mods, c.text)
	}
	return a.coerceDomain(n, target, ctx)
}

// canonical is the same text for the same value of a type, as far as that is known.
func (a *analyzer) canonical(t typ, mods, text string) string {
	if t.Schema == "pg_catalog" && !t.Array {
		if key, ok := a.object(t.Name, text); ok {
			return key
		}
	}
	if v, ok := literal.Canonical(a.literalType(t, mods, 0), text); ok {
		return v
	}
	return text
}

func (a *analyzer) literalType(t typ, mods string, depth int) literal.Type {
	i := a.env.info(t)
	if i == nil || depth > 8 {
		return literal.Type{Kind: 255}
	}
	l := literal.Type{Kind: i.kind, Typmod: -1}
	if t.Schema == "pg_catalog" && !t.Array {
		l.Name = t.Name
	}
	if t == tInterval && mods != "" {
		l.Typmod = intervalTypmod(mods)
	}
	el := typ{}
	switch {
	case i.array:
		el = i.element
	case i.kind == 'r':
		el = i.subtype
	case i.kind == 'm':
		if r := a.env.info(i.rng); r != nil {
			el = r.subtype
		}
	}
	if !el.IsZero() {
		x := a.literalType(a.env.base(el), "", depth+1)
		l.Element = &x
	}
	return l
}

// object is the literal of a type whose values are objects of the catalog: what it names counts, not
// how it is written.
func (a *analyzer) object(t, text string) (string, bool) {
	if text == "" || text == "-" || text[0] >= '0' && text[0] <= '9' {
		return "", false
	}
	switch t {
	case "regclass":
		schema, name, ok := splitName(text)
		if !ok {
			return "", false
		}
		r := a.env.findRelation(schema, name, a.path)
		if r == nil {
			if q, id := a.findIndex(schema, name); !id.IsZero() {
				a.refer(id)
				return q.SQL(), true
			}
			a.missing(-1, "relation %s does not exist", text)
			return "", false
		}
		a.refer(r.id)
		return catalog.QName{Schema: r.schema, Name: r.name}.SQL(), true
	case "regtype":
		tn, ok := parseType(text)
		if !ok {
			return "", false
		}
		found, mods, ok := a.typeName(tn)
		a.referType(found)
		return withMods(found, mods), ok
	case "regproc", "regprocedure":
		return a.routineLiteral(text)
	case "regconfig", "regdictionary":
		return a.textSearchLiteral(t, text)
	}
	return "", false
}

// findIndex looks along the path for an index of that name: regclass values can be indexes.
func (a *analyzer) findIndex(schema, name string) (catalog.QName, catalog.ID) {
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		if id, ok := a.env.indexes()[catalog.QName{Schema: s, Name: name}]; ok {
			return catalog.QName{Schema: s, Name: name}, id
		}
	}
	return catalog.QName{}, catalog.ID{}
}

func (a *analyzer) routineLiteral(text string) (string, bool) {
	names, args, hasArgs := strings.Cut(text, "(")
	schema, name, ok := splitName(names)
	if !ok {
		return "", false
	}
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		for _, f := range a.env.functionsNamed(name) {
			if f.schema != s {
				continue
			}
			a.refer(f.id)
			key := catalog.QName{Schema: s, Name: name}.SQL()
			if hasArgs {
				key += "(" + a.typeList(strings.TrimSuffix(args, ")")) + ")"
			}
			return key, true
		}
	}
	return "", false
}

func (a *analyzer) typeList(text string) string {
	var out []string
	for _, s := range strings.Split(text, ",") {
		if tn, ok := parseType(s); ok {
			if t, mods, ok := a.typeName(tn); ok {
				s = withMods(t, mods)
			}
		}
		out = append(out, strings.TrimSpace(s))
	}
	return strings.Join(out, ", ")
}

func (a *analyzer) textSearchLiteral(t, text string) (string, bool) {
	kind := catalog.KindTextSearchConfiguration
	if t == "regdictionary" {
		kind = catalog.KindTextSearchDictionary
	}
	schema, name, ok := splitName(text)
	if !ok {
		return "", false
	}
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		id := catalog.ID{Kind: kind, Schema: s, Name: name}
		if a.env.catalog.Lookup(id) != nil {
			a.refer(id)
			return catalog.QName{Schema: s, Name: name}.SQL(), true
		}
	}
	if schema == "" {
		schema = "pg_catalog"
	}
	return catalog.QName{Schema: schema, Name: name}.SQL(), true
}

// splitName reads a name that may have a schema, as stringToQualifiedNameList does.
func splitName(text string) (schema, name string, ok bool) {
	var names []string
	for s := strings.TrimSpace(text); ; {
		part := ""
		if strings.HasPrefix(s, `"`) {
			end := 1
			for end < len(s) && (s[end] != '"' || strings.HasPrefix(s[end:], `""`)) {
				if s[end] == '"' {
					end++
				}
				end++
			}
			if end >= len(s) {
				return "", "", false
			}
			part, s = strings.ReplaceAll(s[1:end], `""`, `"`), s[end+1:]
		} else {
			end := strings.IndexByte(s, '.')
			if end < 0 {
				end = len(s)
			}
			part, s = strings.ToLower(strings.TrimSpace(s[:end])), s[end:]
		}
		names = append(names, part)
		if s == "" {
			break
		}
		if s[0] != '.' {
			return "", "", false
		}
		s = s[1:]
	}
	switch len(names) {
	case 1:
		return "", names[0], names[0] != ""
	case 2:
		return names[0], names[1], true
	}
	return "", "", false
}

// parseType reads a type's name.
func parseType(text string) (*pg.TypeName, bool) {
	r, err := pg.Parse("SELECT NULL::" + text)
	if err != nil || len(r.Stmts) != 1 {
		return nil, false
	}
	l := r.Stmts[0].Stmt.GetSelectStmt().GetTargetList()
	if len(l) != 1 {
		return nil, false
	}
	tn := l[0].GetResTarget().GetVal().GetTypeCast().GetTypeName()
	return tn, tn != nil
}

// typeName resolves a type's name and modifiers.
func (a *analyzer) typeName(tn *pg.TypeName) (t typ, mods string, ok bool) {
	schema, name := qualified(tn.Names)
	if tn.PctType {
		a.trouble(tn.Location, "%%TYPE is not supported")
		return tOpaque, "", false
	}
	t, ok = a.env.findType(schema, name, a.path)
	if !ok {
		if schema != "" {
			name = schema + "." + name
		}
		a.missing(tn.Location, "type %s does not exist", name)
		return tOpaque, "", false
	}
	mods = modifiers(t, tn.Typmods)
	if len(tn.ArrayBounds) > 0 {
		t.Array = true
	}
	a.referType(t)
	return t, mods, true
}

// modifiers writes a type's modifiers as format_type does.
func modifiers(t typ, list []*pg.Node) string {
	var mods []string
	for _, n := range list {
		switch {
		case n.GetAConst() != nil:
			mods = append(mods, constText(n.GetAConst()))
		case n.GetColumnRef() != nil:
			mods = append(mods, strings.Join(nameParts(n.GetColumnRef().Fields), "."))
		}
	}
	if len(mods) == 0 {
		return ""
	}
	switch {
	case t == tInterval:
		return intervalMods(mods)
	case t == tNumeric && len(mods) == 1:
		return mods[0] + ",0"
	case t == tTime || t == tTimetz || t == tTimestamp || t == tTimestamptz:
		if p, err := strconv.Atoi(mods[0]); err == nil && p > 6 {
			return "6"
		}
	case t.Schema != "pg_catalog":
		return strings.ToLower(strings.Join(mods, ","))
	}
	return strings.Join(mods, ",")
}

func constText(c *pg.A_Const) string {
	switch v := c.GetVal().(type) {
	case *pg.A_Const_Fval:
		return v.Fval.GetFval()
	case *pg.A_Const_Sval:
		return v.Sval.GetSval()
	}
	return strconv.Itoa(int(c.GetIval().GetIval()))
}

// intervalFields are the masks of INTERVAL's fields and their names.
var intervalFields = map[int]string{
	1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute", 1 << 12: "second",
	1<<2 | 1<<1: "year to month", 1<<3 | 1<<10: "day to hour", 1<<3 | 1<<10 | 1<<11: "day to minute",
	1<<3 | 1<<10 | 1<<11 | 1<<12: "day to second", 1<<10 | 1<<11: "hour to minute", 1<<10 | 1<<11 | 1<<12: "hour to second",
	1<<11 | 1<<12: "minute to second",
}

const intervalFullRange = 0x7FFF

func intervalMods(mods []string) string {
	mask, _ := strconv.Atoi(mods[0])
	s := intervalFields[mask]
	if len(mods) < 2 {
		return s
	}
	if s == "" {
		return mods[1]
	}
	return s + "(" + mods[1] + ")"
}

// intervalTypmod is INTERVAL_TYPMOD for modifiers as format_type writes them.
func intervalTypmod(mods string) int32 {
	fields, precision := mods, 0xFFFF
	if p, err := strconv.Atoi(mods); err == nil {
		fields, precision = "", p
	} else if head, rest, ok := strings.Cut(mods, "("); ok {
		fields = strings.TrimSpace(head)
		if p, err := strconv.Atoi(strings.TrimSuffix(rest, ")")); err == nil {
			precision = p
		}
	}
	mask := intervalFullRange
	for m, name := range intervalFields {
		if name == fields {
			mask = m
		}
	}
	return int32(mask<<16 | precision)
}

// typmodText writes a typmod of pg_attribute as format_type does, for the types that system relations have.
func typmodText(t typ, typmod int) string {
	switch t {
	case tVarchar, tBpchar:
		return strconv.Itoa(typmod - 4)
	case tNumeric:
		return fmt.Sprintf("%d,%d", (typmod-4)>>16, (typmod-4)&0x7FF)
	}
	return strconv.Itoa(typmod)
}
