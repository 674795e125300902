package parser

import (
	"math"
	"strconv"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createSequence(n *pg.CreateSeqStmt) error {
	rv := n.GetSequence()
	if in.temporary(rv) {
		return nil
	}
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return err
	}
	s := newSequence(q, "bigint")
	s.Unlogged = rv.GetRelpersistence() == "u"
	if skip, err := in.taken(s.ID(), n.GetIfNotExists(), rv.GetLocation()); skip || err != nil {
		return err
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		return err
	}
	if err := in.sequenceOptions(&s, n.GetOptions(), true); err != nil {
		return err
	}
	in.put(s)
	if s.OwnedBy.IsZero() {
		in.own(s.ID())
	}
	in.grantAtCreation(s.ID())
	return nil
}

// newSequence is an ascending sequence of a type with nothing said about it.
func newSequence(q catalog.QName, typ catalog.Type) catalog.Sequence {
	s := catalog.Sequence{Schema: q.Schema, Name: q.Name, Type: typ, Start: 1, Increment: 1, Min: 1, Cache: 1}
	s.Max = typeMax(typ)
	return s
}

func typeMax(t catalog.Type) int64 {
	switch t {
	case "smallint":
		return math.MaxInt16
	case "integer":
		return math.MaxInt32
	}
	return math.MaxInt64
}

// sequenceOptions is init_params: it sets what the options say and what follows
// from that.
func (in *interpreter) sequenceOptions(s *catalog.Sequence, options []*pg.Node, isNew bool) error {
	set := map[string]*pg.DefElem{}
	for _, d := range elems(options) {
		set[d.GetDefname()] = d
	}
	old := *s
	if d := set["as"]; d != nil {
		t, err := in.typeOf(d.GetArg().GetTypeName())
		if err != nil {
			return err
		}
		if t != "smallint" && t != "integer" && t != "bigint" {
			return in.errorf(d.GetLocation(), "sequence type must be smallint, integer, or bigint")
		}
		s.Type = t
	}
	if d := set["increment"]; d != nil {
		s.Increment = number(d)
	}
	if d := set["cycle"]; d != nil {
		s.Cycle = isTrue(d)
	}
	in.sequenceBounds(s, old, set, isNew)
	switch d, restart := set["start"], isNew; {
	case d != nil:
		s.Start = number(d)
	case restart && s.Increment > 0:
		s.Start = s.Min
	case restart:
		s.Start = s.Max
	}
	if d := set["cache"]; d != nil {
		s.Cache = number(d)
	}
	if d := set["owned_by"]; d != nil {
		return in.ownedBy(s, d)
	}
	return nil
}

func (in *interpreter) sequenceBounds(s *catalog.Sequence, old catalog.Sequence, set map[string]*pg.DefElem, isNew bool) {
	// A change of type takes bounds along that were those of the old type.
	resetMax := isNew || s.Type != old.Type && old.Max == typeMax(old.Type)
	resetMin := isNew || s.Type != old.Type && old.Min == -typeMax(old.Type)-1
	if d, ok := set["maxvalue"]; ok {
		if d.GetArg() != nil {
			s.Max, resetMax = number(d), false
		} else {
			resetMax = true
		}
	}
	if d, ok := set["minvalue"]; ok {
		if d.GetArg() != nil {
			s.Min, resetMin = number(d), false
		} else {
			resetMin = true
		}
	}
	if resetMax {
		s.Max = -1
		if s.Increment > 0 {
			s.Max = typeMax(s.Type)
		}
	}
	if resetMin {
		s.Min = 1
		if s.Increment < 0 {
			s.Min = -typeMax(s.Type) - 1
		}
	}
}

func number(d *pg.DefElem) int64 {
	n, _ := strconv.ParseInt(constText(d.GetArg()), 10, 64)
	return n
}

// ownedBy sets the column that a sequence falls with. Such a sequence has no
// owner of its own: it has the table's.
func (in *interpreter) ownedBy(s *catalog.Sequence, d *pg.DefElem) error {
	names := strs(d.GetArg().GetList().GetItems())
	if len(names) == 1 && names[0] == "none" {
		s.OwnedBy = catalog.ColumnRef{}
		return nil
	}
	if len(names) < 2 {
		return in.errorf(d.GetLocation(), "invalid OWNED BY option").hint("specify OWNED BY table.column or OWNED BY NONE")
	}
	q := catalog.QName{Name: names[len(names)-2]}
	if len(names) > 2 {
		q.Schema = names[len(names)-3]
	}
	rel, err := in.relationNamed(q, d.GetLocation())
	if err != nil {
		return err
	}
	col := columnID(rel, names[len(names)-1])
	if in.c.Lookup(col) == nil {
		return in.missing(d.GetLocation(), "column %q of relation %q", col.Name, q)
	}
	s.OwnedBy = catalog.ColumnRef{Schema: col.Schema, Table: col.Table, Column: col.Name}
	return nil
}

func (in *interpreter) alterSequence(n *pg.AlterSeqStmt) error {
	rv := n.GetSequence()
	id, err := in.relation(rv)
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	s, ok := catalog.Find[catalog.Sequence](in.c, id)
	if !ok {
		return in.errorf(rv.GetLocation(), "%s is not a sequence", id)
	}
	return in.changeSequence(s, n.GetOptions())
}

func (in *interpreter) changeSequence(s catalog.Sequence, options []*pg.Node) error {
	before := s
	if err := in.sequenceOptions(&s, options, false); err != nil {
		return err
	}
	in.put(s)
	owner := catalog.About(catalog.KindOwner, s.ID(), "")
	switch {
	case before.OwnedBy.IsZero() && !s.OwnedBy.IsZero():
		in.remove(owner)
	case !before.OwnedBy.IsZero() && s.OwnedBy.IsZero():
		in.own(s.ID())
	}
	return nil
}

// unless gives the error, or none if what is missing may be (IF EXISTS). Files
// that declare in any order may still bring it.
func (in *interpreter) unless(missingOK bool, err error) error {
	e, ok := err.(*Error)
	if !missingOK || !ok || !e.missing {
		return err
	}
	if !in.replay && !in.final {
		return err
	}
	return nil
}

// serialTypes are the types of columns that get a sequence.
var serialTypes = map[string]catalog.Type{
	"smallserial": "smallint", "serial2": "smallint", "serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint",
}

// columnSequence makes the sequence of a serial or identity column.
func (in *interpreter) columnSequence(col catalog.Column, options []*pg.Node, identity bool) (catalog.Sequence, error) {
	q := catalog.QName{Schema: col.Schema}
	var rest []*pg.Node
	for _, n := range options {
		switch d := n.GetDefElem(); d.GetDefname() {
		case "sequence_name":
			name := qualified(d.GetArg().GetList().GetItems())
			q.Name = name.Name
			if name.Schema != "" {
				q.Schema = name.Schema
			}
		default:
			rest = append(rest, n)
		}
	}
	if q.Name == "" {
		q.Name = in.chooseRelationName(col.Table, col.Name, "seq", q.Schema, false)
	}
	s := newSequence(q, col.Type)
	t, _ := in.c.Get(catalog.ID{Kind: catalog.KindTable, Schema: col.Schema, Name: col.Table}).(catalog.Table)
	s.Unlogged = t.Unlogged
	s.Identity = identity
	s.OwnedBy = catalog.ColumnRef{Schema: col.Schema, Table: col.Table, Column: col.Name}
	return s, in.sequenceOptions(&s, rest, true)
}

// putColumnSequence adds a column's own sequence.
func (in *interpreter) putColumnSequence(s catalog.Sequence) {
	in.put(s)
	in.grantAtCreation(s.ID())
}

// setUnlogged makes the sequences of a table what it becomes.
func (in *interpreter) setUnlogged(table catalog.ID, unlogged bool) {
	for _, child := range in.c.Children(table) {
		if child.Kind != catalog.KindColumn {
			continue
		}
		for _, s := range in.ownedSequences(child) {
			s.Unlogged = unlogged
			in.put(s)
		}
	}
}

// nextval is the default of a serial column.
func nextval(s catalog.Sequence) catalog.Expr {
	name := catalog.QName{Schema: s.Schema, Name: s.Name}.SQL()
	return server("nextval(" + catalog.QuoteLiteral(name) + "::regclass)")
}

// ownedSequences are those that fall with a column.
func (in *interpreter) ownedSequences(col catalog.ID) []catalog.Sequence {
	var out []catalog.Sequence
	for _, id := range in.c.Users(col) {
		if s, ok := in.c.Get(id).(catalog.Sequence); ok && s.OwnedBy.ID() == col {
			out = append(out, s)
		}
	}
	return out
}
