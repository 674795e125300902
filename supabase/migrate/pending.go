package migrate

import (
	"fmt"
	"slices"
	"strings"

	"bloom/supabase"
)

// Pending is what a project's migrations and a database's history make of each
// other, by the rule of the Supabase CLI.
type Pending struct {
	Files      []supabase.Migration // to apply: newer than all that is applied
	OutOfOrder []supabase.Migration // not applied, but older than something that is
	Missing    []string             // applied, but without a file
}

// Compare walks through both lists, which are sorted as text.
func Compare(local []supabase.Migration, applied []string) Pending {
	var p Pending
	i, j := 0, 0
	for i < len(applied) && j < len(local) {
		switch version := local[j].Version; {
		case applied[i] < version:
			p.Missing = append(p.Missing, applied[i])
			i++
		case applied[i] > version:
			p.OutOfOrder = append(p.OutOfOrder, local[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	p.Missing = append(p.Missing, applied[i:]...)
	p.Files = slices.Clone(local[j:])
	return p
}

// CheckNames finds what would fail on the history's primary key, after earlier
// files were applied.
func CheckNames(local []supabase.Migration) error {
	var problems []string
	byVersion := map[string]string{}
	for _, m := range local {
		if other, ok := byVersion[m.Version]; ok {
			problems = append(problems, fmt.Sprintf("%s and %s have the same version %s", other, m.Path, m.Version))
		}
		byVersion[m.Version] = m.Path
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nhint: give one of them another version: bloom renumber FILE, of the one that is not applied anywhere yet", strings.Join(problems, "\n"))
}

// OddVersions are those that sort differently as text, as numbers and as file
// names: that is so unless all have the same length.
func OddVersions(local []supabase.Migration) []string {
	var odd []string
	for _, m := range local {
		if len(m.Version) != len("20060102150405") {
			odd = append(odd, m.Version)
		}
	}
	return odd
}
