// Package catalog is bloom's model of a PostgreSQL database: one plain struct
// per kind of object, keyed by a comparable [ID], in a [Catalog].
//
// Everything that can be named in a statement of its own is an object of its
// own: a column, its default, a constraint, a policy, a comment, a privilege.
// All loaders (parser, introspect) return the same *Catalog, so any two states
// can be compared.
//
// Names in the model are raw, as pg_catalog holds them; quoting is done where
// SQL is written. Types are canonical text, as format_type prints them under an
// empty search_path ([Type]). Expressions keep their text and the search_path
// under which it is to be read ([Expr]); whether two of them mean the same is
// not decided here.
//
// The package imports the standard library only.
package catalog
