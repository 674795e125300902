package main

import (
	"fmt"
	"maps"
	"slices"

	"bloom/catalog"
)

// loaded settles what a dump made for the platform leaves open. Where default privileges give a role more than the dump
// says of it, a database has either: what the dump says, if it was read off this one, or all, if it was run. What is
// there then stays, and anything else is a difference. It says how much of that there is.
func (l leftovers) loaded(live, files *catalog.Catalog) []string {
	var more []catalog.ID
	for _, id := range slices.SortedFunc(maps.Keys(l.dumpedGrants(live, files)), catalog.ID.Compare) {
		have, loaded := privilegesOf(live, id), l.named.Loaded[id].Privileges
		if slices.Equal(have, privilegesOf(files, id)) || !slices.Equal(have, loaded) {
			continue
		}
		if len(have) == 0 {
			files.Remove(id)
			continue
		}
		files.Put(live.Get(id))
		more = append(more, id)
	}
	if len(more) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s and %d more hold what default privileges gave, of which the dump says less; that stays until the files REVOKE it", more[0], len(more)-1)}
}

// dumpedGrants are the grants on objects of such dumps that are there on both sides.
func (l leftovers) dumpedGrants(live, files *catalog.Catalog) map[catalog.ID]bool {
	found := map[catalog.ID]bool{}
	look := func(id catalog.ID) {
		target := id.Target()
		if rel, ok := files.Relation(target.Schema, target.Table); ok && target.Kind == catalog.KindColumn {
			target = rel
		}
		if id.Kind == catalog.KindGrant && l.named.Dumped[target] && live.Has(target) && files.Has(target) {
			found[id] = true
		}
	}
	if len(l.named.Dumped) == 0 {
		return nil
	}
	for id := range live.All() {
		look(id)
	}
	for id := range files.All() {
		look(id)
	}
	return found
}

func privilegesOf(c *catalog.Catalog, id catalog.ID) []catalog.Privilege {
	g, _ := c.Get(id).(catalog.Grant)
	return g.Privileges
}
