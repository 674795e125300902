package planner

import (
	"strings"

	"bloom/catalog"
)

// sqlText reports whether an object is a routine in language sql whose body is a
// string: PostgreSQL reads it when the routine is made, but records no dependency.
func sqlText(o catalog.Object) bool {
	r, ok := o.(catalog.Routine)
	return ok && strings.EqualFold(r.Language, "sql") && r.SQLBody.IsZero()
}

// linkBodies: what the text of an sql routine mentions is better made before it.
func (g *graph) linkBodies() {
	var byName map[string][]*node
	for _, n := range g.nodes {
		o, ok := g.desired.Get(n.id).(catalog.Routine)
		if n.drop || !ok || !sqlText(o) {
			continue
		}
		if byName == nil {
			byName = g.mentionable()
		}
		seen := map[*node]bool{n: true}
		for _, w := range mentioned(o.Body) {
			for _, m := range byName[w] {
				if !seen[m] {
					seen[m] = true
					n.soft = append(n.soft, m)
				}
			}
		}
	}
}

// mentionable is the nodes that make something a query can name, by that name.
func (g *graph) mentionable() map[string][]*node {
	byName := map[string][]*node{}
	for _, n := range g.nodes {
		if n.drop {
			continue
		}
		for _, id := range n.ids {
			switch id.Kind {
			case catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindRoutine, catalog.KindAggregate, catalog.KindEnum,
				catalog.KindDomain, catalog.KindComposite, catalog.KindRange, catalog.KindColumn, catalog.KindOperator:
				byName[id.Name] = append(byName[id.Name], n)
			}
		}
	}
	return byName
}

// mentioned lists the words of a body, lower case unless quoted, each once.
func mentioned(text string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(w string) {
		if w != "" && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			j := strings.IndexByte(text[i+1:], '"')
			if j < 0 {
				return out
			}
			add(text[i+1 : i+1+j])
			i += j + 2
		case wordByte(c):
			j := i
			for j < len(text) && wordByte(text[j]) {
				j++
			}
			add(strings.ToLower(text[i:j]))
			i = j
		default:
			i++
		}
	}
	return out
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// uncheckedBodies reports whether a routine in language sql is made before
// something that its text mentions, so that PostgreSQL must not read it yet.
func (s *state) uncheckedBodies(nodes []*node) bool {
	madeAt := map[string]int{}
	for i, n := range nodes {
		if n.drop {
			continue
		}
		for _, id := range n.ids {
			if id.Kind != catalog.KindSchema && len(n.statements) > 0 {
				madeAt[id.Name] = i
			}
		}
	}
	for i, n := range nodes {
		r, ok := s.desired.Get(n.id).(catalog.Routine)
		if n.drop || !ok || !sqlText(r) || len(n.statements) == 0 {
			continue
		}
		for _, w := range mentioned(r.Body) {
			if madeAt[w] > i {
				return true
			}
		}
	}
	return false
}
