package main

import (
	"context"

	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/supabase/server"
)

// newJudge is a judge on the database that takes part in a comparison. Without
// one to ask, or with --no-judge, there is none.
func newJudge(ctx context.Context, o compareOptions, pair *comparison) *introspect.Judge {
	database := pair.database()
	if o.noJudge || database.conn == nil {
		return nil
	}
	j := introspect.NewJudge(ctx, database.conn, database.target.StepDown, database.live, pair.current, pair.desired)
	if dir, err := server.CacheDir(); err == nil {
		j.Remember(dir)
	}
	return j
}

// newMemo compares with the judge's help, if there is one.
func newMemo(j *introspect.Judge) *differ.Memo {
	if j == nil {
		return differ.NewMemo(nil)
	}
	return differ.NewMemo(j.Decide)
}

// endJudge closes the judge and says if it could not be used.
func endJudge(con *console, j *introspect.Judge) {
	if j == nil {
		return
	}
	if err := j.Problem(); err != nil {
		con.warn("%v", err)
	}
	j.Close()
}
