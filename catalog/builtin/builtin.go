// Package builtin knows what PostgreSQL brings itself: the types, functions, operators, casts, ranges,
// collations, operator classes and system relations of the majors 15 to 18, and the same facts of the
// extensions that come with it or are common beside it.
//
// [For] gives the built-in objects of a major, [Extension] those of an extension. Both return a [Set],
// which finds objects by name. Names are identity: a type is "int4" in schema pg_catalog, never an OID and
// never "integer". A Set is safe for concurrent use; what it returns is shared and must not be changed.
//
// The facts are tab-separated text in builtin.tsv and extensions, written by the program in gen from
// running servers (make builtin). The text is sorted by kind and name, so that nothing has to be loaded: a
// lookup is a binary search in the embedded text, and its result is kept.
package builtin

import (
	"embed"
	"strings"
	"sync"
)

//go:embed builtin.tsv
var builtin string

//go:embed extensions/*.tsv
var extensions embed.FS

// Versions are the majors the facts were read from, oldest first.
var Versions = []int{15, 16, 17, 18}

var (
	mu   sync.Mutex
	sets = map[int]*Set{}
)

// For returns what the given major of PostgreSQL has. Version 0 is any version: the union of all, where the
// row of the newest major wins if majors differ about an object. A major that is newer than
// the newest in [Versions] has what that one has.
func For(version int) *Set {
	mu.Lock()
	defer mu.Unlock()
	s := sets[version]
	if s == nil {
		s = &Set{text: builtin, version: version}
		sets[version] = s
	}
	return s
}

// Extensions lists the extensions of which something is known.
func Extensions() []string {
	files, _ := extensions.ReadDir("extensions")
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(f.Name(), ".tsv"))
	}
	return out
}

// Extension returns the objects of the extension on the given major (0: any), or nil if nothing is known
// about it. Schemas says where extensions are installed, by the extension's name: at least this one, and those whose
// types it uses (earthdistance uses cube). One that is not named there is taken to be in schema public.
func Extension(name string, version int, schemas map[string]string) *Set {
	text, err := extensions.ReadFile("extensions/" + name + ".tsv")
	if err != nil {
		return nil
	}
	return &Set{text: string(text), version: version, schemas: schemas}
}
