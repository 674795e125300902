// Package analyze is PostgreSQL's parse analysis done in Go: it resolves the
// names and types of an expression or query against a catalog, gives a typed
// tree, and says whether two trees mean the same, what they depend on and what
// columns a query gives out.
package analyze

import "bloom/catalog"

// Verdict is the answer to the question whether two expressions mean the same.
type Verdict int

const (
	Unknown Verdict = iota
	Equal
	Different
)

// Question asks whether the expression at Path (see catalog.ExprField) of Current, read
// against the current catalog, means what that of Desired means in the desired one.
type Question struct {
	Path             string
	Current, Desired catalog.Object
}

// Answer is a verdict and, if it is not Equal, why: the first place where the
// trees differ, or what stood in the way.
type Answer struct {
	Verdict Verdict
	Reason  string
	// Spelling: the expressions mean the same and differ in a name only that PostgreSQL keeps and prints. Who compares
	// meanings need not be asked.
	Spelling bool
}
