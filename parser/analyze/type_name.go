package analyze

import (
	"fmt"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

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
	schema, name := qualified(tn.GetNames())
	if tn.GetPctType() {
		a.trouble(tn.Location, "%%TYPE is not supported")
		return tOpaque, "", false
	}
	t, ok = a.env.findType(schema, name, a.path)
	if !ok {
		if schema != "" {
			name = schema + "." + name
		}
		a.missing(tn.GetLocation(), "type %s does not exist", name)
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
