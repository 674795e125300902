package builtin

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"bloom/catalog"
)

// Set finds objects by name.
type Set struct {
	text    string
	version int
	schemas map[string]string // of extensions

	types      table[Type]
	functions  table[Function]
	operators  table[Operator]
	casts      table[Cast]
	collations table[Collation]
	opclasses  table[Opclass]
	relations  table[Relation]
	rangesOnce sync.Once
	ranges     []*Range
}

// Pg is the name of an object of pg_catalog.
func Pg(name string) catalog.QName { return catalog.QName{Schema: "pg_catalog", Name: name} }

// table is what has been decoded of one kind so far.
type table[T any] struct {
	mu   sync.RWMutex
	rows map[string][]*T
}

// find returns the rows of a kind with the given name, in the order of the text. Where majors
// disagree about an object, rows that same calls alike, the newest wins: the text has the older ones first.
func find[T any](s *Set, t *table[T], kind, name string, decode func(*row) *T, same func(a, b *T) bool) []*T {
	t.mu.RLock()
	found, ok := t.rows[name]
	t.mu.RUnlock()
	if ok {
		return found
	}
	for line := range lines(s.text, kind+"\t"+name+"\t") {
		r := &row{set: s, rest: line}
		if !holds(r.next(), s.version) {
			continue
		}
		o := decode(r)
		if i := slices.IndexFunc(found, func(older *T) bool { return same(o, older) }); i >= 0 {
			found[i] = o
		} else {
			found = append(found, o)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows == nil {
		t.rows = map[string][]*T{}
	}
	if kept, ok := t.rows[name]; ok { // somebody else was faster
		return kept
	}
	t.rows[name] = found
	return found
}

// lines yields the remainders of the lines that start with the prefix. The text is sorted.
func lines(text, prefix string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for at := search(text, prefix); strings.HasPrefix(text[at:], prefix); {
			line, _, _ := strings.Cut(text[at:], "\n")
			if !yield(line[len(prefix):]) {
				return
			}
			at += len(line) + 1
			if at >= len(text) {
				return
			}
		}
	}
}

// search returns the offset of the first line that is not less than the prefix.
func search(text, prefix string) int {
	low, high := 0, len(text) // both at the start of a line
	for low < high {
		middle := low + (high-low)/2
		start := strings.LastIndexByte(text[low:middle], '\n') + 1 + low
		if text[start:min(len(text), start+len(prefix))] < prefix {
			end := strings.IndexByte(text[start:], '\n')
			low = start + end + 1
		} else {
			high = start
		}
	}
	return low
}

// holds reports whether a row holds for the major: versions is "" for all, or as "16-", "-17", "16-17".
func holds(versions string, version int) bool {
	if versions == "" || version == 0 {
		return true
	}
	since, until, _ := strings.Cut(versions, "-")
	from, _ := strconv.Atoi(since)
	to, err := strconv.Atoi(until)
	return version >= from && (err != nil || version <= to)
}

// row gives the fields of a line one after the other; those missing at its end are empty.
type row struct {
	set  *Set
	rest string
}

func (r *row) next() string {
	var field string
	field, r.rest, _ = strings.Cut(r.rest, "\t")
	return field
}

func (r *row) flag() bool { return r.next() == "t" }

// byte is a field of one character, such as pg_type.typtype; 0 if it is empty.
func (r *row) byte() byte {
	if f := r.next(); f != "" {
		return f[0]
	}
	return 0
}

// number is a field with a number; missing if it is empty.
func (r *row) number(missing int) int {
	if n, err := strconv.Atoi(r.next()); err == nil {
		return n
	}
	return missing
}

func (r *row) name() catalog.QName { return r.set.name(r.next()) }

func (r *row) names() []catalog.QName {
	field := r.next()
	if field == "" {
		return nil
	}
	names := make([]catalog.QName, 0, strings.Count(field, ",")+1)
	for name := range strings.SplitSeq(field, ",") {
		names = append(names, r.set.name(name))
	}
	return names
}

// in is the object's own name, its schema being the next field.
func (r *row) in(name string) catalog.QName {
	return catalog.QName{Schema: r.set.schema(r.next()), Name: name}
}

// name reads a name as the text has it: pg_catalog is left out.
func (s *Set) name(text string) catalog.QName {
	if text == "" {
		return catalog.QName{}
	}
	schema, name, ok := strings.Cut(text, ".")
	if !ok {
		return catalog.QName{Schema: "pg_catalog", Name: text}
	}
	return catalog.QName{Schema: s.schema(schema), Name: name}
}

// schema reads a schema as the text has it: the one an extension was put into is written ":extension".
func (s *Set) schema(text string) string {
	if text == "" {
		return "pg_catalog"
	}
	if extension, ok := strings.CutPrefix(text, ":"); ok {
		if schema, ok := s.schemas[extension]; ok {
			return schema
		}
		return "public"
	}
	return text
}
