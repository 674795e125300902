package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// do is a DO block. What it does to the schema cannot be read off it.
func (in *interpreter) do(n *pg.DoStmt) error {
	if in.replay {
		in.unreplayed("what this DO block does cannot be read off it")
		return nil
	}
	return in.errorf(0, "a DO block declares nothing: what it does depends on the database it runs in").
		hint("write the statements it would run (CREATE … IF NOT EXISTS is allowed), or put it into a migration (bloom new NAME)")
}
