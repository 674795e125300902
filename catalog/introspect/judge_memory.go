package introspect

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// memory is a file with what the judge called equal in earlier runs, so that
// the server is not asked twice. Only "equal" is remembered. An entry is a hash
// of both texts and of all that they can depend on: whatever changes, the entry
// is not found. The file may be deleted or damaged at any time, and several
// processes may write to it.
type memory struct {
	file    string
	known   func() *entries
	context func() []byte // hash of what all questions depend on
}

// newMemory returns the memory in folder dir for questions about some states.
// session is what else the meaning of a text depends on, see sessionOf.
func newMemory(dir, session string, states ...*catalog.Catalog) *memory {
	file := filepath.Join(dir, memoryFile)
	return &memory{
		file:  file,
		known: sync.OnceValue(func() *entries { return readEntries(file) }),
		context: sync.OnceValue(func() []byte {
			h := sha256.New()
			writeText(h, session)
			for _, state := range states {
				writeContext(h, state)
			}
			return h.Sum(nil)
		}),
	}
}

// recall answers what is remembered, asks next about the rest, and remembers
// what next calls equal.
func (m *memory) recall(questions []analyze.Question, next func([]analyze.Question) []analyze.Answer) []analyze.Answer {
	answers := make([]analyze.Answer, len(questions))
	keys := make([]entry, len(questions))
	var open []analyze.Question
	var at []int
	for i, q := range questions {
		keys[i] = m.key(q)
		if m.known().has[keys[i]] {
			answers[i].Verdict = analyze.Equal
		} else {
			open, at = append(open, q), append(at, i)
		}
	}
	if len(open) == 0 {
		return answers
	}
	var learned []entry
	for i, a := range next(open) {
		answers[at[i]] = a
		if a.Verdict == analyze.Equal {
			learned = append(learned, keys[at[i]])
		}
	}
	if len(learned) > 0 {
		m.known().add(learned)
		remember(m.file, learned)
	}
	return answers
}

// sessionOf names what the server's reading of a text depends on that is in no
// catalog: which server it is, who asks, and settings of the session.
func sessionOf(conn *pgx.Conn) string {
	config := conn.Config()
	text := fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database)
	for _, name := range []string{"server_version", "session_authorization", "TimeZone", "DateStyle", "IntervalStyle", "standard_conforming_strings", "client_encoding"} {
		text += fmt.Sprintf(" %s=%q", name, conn.PgConn().ParameterStatus(name))
	}
	return text
}

func (m *memory) key(q analyze.Question) entry {
	h := sha256.New()
	h.Write(m.context())
	writeText(h, q.Path)
	for _, o := range []catalog.Object{q.Current, q.Desired} {
		// All of the object: a view's query counts with the column names.
		writeText(h, fmt.Sprintf("%T", o))
		writeText(h, fmt.Sprintf("%#v", withoutPositions(o)))
	}
	return entry(h.Sum(nil))
}

func withoutPositions(o catalog.Object) catalog.Object {
	return catalog.WithExprs(o, func(_ string, e catalog.Expr) catalog.Expr {
		e.Pos = catalog.Pos{}
		return e
	})
}

// writeContext hashes everything in a catalog that a name in an expression can
// lead to, without the names that a comparison may change.
func writeContext(h hash.Hash, c *catalog.Catalog) {
	for ; c != nil; c = c.Base {
		writeText(h, c.Role)
		for id, o := range c.All() {
			switch o := o.(type) {
			case catalog.Column:
				writeText(h, "column", id.Schema, id.Table, id.Name, string(o.Type), o.Collation.String())
			case catalog.Table:
				writeText(h, "table", id.Schema, id.Name)
				writeText(h, o.Columns...)
			case catalog.Sequence, catalog.Schema:
				writeText(h, id.Kind.String(), id.Schema, id.Name)
			case catalog.Routine:
				writeText(h, "routine", id.Schema, id.Name, id.Args, string(o.Returns), fmt.Sprint(o.ReturnsSet, o.Procedure, o.Window))
				for _, p := range o.Params {
					writeText(h, p.Name, p.Mode, string(p.Type), p.Default.Text, p.Default.Path)
				}
			case catalog.Constraint:
				if o.Type == catalog.PrimaryKey { // GROUP BY may depend on it
					writeText(h, "key", id.Schema, id.Table)
					writeText(h, o.Columns...)
				}
			case catalog.View, catalog.Aggregate, catalog.Operator, catalog.OperatorFamily, catalog.OperatorClass, catalog.Cast, catalog.Collation,
				catalog.BaseType, catalog.Enum, catalog.Composite, catalog.Range, catalog.Domain, catalog.Extension,
				catalog.TextSearchConfiguration, catalog.TextSearchDictionary:
				writeText(h, fmt.Sprintf("%#v", withoutPositions(o)))
			}
		}
		writeText(h, "base")
	}
}

// writeText hashes texts so that different lists give different bytes.
func writeText(h hash.Hash, texts ...string) {
	var b []byte
	for _, s := range append([]string{fmt.Sprint(len(texts))}, texts...) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	h.Write(b)
}

// entry is the hash of a question.
type entry [sha256.Size]byte

// The file is a line that says what it is, the entries, oldest first, and the hash
// of all that.
const (
	memoryFile  = "equal-v1"
	memoryMagic = "bloom remembers what is equal 1\n"
	memoryLimit = 20000 // entries: 640 kB
)

type entries struct {
	list []entry
	has  map[entry]bool
}

// add appends entries; what was there already becomes the newest.
func (e *entries) add(list []entry) {
	again := map[entry]bool{}
	for _, k := range list {
		again[k] = true
	}
	kept := e.list[:0:0]
	for _, k := range e.list {
		if !again[k] {
			kept = append(kept, k)
		}
	}
	kept = append(kept, list...)
	e.list = kept[max(0, len(kept)-memoryLimit):]
	e.has = make(map[entry]bool, len(e.list))
	for _, k := range e.list {
		e.has[k] = true
	}
}

// readEntries reads the file. One that is missing, damaged or of another
// version holds nothing.
func readEntries(file string) *entries {
	e := &entries{has: map[entry]bool{}}
	data, err := os.ReadFile(file)
	if err != nil {
		return e
	}
	end := len(data) - sha256.Size
	if end < len(memoryMagic) || !bytes.HasPrefix(data, []byte(memoryMagic)) || (end-len(memoryMagic))%sha256.Size != 0 {
		return e
	}
	if sum := sha256.Sum256(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return e
	}
	for at := len(memoryMagic); at < end; at += sha256.Size {
		k := entry(data[at : at+sha256.Size])
		e.list = append(e.list, k)
		e.has[k] = true
	}
	return e
}

// remember adds entries to the file as it is now. Of two processes that do so
// at once one may lose its entries. What can't be written is not remembered.
func remember(file string, learned []entry) {
	e := readEntries(file)
	e.add(learned)
	data := []byte(memoryMagic)
	for _, k := range e.list {
		data = append(data, k[:]...)
	}
	sum := sha256.Sum256(data)
	data = append(data, sum[:]...)
	dir := filepath.Dir(file)
	if os.MkdirAll(dir, 0o755) != nil {
		return
	}
	temp, err := os.CreateTemp(dir, memoryFile+".*")
	if err != nil {
		return
	}
	_, err = temp.Write(data)
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
}
