package builtin

import (
	"slices"
	"strconv"
	"strings"

	"bloom/catalog"
)

// Relation is a table, view or composite type of a system schema or an extension.
type Relation struct {
	Name    catalog.QName
	Kind    byte // pg_class.relkind
	Columns []Column
}

// Column is a row of pg_attribute, without the system columns.
type Column struct {
	Name      string
	Type      catalog.QName
	NotNull   bool
	Typmod    int           // atttypmod; -1 if none
	Collation catalog.QName // attcollation, where it is not the type's own
}

// Relation returns the relation with that name, or nil. For version 0 its columns are those of
// the newest major, followed by those that only older majors have.
func (s *Set) Relation(name catalog.QName) *Relation {
	var relation *Relation
	for _, older := range slices.Backward(find(s, &s.relations, "relation", name.Name, decodeRelation(name.Name), never)) {
		switch {
		case older.Name != name:
		case relation == nil:
			relation = older
		default:
			relation = relation.and(older)
		}
	}
	return relation
}

// never keeps the rows of all majors.
func never(a, b *Relation) bool { return false }

// and returns r with the columns that only other has.
func (r *Relation) and(other *Relation) *Relation {
	union := *r
	for _, c := range other.Columns {
		if !slices.ContainsFunc(union.Columns, func(have Column) bool { return have.Name == c.Name }) {
			union.Columns = append(slices.Clip(union.Columns), c)
		}
	}
	return &union
}

func decodeRelation(name string) func(*row) *Relation {
	return func(r *row) *Relation {
		relation := &Relation{Name: r.in(name), Kind: r.byte()}
		for text := range strings.SplitSeq(r.next(), ",") {
			if text != "" {
				relation.Columns = append(relation.Columns, decodeColumn(r.set, text))
			}
		}
		return relation
	}
}

// decodeColumn reads name|type|notnull|typmod|collation, the last ones missing if empty.
func decodeColumn(s *Set, text string) Column {
	fields := strings.Split(text, "|")
	fields = append(fields, make([]string, max(0, 5-len(fields)))...)
	c := Column{Name: fields[0], Type: s.name(fields[1]), NotNull: fields[2] == "t", Typmod: -1, Collation: s.name(fields[4])}
	if typmod, err := strconv.Atoi(fields[3]); err == nil {
		c.Typmod = typmod
	}
	return c
}
