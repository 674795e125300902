package introspect

import "bloom/catalog"

var sequences = query[sequenceRow]{name: "sequences", sql: `
select seqrelid, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle from pg_sequence where seqrelid >= 16384`,
	add: (*loader).addSequence}

type sequenceRow struct {
	Relation, Type                    oid
	Start, Increment, Min, Max, Cache int64
	Cycle                             bool
}

// sequence is one whose owning column is still to be found among the dependencies.
type sequence struct {
	catalog.Sequence
	relation *relation
}

func (l *loader) addSequence(r sequenceRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	l.sequences[r.Relation] = &sequence{relation: rel, Sequence: catalog.Sequence{
		Schema: rel.id.Schema, Name: rel.id.Name, Type: l.typeText(r.Type), Start: r.Start, Increment: r.Increment,
		Min: r.Min, Max: r.Max, Cache: r.Cache, Cycle: r.Cycle, Unlogged: rel.Persistence == "u",
	}}
	return nil
}

// putSequences puts in the sequences; one that a column owns has no owner of its own.
func (l *loader) putSequences() {
	for _, s := range l.sequences {
		l.put(s.relation.base, s.Sequence)
		if s.OwnedBy.IsZero() {
			l.own(s.relation.object, s.relation.Owner)
		}
	}
}
