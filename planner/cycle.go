package planner

import (
	"fmt"
	"slices"
	"strings"

	"bloom/catalog"
)

// cycles lists the sets of nodes that need each other (Tarjan).
func (g *graph) cycles() [][]*node {
	index, low := map[*node]int{}, map[*node]int{}
	on := map[*node]bool{}
	var stack []*node
	var out [][]*node
	var visit func(n *node)
	visit = func(n *node) {
		index[n] = len(index) + 1
		low[n] = index[n]
		stack, on[n] = append(stack, n), true
		for _, m := range n.needs {
			if index[m] == 0 {
				visit(m)
				low[n] = min(low[n], low[m])
			} else if on[m] {
				low[n] = min(low[n], index[m])
			}
		}
		if low[n] != index[n] {
			return
		}
		i := len(stack) - 1
		for stack[i] != n {
			i--
		}
		if component := slices.Clone(stack[i:]); len(component) > 1 {
			out = append(out, component)
		}
		for _, m := range stack[i:] {
			on[m] = false
		}
		stack = stack[:i]
	}
	for _, n := range g.nodes {
		if index[n] == 0 {
			visit(n)
		}
	}
	return out
}

// cut takes out of the statements of a cycle the parts that close it: first foreign
// keys, then other constraints and defaults; of drops, what has to go before.
func (g *graph) cut(cycle []*node) bool {
	in := map[*node]bool{}
	for _, n := range cycle {
		in[n] = true
	}
	return g.cutMakes(cycle, in, func(o catalog.Object) bool {
		c, ok := o.(catalog.Constraint)
		return ok && c.Type == catalog.ForeignKey
	}) || g.cutDrops(cycle, in) || g.cutMakes(cycle, in, func(o catalog.Object) bool {
		switch o.(type) {
		case catalog.Constraint, catalog.Default, catalog.DomainConstraint:
			return true
		}
		return false
	})
}

func (g *graph) cutMakes(cycle []*node, in map[*node]bool, suits func(catalog.Object) bool) bool {
	cut := false
	for _, n := range cycle {
		if n.drop || len(n.ids) < 2 {
			continue
		}
		for _, id := range n.ids {
			if id == n.id || !suits(g.desired.Get(id)) {
				continue
			}
			for _, dep := range g.desired.Deps(id) {
				if m := g.maker(dep); m != nil && m != n && in[m] {
					g.apart[id], cut = true, true
				}
			}
		}
	}
	return cut
}

func (g *graph) cutDrops(cycle []*node, in map[*node]bool) bool {
	cut := false
	for _, n := range cycle {
		if !n.drop {
			continue
		}
		for _, id := range n.ids {
			if id == n.id || !droppedAlone(id.Kind) || catalog.Inherited(g.current.Get(id)) {
				continue
			}
			for _, dep := range g.current.Deps(id) {
				if m := g.drops[dep]; m != nil && m != n && in[m] {
					g.early[id], g.gone[id], cut = true, id, true
					g.fell(id, id)
				}
			}
		}
	}
	return cut
}

func droppedAlone(k catalog.Kind) bool {
	switch k {
	case catalog.KindConstraint, catalog.KindDefault, catalog.KindPolicy, catalog.KindTrigger, catalog.KindRule, catalog.KindIndex:
		return true
	}
	return false
}

// cycleError prints a way through a cycle that could not be cut.
func (g *graph) cycleError(cycle []*node) error {
	in := map[*node]bool{}
	for _, n := range cycle {
		in[n] = true
	}
	seen := map[*node]bool{}
	n := cycle[0]
	var path []string
	for !seen[n] {
		seen[n] = true
		path = append(path, n.String())
		for _, m := range n.needs {
			if in[m] {
				n = m
				break
			}
		}
	}
	path = append(path, n.String())
	return fmt.Errorf("no order of statements works, these wait for each other: %s", strings.Join(path, " → "))
}

func (n *node) String() string {
	verb := "make "
	if n.drop {
		verb = "drop "
	}
	return verb + n.id.String()
}
