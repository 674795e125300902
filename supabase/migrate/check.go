package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bloom/catalog"
	"bloom/parser/split"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// checkTime is how long one query may look for rows that do not fit.
const checkTime = time.Minute

// Misfit is what a check found, or why it could not look.
type Misfit struct {
	Pos    catalog.Pos
	Code   string
	Reason string
	Rows   []string // some of the rows, or what the server says of one
	Why    string   // why nobody knows; empty if rows were found
}

func (m Misfit) String() string {
	at := ""
	if !m.Pos.IsZero() {
		at = fmt.Sprintf("%s:%d: ", m.Pos.File, m.Pos.Line)
	}
	if m.Why != "" {
		return fmt.Sprintf("%s%s: not looked for before it runs: %s", at, m.Code, m.Why)
	}
	return fmt.Sprintf("%s%s: %s; rows: %s", at, m.Code, m.Reason, strings.Join(m.Rows, "; "))
}

// Known reports whether rows were found.
func (m Misfit) Known() bool { return m.Why == "" }

// Check runs the query of a statement, under a search_path if it needs one. Nothing
// is written or locked, and nobody waits. It returns nil if all rows fit.
func Check(ctx context.Context, conn *pgx.Conn, c split.Check, setPath string) (*Misfit, error) {
	if setPath != "" {
		setPath += ";\n"
	}
	begin := fmt.Sprintf("BEGIN READ ONLY;\nSET LOCAL statement_timeout = %d;\nSET LOCAL lock_timeout = 1000;\n%s", checkTime.Milliseconds(), setPath)
	results, err := conn.PgConn().Exec(ctx, begin+c.Query).ReadAll()
	if _, rollback := conn.PgConn().Exec(ctx, "ROLLBACK").ReadAll(); rollback != nil {
		return nil, rollback
	}
	m := &Misfit{Code: c.Code, Reason: c.Reason}
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && rowError(c.Code, pg.Code):
		m.Rows = []string{pg.Message}
		return m, nil
	case errors.As(err, &pg):
		m.Why = serverText(err)
		return m, nil
	case err != nil:
		return nil, err
	}
	last := results[len(results)-1]
	if len(last.Rows) == 0 {
		return nil, nil
	}
	for _, values := range last.Rows {
		m.Rows = append(m.Rows, rowText(last.FieldDescriptions, values))
	}
	return m, nil
}

// rowError reports whether an error comes of a value that cannot be converted.
func rowError(code, sqlstate string) bool {
	return strings.HasPrefix(sqlstate, "22") && (code == "FAILS_ON_CAST" || code == "FAILS_ON_RANGE" || code == "TYPE_LOSSY")
}

func rowText(fields []pgconn.FieldDescription, values [][]byte) string {
	var parts []string
	for i, v := range values {
		text := "NULL"
		if v != nil {
			text = string(v)
		}
		if runes := []rune(text); len(runes) > 60 {
			text = string(runes[:60]) + "…"
		}
		parts = append(parts, fields[i].Name+"="+text)
	}
	return strings.Join(parts, ", ")
}

// CheckFiles runs the checks of files that are to be applied, for the data that are
// there now. It ends at the first statement that touches rows: what is true of them
// after it, nobody knows. The number of files that were looked through is returned too.
func (s *Session) CheckFiles(ctx context.Context, files []*File) ([]Misfit, int, error) {
	var found []Misfit
	for i, f := range files {
		path := ""
		for _, st := range f.statements {
			if st.SetsPath() {
				path = st.Text
			}
			for _, c := range st.Checks() {
				m, err := Check(ctx, s.Conn, c, path)
				if err != nil {
					return found, i, err
				}
				if m != nil {
					m.Pos = st.Pos
					found = append(found, *m)
				}
			}
			if st.TouchesRows() && !st.Guards() {
				return found, i + 1, nil
			}
		}
	}
	return found, len(files), nil
}
