package builtin

import "bloom/catalog"

// Collation is a row of pg_collation. Collations of the operating system are not known, and of those of
// ICU only the common languages: which there are depends on the server.
type Collation struct {
	Name             catalog.QName
	Nondeterministic bool // not collisdeterministic
}

// Collation returns the collation with that name, or nil.
func (s *Set) Collation(name catalog.QName) *Collation {
	for _, c := range find(s, &s.collations, "collation", name.Name, func(r *row) *Collation {
		return &Collation{Name: r.in(name.Name), Nondeterministic: r.flag()}
	}, sameCollation) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func sameCollation(a, b *Collation) bool { return a.Name == b.Name }
