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

// checked lists the words of a routine's text that may name what PostgreSQL looks up
// when the routine is made: in language sql all, in PL/pgSQL the types of variables.
func checked(r catalog.Routine) (words []string, any bool) {
	switch {
	case sqlText(r):
		return mentioned(r.Body), true
	case strings.EqualFold(r.Language, "plpgsql"):
		return declared(r.Body), false
	}
	return nil, false
}

// declared lists the words between DECLARE and BEGIN.
func declared(body string) []string {
	var out []string
	in := false
	eachWord(body, func(w string) {
		switch {
		case w == "declare":
			in = true
		case w == "begin":
			in = false
		case in:
			out = append(out, w)
		}
	})
	return out
}

// isTyped reports whether objects of a kind have a type of their name.
func isTyped(k catalog.Kind) bool {
	switch k {
	case catalog.KindTable, catalog.KindView, catalog.KindEnum, catalog.KindDomain, catalog.KindComposite, catalog.KindRange, catalog.KindBaseType:
		return true
	}
	return false
}

// linkBodies: what the text of a routine mentions is better made before it.
func (g *graph) linkBodies() {
	var byName map[string][]mention
	for _, n := range g.nodes {
		o, ok := g.desired.Get(n.id).(catalog.Routine)
		if n.drop || !ok {
			continue
		}
		words, any := checked(o)
		if byName == nil && len(words) > 0 {
			byName = g.mentionable()
		}
		seen := map[*node]bool{n: true}
		for _, w := range words {
			for _, m := range byName[w] {
				if !seen[m.node] && (any || isTyped(m.kind)) {
					seen[m.node] = true
					n.soft = append(n.soft, m.node)
				}
			}
		}
	}
}

// mention is a node and the kind of what it makes.
type mention struct {
	*node
	kind catalog.Kind
}

// mentionable is the nodes that make something a query can name, by that name.
func (g *graph) mentionable() map[string][]mention {
	byName := map[string][]mention{}
	for _, n := range g.nodes {
		if n.drop {
			continue
		}
		for _, id := range n.ids {
			switch id.Kind {
			case catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindRoutine, catalog.KindAggregate, catalog.KindEnum,
				catalog.KindDomain, catalog.KindComposite, catalog.KindRange, catalog.KindBaseType, catalog.KindColumn, catalog.KindOperator:
				byName[id.Name] = append(byName[id.Name], mention{n, id.Kind})
			}
		}
	}
	return byName
}

// mentioned lists the words of a body, lower case unless quoted, each once.
func mentioned(text string) []string {
	var out []string
	seen := map[string]bool{}
	eachWord(text, func(w string) {
		if w != "" && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	})
	return out
}

// eachWord calls add with one word of a body after the other.
func eachWord(text string, add func(string)) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			j := strings.IndexByte(text[i+1:], '"')
			if j < 0 {
				return
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
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// uncheckedBodies reports whether a routine is made before something that PostgreSQL
// looks up when it reads the routine's text, or can never be read: so that it must not yet.
func (s *state) uncheckedBodies(nodes []*node) bool {
	madeAt, typedAt := map[string]int{}, map[string]int{}
	for i, n := range nodes {
		if n.drop {
			continue
		}
		for _, id := range n.ids {
			if id.Kind != catalog.KindSchema && len(n.statements) > 0 {
				madeAt[id.Name] = i
				if isTyped(id.Kind) {
					typedAt[id.Name] = i
				}
			}
		}
	}
	for i, n := range nodes {
		r, ok := s.desired.Get(n.id).(catalog.Routine)
		if n.drop || !ok || len(n.statements) == 0 {
			continue
		}
		words, any := checked(r)
		at := typedAt
		if any {
			at = madeAt
		}
		for _, w := range words {
			if at[w] > i {
				return true
			}
		}
		if sqlText(r) && s.options.BrokenBody != nil && s.options.BrokenBody(s.desired, r) {
			return true
		}
	}
	return false
}
