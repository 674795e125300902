package parser

import (
	"fmt"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// skipped is statements of a kind in a file, of which one note tells.
type skipped struct{ file, command string }

// data handles statements about rows, which are none of the schema's. In a
// project's own files they are an error. Dumps and the scripts of installations
// are full of them: there they are passed over with a note.
func (in *interpreter) data(command string) error {
	if in.replay {
		return nil
	}
	if !in.o.PassOverData {
		return in.errorf(0, "%s is about rows: a declared file says what the schema is", command).
			hint("rows for development belong in supabase/seed.sql, those a release needs in a migration (bloom new NAME)")
	}
	key := skipped{in.stmt.file.name, command}
	if in.rows == nil {
		in.rows = map[skipped]int{}
	}
	in.rows[key]++
	if in.rows[key] == 1 {
		in.note("%s", in.rowsNote(key))
		in.rowNotes = append(in.rowNotes, rowNote{len(in.notes) - 1, key})
	}
	return nil
}

type rowNote struct {
	note int // index in the interpreter's notes
	key  skipped
}

// countRows says in the notes how many statements each is about.
func (in *interpreter) countRows() {
	for _, n := range in.rowNotes {
		in.notes[n.note].Msg = in.rowsNote(n.key)
	}
}

func (in *interpreter) rowsNote(key skipped) string {
	s := key.command + " is not run: it declares nothing"
	if n := in.rows[key]; n > 1 {
		s = fmt.Sprintf("%s and %d more in this file are not run: they declare nothing", key.command, n-1)
	}
	switch key.command {
	case "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY":
		s += " (rows for development belong in supabase/seed.sql, those a release needs in a migration)"
	case "SELECT", "CALL":
		s += " (what a function does when it is called belongs in a migration)"
	}
	return s
}

// cluster is CLUSTER, which sorts rows and remembers the index.
func (in *interpreter) cluster(n *pg.ClusterStmt) error {
	if n.GetRelation() == nil || n.GetIndexname() == "" {
		return in.data("CLUSTER")
	}
	id, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	index := catalog.QName{Schema: id.Schema, Name: n.GetIndexname()}
	if _, ok := in.indexes[index]; !ok {
		return in.missing(0, "index %q", index)
	}
	switch o := in.c.Get(id).(type) {
	case catalog.Table:
		o.ClusterOn = index.Name
		in.put(o)
	case catalog.View:
		o.ClusterOn = index.Name
		in.put(o)
	}
	return nil
}
