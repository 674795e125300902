package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// unplaced lists the rows of a table that is made again which fit none of its declared
// partitions. Not ok if every row fits, whatever it holds; no query if none can tell.
func (s *state) unplaced(id catalog.ID) (query fragment, ok bool) {
	have, _ := s.current.Get(id).(catalog.Table)
	want, _ := s.desired.Get(id).(catalog.Table)
	fits, all, known := s.placed(want, s.keptKey)
	switch {
	case all && known:
		return fragment{}, false
	case !known:
		return fragment{}, true
	}
	where := sql("(?) IS NOT TRUE", fits)
	if left := s.leavingRows(id); len(left) > 0 {
		where = sql("? AND tableoid NOT IN (?)", where, join(each(left, func(q catalog.QName) fragment {
			return sql("?::regclass", literal(q.SQL()))
		}), ", "))
	}
	return s.rowsWhere(nameOf(id), have.PartitionBy.Strategy == "", where, keyColumns(want)...), true
}

func keyColumns(t catalog.Table) []string {
	var out []string
	for _, e := range t.PartitionBy.Elements {
		if e.Column != "" {
			out = append(out, e.Column)
		}
	}
	return out
}

// leavingRows lists the tables whose rows leave a table with their partition before it is
// made again.
func (s *state) leavingRows(id catalog.ID) []catalog.QName {
	var out []catalog.QName
	for _, p := range s.partitionsOf(s.current, id) {
		if s.remade[p].IsZero() {
			out = append(out, s.leaves(nameOf(p))...)
		} else {
			out = append(out, s.leavingRows(p)...)
		}
	}
	return out
}

// keptKey writes what an element of a partition key is for a row of the current table.
func (s *state) keptKey(table catalog.Table, e catalog.PartitionElement) (fragment, bool) {
	kept := map[string]bool{}
	for _, c := range s.keptColumns(table.ID()) {
		want := s.desired.Get(c.ID()).(catalog.Column)
		if kept[c.Name] = c.Type == want.Type && c.Collation == want.Collation; c.Name == e.Column {
			return s.keptValue(c, want), true
		}
	}
	if e.Column != "" {
		return fragment{}, false
	}
	for _, dep := range s.desired.Deps(table.ID()) {
		if dep.Kind == catalog.KindColumn && dep.Schema == table.Schema && dep.Table == table.Name && !kept[dep.Name] {
			return fragment{}, false
		}
	}
	return sql("(?)", e.Expr), true
}

// placed writes the condition that a row fits one of the desired partitions of a table.
// With all, every row does; not known if no condition can tell.
func (s *state) placed(t catalog.Table, key func(catalog.Table, catalog.PartitionElement) (fragment, bool)) (fits fragment, all, known bool) {
	var some []fragment
	var rest *catalog.Table
	whole := 0.0
	for _, p := range s.partitionsOf(s.desired, t.ID()) {
		part := s.desired.Get(p).(catalog.Table)
		if isDefault(part) {
			rest = &part
			continue
		}
		if t.PartitionBy.Strategy == "hash" {
			whole += hashShare(part.PartitionOf.Bound.Text)
			continue
		}
		bound, ok := s.bounded(t, part, key)
		if !ok {
			return fragment{}, false, false
		}
		if part.PartitionBy.Strategy != "" {
			inner, every, ok := s.placedWithin(part, key)
			if !ok {
				return fragment{}, false, false
			}
			if !every {
				bound = sql("? AND (?)", bound, inner)
			}
		}
		some = append(some, sql("(?)", bound))
	}
	if t.PartitionBy.Strategy == "hash" {
		return fragment{}, whole > 0.999999, whole > 0.999999 && !s.dividedFurther(t)
	}
	switch {
	case rest == nil && len(some) == 0:
		return fragment{text: "false"}, false, true
	case rest == nil:
		return join(some, " OR "), false, true
	case rest.PartitionBy.Strategy == "" && !s.dividedFurther(t):
		return fragment{}, true, true
	}
	return fragment{}, false, false
}

// placedWithin is placed of a partition that has partitions itself. Its key is about
// columns of the table at the head, which have the same names.
func (s *state) placedWithin(part catalog.Table, key func(catalog.Table, catalog.PartitionElement) (fragment, bool)) (fits fragment, all, known bool) {
	return s.placed(part, func(_ catalog.Table, e catalog.PartitionElement) (fragment, bool) {
		root := part
		for !root.PartitionOf.Parent.IsZero() {
			up, ok := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: root.PartitionOf.Parent.Schema, Name: root.PartitionOf.Parent.Name}).(catalog.Table)
			if !ok {
				return fragment{}, false
			}
			root = up
		}
		return key(root, e)
	})
}

// dividedFurther reports whether a partition of a desired table has partitions itself.
func (s *state) dividedFurther(t catalog.Table) bool {
	return slices.ContainsFunc(s.partitionsOf(s.desired, t.ID()), func(p catalog.ID) bool {
		part, ok := s.desired.Get(p).(catalog.Table)
		return ok && part.PartitionBy.Strategy != ""
	})
}

// hashShare is the share of the rows that a partition by hash takes.
func hashShare(bound string) float64 {
	var modulus float64
	fields := strings.FieldsFunc(strings.ToLower(bound), func(r rune) bool { return strings.ContainsRune(" \t\r\n(),'", r) })
	for i, w := range fields {
		if w == "modulus" && i+1 < len(fields) {
			for _, c := range fields[i+1] {
				modulus = modulus*10 + float64(c-'0')
			}
		}
	}
	if modulus <= 0 {
		return 0
	}
	return 1 / modulus
}

// bounded writes what a row has to hold to belong to a partition by list or range.
func (s *state) bounded(parent, part catalog.Table, key func(catalog.Table, catalog.PartitionElement) (fragment, bool)) (fragment, bool) {
	var keys []fragment
	for _, e := range parent.PartitionBy.Elements {
		k, ok := key(parent, e)
		if !ok || !e.Opclass.IsZero() {
			return fragment{}, false
		}
		keys = append(keys, sql("??", k, collate(e.Collation)))
	}
	lists := boundLists(part.PartitionOf.Bound.Text)
	value := func(text string) fragment {
		return sql("?", catalog.Expr{Text: text, Path: part.PartitionOf.Bound.Path})
	}
	switch {
	case parent.PartitionBy.Strategy == "list" && len(lists) == 1 && len(keys) == 1:
		return listed(keys[0], lists[0], value), true
	case parent.PartitionBy.Strategy == "range" && len(lists) == 2 && len(lists[0]) == len(keys) && len(lists[1]) == len(keys):
		parts := each(keys, func(k fragment) fragment { return sql("? IS NOT NULL", k) })
		low := beyond(keys, lists[0], value, ">=", ">")
		high := beyond(keys, lists[1], value, "<", "<=")
		for _, f := range []fragment{low, high} {
			if f.text != "" {
				parts = append(parts, f)
			}
		}
		return join(parts, " AND "), true
	}
	return fragment{}, false
}

// listed writes that a value is in the list of a partition.
func listed(k fragment, list []string, value func(string) fragment) fragment {
	var values, some []fragment
	for _, v := range list {
		if strings.EqualFold(v, "null") {
			some = append(some, sql("? IS NULL", k))
		} else {
			values = append(values, value(v))
		}
	}
	if len(values) > 0 {
		some = append(some, sql("? IN (?)", k, join(values, ", ")))
	}
	return join(some, " OR ")
}

// beyond writes that a key is on the right side of one end of a range. After an infinite
// value only what stands before it counts: up to it, or beyond it if all before are equal.
func beyond(keys []fragment, end []string, value func(string) fragment, plain, atMax string) fragment {
	n, operator := len(end), plain
	for i, v := range end {
		if most := strings.EqualFold(v, "maxvalue"); most || strings.EqualFold(v, "minvalue") {
			if n = i; most {
				operator = atMax
			}
			break
		}
	}
	if n == 0 {
		// All of it is infinite: nothing is below MINVALUE or from MAXVALUE on.
		if (plain == "<") != (operator == atMax) {
			return fragment{text: "false"}
		}
		return fragment{}
	}
	left, right := join(keys[:n], ", "), join(each(end[:n], value), ", ")
	if n == 1 {
		return sql("? ? ?", left, raw(operator), right)
	}
	return sql("(?) ? (?)", left, raw(operator), right)
}
