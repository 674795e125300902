package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// What is dropped while something like it is made may go on under another name. Its
// rows would be lost, or what hangs on it, so that it is pointed out.

// suspect finds the desired object that a dropped one may have become.
func (s *state) suspect(id catalog.ID) Hazard {
	if s.gone[id] != id || s.desired.Has(id) {
		return Hazard{}
	}
	best, score := catalog.ID{}, 0.0
	for to, o := range s.desired.All() {
		if to.Kind != id.Kind || to == id || !s.making[to] || s.current.Has(to) || to.Schema != id.Schema || to.Table != id.Table {
			continue
		}
		if like := s.likeness(s.current.Get(id), o); like > score {
			best, score = to, like
		}
	}
	if score < 0.5 {
		return Hazard{}
	}
	return s.suspected(Rename{From: id, To: best})
}

// suspected records a possible rename, and tells of it.
func (s *state) suspected(r Rename) Hazard {
	if !slices.Contains(s.suspects, r) {
		s.suspects = append(s.suspects, r)
	}
	old, like := catalog.Quote(r.From.Name), r.To.String()
	if r.Value != "" {
		old, like = catalog.QuoteLiteral(r.Value), "value "+r.NewValue
	}
	h := Hazard{Code: "SIMILAR_OBJECT", Level: Breaks, Object: r.From, Rows: -1, Reason: like + " looks like it",
		Wayout: "if it is the same, write this above it in the files: -- bloom:renamed-from " + old}
	if r.Value != "" || keepsData(s.current.Get(r.From)) {
		h.Code, h.Level = "POSSIBLE_RENAME", DataLoss
	}
	return h
}

// likeness says how sure it is that an object is another one under a new name: from
// 0.5 on it is worth asking.
func (s *state) likeness(o, d catalog.Object) float64 {
	names := similarNames(o.ID().Name, d.ID().Name)
	if exact := s.sameContent(o, d); exact {
		return 1 + names
	}
	switch o := o.(type) {
	case catalog.Table:
		return 0.7*s.shared(o, d.(catalog.Table)) + 0.3*names
	case catalog.Column:
		d := d.(catalog.Column)
		if o.Generated.IsZero() && d.Generated.IsZero() && !o.Inherited && !d.Inherited && names >= 0.5 {
			return names
		}
	case catalog.View:
		if slices.Equal(columnNames(o.Columns), columnNames(d.(catalog.View).Columns)) && len(o.Columns) > 0 {
			return 0.5 + names/2
		}
	case catalog.Routine:
		d := d.(catalog.Routine)
		if d.ID().Args == o.ID().Args && o.Returns == d.Returns && names >= 0.5 {
			return names
		}
	case catalog.Policy:
		d := d.(catalog.Policy)
		if o.Command == d.Command && o.Restrictive == d.Restrictive && (o.Using.Text == d.Using.Text && o.WithCheck.Text == d.WithCheck.Text || names >= 0.5) {
			return 0.5 + names/2
		}
	case catalog.Enum:
		return 0.7*sharedWords(o.Labels, d.(catalog.Enum).Labels) + 0.3*names
	case catalog.Composite:
		return 0.7*sharedWords(attributes(o), attributes(d.(catalog.Composite))) + 0.3*names
	case catalog.Schema:
		return 0.7*s.sharedSchema(o.Name, d.(catalog.Schema).Name) + 0.3*names
	}
	return 0
}

func attributes(o catalog.Composite) []string {
	var out []string
	for _, a := range o.Attributes {
		out = append(out, a.Name+" "+string(a.Type))
	}
	return out
}

// shared is the part of their columns that two tables have in common; columns of the
// same types under other names count half.
func (s *state) shared(o, d catalog.Table) float64 {
	list := func(c *catalog.Catalog, t catalog.Table) []string {
		return strings.Split(strings.TrimSuffix(columnList(c, t), "\x00"), "\x00")
	}
	if len(o.Columns) == 0 || len(d.Columns) == 0 {
		return 0
	}
	own, other := list(s.current, o), list(s.desired, d)
	same := 0
	for i := range min(len(own), len(other)) {
		_, a, _ := strings.Cut(own[i], " ")
		if _, b, _ := strings.Cut(other[i], " "); a == b {
			same++
		}
	}
	types := float64(same) / float64(max(len(own), len(other)))
	return max(sharedWords(own, other), (sharedWords(own, other)+types)/2)
}

// sharedSchema is the part of their relations that two schemas have in common.
func (s *state) sharedSchema(from, to string) float64 {
	list := func(c *catalog.Catalog, schema string) []string {
		var out []string
		for id := range c.All() {
			if id.Schema == schema && (id.Kind == catalog.KindTable || id.Kind == catalog.KindView || id.Kind == catalog.KindRoutine || id.Kind == catalog.KindEnum) {
				out = append(out, id.Kind.String()+" "+id.Name)
			}
		}
		return out
	}
	return sharedWords(list(s.current, from), list(s.desired, to))
}

// sharedWords is how much two lists have in common: 1 if they have the same words, 0 if none.
func sharedWords(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			common++
		}
	}
	return float64(common) / float64(max(len(a), len(b)))
}

// similarNames is how much of two names is the same, by pairs of letters.
func similarNames(a, b string) float64 {
	pairs := func(name string) []string {
		name = strings.ToLower(strings.Trim(name, "_"))
		var out []string
		for i := 0; i+2 <= len(name); i++ {
			out = append(out, name[i:i+2])
		}
		return out
	}
	x, y := pairs(a), pairs(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	common := 0
	for _, p := range x {
		if i := slices.Index(y, p); i >= 0 {
			common++
			y = slices.Delete(y, i, i+1)
		}
	}
	return 2 * float64(common) / float64(len(x)+common+len(y))
}

// suspectValues finds labels of an enum that go while others come in their place.
func (s *state) suspectValues(id catalog.ID, have, want []string) []Hazard {
	var out []Hazard
	for i, l := range have {
		if i >= len(want) || slices.Contains(want, l) || slices.Contains(have, want[i]) || len(have) != len(want) {
			continue
		}
		out = append(out, s.suspected(Rename{From: id, To: id, Value: l, NewValue: want[i]}))
	}
	return out
}

func (s *state) sameContent(o, d catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Column:
		d := d.(catalog.Column)
		return o.Type == d.Type && o.Collation == d.Collation && o.Generated.IsZero() && d.Generated.IsZero() && o.Inherited == d.Inherited
	case catalog.Table:
		d := d.(catalog.Table)
		return len(o.Columns) > 0 && columnList(s.current, o) == columnList(s.desired, d)
	case catalog.View:
		return strings.Join(strings.Fields(o.Query.Text), " ") == strings.Join(strings.Fields(d.(catalog.View).Query.Text), " ")
	case catalog.Enum:
		return slices.Equal(o.Labels, d.(catalog.Enum).Labels)
	case catalog.Domain:
		d := d.(catalog.Domain)
		return o.Base == d.Base && o.NotNull == d.NotNull
	case catalog.Composite:
		return slices.Equal(o.Attributes, d.(catalog.Composite).Attributes)
	case catalog.Sequence:
		d := d.(catalog.Sequence)
		return o.OwnedBy.ID().Name == "" && d.OwnedBy.ID().Name == "" && o.Type == d.Type
	case catalog.Routine:
		d := d.(catalog.Routine)
		return o.ID().Args == d.ID().Args && strings.TrimSpace(o.Body) != "" && strings.TrimSpace(o.Body) == strings.TrimSpace(d.Body) && o.Returns == d.Returns
	case catalog.Trigger:
		d := d.(catalog.Trigger)
		return o.Function == d.Function && o.Timing == d.Timing && slices.Equal(o.Events, d.Events)
	case catalog.Index:
		return sameKeys(o, d.(catalog.Index))
	case catalog.Constraint:
		d := d.(catalog.Constraint)
		return sameDemand(o, d) && o.Check.Text == d.Check.Text
	}
	return false
}

func columnList(c *catalog.Catalog, t catalog.Table) string {
	var b strings.Builder
	for _, name := range t.Columns {
		col, _ := c.Get(catalog.ID{Kind: catalog.KindColumn, Schema: t.Schema, Table: t.Name, Name: name}).(catalog.Column)
		b.WriteString(name + " " + string(col.Type) + "\x00")
	}
	return b.String()
}
