package analyze

import pg "github.com/pganalyze/pg_query_go/v5"

// Trees are the trees of expressions that were parsed with the statements they stand in. An expression's tree
// follows from its text alone, so that is what it is found by.
type Trees struct{ byText map[string]parsed }

// NewTrees returns an empty collection.
func NewTrees() *Trees { return &Trees{map[string]parsed{}} }

// Keep adds the tree of an expression whose text stands at an offset of what the locations in the tree count in.
// A nil collection keeps nothing.
func (t *Trees) Keep(text string, tree *pg.Node, offset int) {
	if t != nil {
		t.byText[text] = parsed{tree: tree, start: offset}
	}
}

// parseRest is parseAll for sources some of whose trees may be there.
func (t *Trees) parseRest(sources []source) []parsed {
	if t == nil {
		return parseAll(sources)
	}
	out := make([]parsed, len(sources))
	var rest []source
	var at []int
	for i, s := range sources {
		p, ok := t.byText[s.expr.Text]
		if ok && s.form() == formExpr {
			out[i] = p
		} else {
			rest, at = append(rest, s), append(at, i)
		}
	}
	for i, p := range parseAll(rest) {
		out[at[i]] = p
	}
	return out
}
