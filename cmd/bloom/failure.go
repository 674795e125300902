package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

// explain prints a failed statement as the Supabase CLI does, where scripts
// look for it, and gives the error that ends the command.
func (w *work) explain(f *migrate.File, err error) error {
	var statement *migrate.StatementError
	var server *pgconn.PgError
	name := path.Base(f.Path)
	if !errors.As(err, &statement) {
		if errors.As(err, &server) {
			err = explainServerError(err)
		}
		return supabase.Redact(fmt.Errorf("%s was not applied: %w", name, err))
	}
	if errors.As(statement.Err, &server) {
		fmt.Fprintf(w.con.err, "%s: %s (SQLSTATE %s)\n", server.Severity, supabase.RedactText(server.Message), server.Code)
		if server.Detail != "" {
			fmt.Fprintln(w.con.err, supabase.RedactText(server.Detail))
		}
	}
	fmt.Fprintf(w.con.err, "At statement: %d\n%s\n", statement.Index, excerpt(statement.Text, server))
	text := fmt.Sprintf("%s was not applied: %s", name, err)
	if server != nil {
		text += hint(server)
	}
	return &shownError{text: supabase.RedactText(text), err: err}
}

// shownError is an error with a text of our own.
type shownError struct {
	text string
	err  error
}

func (e *shownError) Error() string { return e.text }
func (e *shownError) Unwrap() error { return e.err }

var unknownType = regexp.MustCompile(`^type "([^".]+)" does not exist$`)

func hint(e *pgconn.PgError) string {
	text := ""
	if e.Hint != "" {
		text += "\nhint: " + e.Hint
	}
	if m := unknownType.FindStringSubmatch(e.Message); m != nil && e.Code == "42704" {
		text += "\nhint: if it is an extension's type, write extensions." + m[1]
	}
	switch e.Code {
	case "55P04":
		text += "\nhint: a new value of an enum can be used in the next migration, not in the transaction that adds it"
	case "2D000":
		text += "\nhint: a procedure or DO block with COMMIT can't run in a migration, which is one transaction"
	}
	return text
}

var rolePassword = regexp.MustCompile(`(?i)(password\s+)'(?:[^']|'')*'`)

// excerpt is a statement up to the line of the error, with a mark under its place.
func excerpt(sql string, e *pgconn.PgError) string {
	sql = rolePassword.ReplaceAllStringFunc(sql, func(s string) string {
		at := strings.IndexByte(s, '\'')
		return s[:at] + "'" + strings.Repeat("x", max(utf8.RuneCountInString(s[at:])-2, 0)) + "'"
	})
	if e == nil || e.Position < 1 {
		return sql
	}
	runes := []rune(sql)
	at := min(int(e.Position)-1, len(runes))
	before := string(runes[:at])
	rest, _, _ := strings.Cut(string(runes[at:]), "\n")
	line := before[strings.LastIndexByte(before, '\n')+1:]
	mark := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, line)
	return before + rest + "\n" + mark + "^"
}

// whereabouts says which commit of the repository has a migration's file, if one has.
func (p *push) whereabouts(ctx context.Context, version string) string {
	git := func(args ...string) string {
		cmd := exec.CommandContext(ctx, "git", append([]string{"-C", p.project.Root}, args...)...)
		out, err := cmd.Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	commit := git("log", "--all", "-1", "--diff-filter=AMR", "--format=%h", "--", supabase.MigrationPath(version, "*"))
	if commit == "" {
		return ""
	}
	text := ": git has it in commit " + commit
	if branches := git("for-each-ref", "--contains", commit, "--format=%(refname:short)", "--count=3", "refs/heads", "refs/remotes"); branches != "" {
		text += " of " + strings.Join(strings.Fields(branches), ", ")
	}
	return text
}
