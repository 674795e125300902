package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// printResult prints rows as psql does with its default settings, and what the
// server says was done where there are none.
func printResult(w io.Writer, r *pgconn.Result) error {
	if len(r.FieldDescriptions) == 0 && !strings.HasPrefix(r.CommandTag.String(), "SELECT") {
		if tag := r.CommandTag.String(); tag != "" {
			_, err := fmt.Fprintln(w, tag)
			return err
		}
		return nil
	}
	t := newTable(r)
	var b strings.Builder
	t.header(&b)
	for _, row := range t.rows {
		t.row(&b, row)
	}
	if n := len(r.Rows); n == 1 {
		b.WriteString("(1 row)\n\n")
	} else {
		fmt.Fprintf(&b, "(%d rows)\n\n", n)
	}
	if tag := r.CommandTag; !tag.Select() && (tag.Insert() || tag.Update() || tag.Delete()) { // RETURNING
		b.WriteString(tag.String() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// query runs SQL, one or more statements, and reads all results. Unlike those of
// pgconn's ReadAll, results without rows have their columns, too.
func query(ctx context.Context, conn *pgconn.PgConn, sql string) ([]*pgconn.Result, error) {
	var results []*pgconn.Result
	reader := conn.Exec(ctx, sql)
	for reader.NextResult() {
		rows := reader.ResultReader()
		fields := slices.Clone(rows.FieldDescriptions())
		result := rows.Read()
		if result.Err == nil {
			result.FieldDescriptions = fields
			results = append(results, result)
		}
	}
	return results, reader.Close()
}

// table is a result cut into the lines of its cells.
type table struct {
	names  [][]string
	rows   [][][]string // row, column, line
	widths []int
	right  []bool
}

func newTable(r *pgconn.Result) *table {
	t := &table{widths: make([]int, len(r.FieldDescriptions))}
	for i, f := range r.FieldDescriptions {
		t.names = append(t.names, cellLines([]byte(f.Name)))
		t.right = append(t.right, isNumeric(f.DataTypeOID))
		t.widen(i, t.names[i])
	}
	for _, values := range r.Rows {
		row := make([][]string, len(values))
		for i, value := range values {
			row[i] = cellLines(value)
			t.widen(i, row[i])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (t *table) widen(column int, lines []string) {
	for _, line := range lines {
		t.widths[column] = max(t.widths[column], displayWidth(line))
	}
}

// isNumeric says whether psql aligns a type to the right.
func isNumeric(oid uint32) bool {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID,
		pgtype.OIDOID, pgtype.XIDOID, pgtype.XID8OID, pgtype.CIDOID, 790: // 790: money
		return true
	}
	return false
}

// cellLines takes a value apart at its line ends; what would move the cursor is
// written as an escape.
func cellLines(value []byte) []string {
	lines := strings.Split(string(value), "\n")
	for i, line := range lines {
		var b strings.Builder
		for _, r := range line {
			switch {
			case r == '\r':
				b.WriteString(`\r`)
			case r == '\t':
				b.WriteString(strings.Repeat(" ", 8-displayWidth(b.String())%8))
			case r < ' ' || r == 0x7f:
				fmt.Fprintf(&b, `\x%02X`, r)
			default:
				b.WriteRune(r)
			}
		}
		lines[i] = b.String()
	}
	return lines
}

// displayWidth is how many columns of a terminal a text takes.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case norm.NFD.PropertiesString(string(r)).CCC() != 0 || r == 0x200b || r == 0x200d || r >= 0xfe00 && r <= 0xfe0f:
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	kind := width.LookupRune(r).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}

func (t *table) header(b *strings.Builder) {
	if len(t.widths) == 0 {
		b.WriteString("--\n")
		return
	}
	height := 1
	for _, lines := range t.names {
		height = max(height, len(lines))
	}
	for n := range height {
		for i, lines := range t.names {
			if i > 0 {
				b.WriteByte('|')
			}
			text, end := "", " "
			if n < len(lines) {
				text = lines[n]
			}
			if n+1 < len(lines) {
				end = "+"
			}
			space := t.widths[i] - displayWidth(text)
			b.WriteString(" " + strings.Repeat(" ", space/2) + text + strings.Repeat(" ", space-space/2) + end)
		}
		b.WriteByte('\n')
	}
	for i, width := range t.widths {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(strings.Repeat("-", width+2))
	}
	b.WriteByte('\n')
}

// row prints a row. The mark + says that a value goes on in the next line; only
// the last column is without blanks at its end.
func (t *table) row(b *strings.Builder, cells [][]string) {
	height := 1
	for _, lines := range cells {
		height = max(height, len(lines))
	}
	if len(cells) == 0 {
		return
	}
	for n := range height {
		for i, lines := range cells {
			if i > 0 {
				b.WriteByte('|')
			}
			text := ""
			if n < len(lines) {
				text = lines[n]
			}
			last, more := i == len(cells)-1, n+1 < len(lines)
			blanks := strings.Repeat(" ", t.widths[i]-displayWidth(text))
			switch {
			case t.right[i]:
				b.WriteString(" " + blanks + text)
			case last && !more:
				b.WriteString(" " + text)
			default:
				b.WriteString(" " + text + blanks)
			}
			switch {
			case more:
				b.WriteByte('+')
			case !last:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
}
