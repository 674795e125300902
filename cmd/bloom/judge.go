package main

import (
	"context"

	"bloom/catalog/introspect"
	"bloom/differ"
)

// newJudge is a judge on the database that takes part in a comparison: it knows
// the current state. Without one, or with --no-judge, there is none.
func newJudge(ctx context.Context, o compareOptions, pair *comparison, from *source) *introspect.Judge {
	if o.noJudge || from.live == nil {
		return nil
	}
	return introspect.NewJudge(ctx, from.conn, from.target.StepDown, from.live, pair.desired)
}

// decide is the judge as the differ asks it; nil if there is none.
func decide(j *introspect.Judge) differ.Judge {
	if j == nil {
		return nil
	}
	return j.Decide
}
