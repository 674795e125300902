package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// sameRaw reports whether two parse trees are the same and every name in them without a schema means the
// same on both sides, so that what is not understood in them is the same too.
func sameRaw(l, r *env, ours, theirs source, a, b *pg.Node) bool {
	return false
}
