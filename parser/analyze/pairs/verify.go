package main

import (
	"fmt"
	"maps"
	"slices"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// verify compares what analysis finds out about the views and expressions of the last catalog with what the server
// says of them: the columns of views, and the dependencies.
func (c *collector) verify() {
	views, wrongViews, objects, wrongRefs := 0, 0, 0, 0
	declared := c.last.Clone()
	for id, o := range c.last.All() {
		if v, ok := o.(catalog.View); ok {
			v.Columns = nil
			declared.Put(v)
		}
		declared.ClearDeps(id)
	}
	for _, p := range analyze.Resolve(declared, nil) {
		fmt.Printf("PROBLEM [%s] %s %s: %s\n", c.name, p.ID, p.Path, p.Msg)
	}
	for id, o := range declared.All() {
		if v, ok := o.(catalog.View); ok {
			views++
			live := c.last.Get(id).(catalog.View)
			if !slices.Equal(live.Columns, v.Columns) {
				wrongViews++
				fmt.Printf("COLUMNS [%s] %s\n  server %v\n  found  %v\n", c.name, id, live.Columns, v.Columns)
			}
		}
		if len(catalog.Exprs(o)) == 0 {
			continue
		}
		objects++
		live := map[catalog.ID]bool{}
		for _, d := range c.last.Deps(id) {
			live[d] = true
		}
		for _, d := range declared.Deps(id) {
			if !live[d] {
				wrongRefs++
				fmt.Printf("REF [%s] %s does not need %s\n", c.name, id, d)
			}
			delete(live, d)
		}
		for _, d := range slices.SortedFunc(maps.Keys(live), catalog.ID.Compare) {
			if !structural(id, d) {
				wrongRefs++
				fmt.Printf("REF [%s] %s needs %s\n", c.name, id, d)
			}
		}
	}
	fmt.Printf("VERIFY %s views %d wrong %d, objects %d wrong references %d\n", c.name, views, wrongViews, objects, wrongRefs)
}

// structural reports whether an object needs another without any expression of it, as a trigger needs its function.
func structural(id, d catalog.ID) bool {
	switch {
	case d.Kind == catalog.KindSchema || d.Kind == catalog.KindExtension || d.Kind == catalog.KindOperatorClass || d.Kind == catalog.KindCollation:
		return true
	case id.Kind == catalog.KindTrigger && d.Kind == catalog.KindRoutine, id.Kind == catalog.KindRoutine, id.Kind == catalog.KindTable:
		return true
	case id.Kind == catalog.KindColumn:
		return d.Kind != catalog.KindColumn && d.Kind != catalog.KindRoutine
	}
	return d.Kind == catalog.KindColumn && d.Schema == id.Schema && d.Table == id.Table
}
