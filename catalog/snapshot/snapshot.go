// Package snapshot writes the state of a database to a file and reads it back.
//
// The file is JSON with one object on each line, in the order of their IDs: the
// same state gives the same bytes, and what changed shows in a diff of two files.
// It holds texts as the server printed them, what stands below the project
// (catalog.Catalog.Base) and who needs what, so that a comparison with a snapshot
// comes out as one with the database. It holds no secrets; see conceal.
package snapshot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"bloom/catalog"
)

// Format is the version of the format that is written, the newest that is read.
const Format = 1

// Snapshot is a database at one moment.
type Snapshot struct {
	Catalog *catalog.Catalog
	Hosted  bool     // the platform is in the database
	Applied []string // versions of the migrations in its history
	Sizes   bool     // the sizes of relations are written too: they change with the rows
}

// header is what stands before the objects.
type header struct {
	Format        int             `json:"bloom_snapshot"`
	ServerVersion catalog.Version `json:"server_version"`
	Role          string          `json:"role"`
	Platform      bool            `json:"platform"`
	Applied       []string        `json:"applied_migrations"`
	Unmodelled    []string        `json:"unmodelled"`
}

// entry is one object as it is read.
type entry struct {
	Kind   catalog.Kind    `json:"kind"`
	Object json.RawMessage `json:"object"`
	Needs  []catalog.ID    `json:"needs"`
	Size   *catalog.Stats  `json:"size"`
}

// file is a snapshot as it is read.
type file struct {
	header
	Base    []entry `json:"base"`
	Objects []entry `json:"objects"`
}

// Write writes a snapshot.
func Write(w io.Writer, s *Snapshot) error {
	out := bufio.NewWriter(w)
	h := header{Format, s.Catalog.Version, s.Catalog.Role, s.Hosted, list(s.Applied), list(s.Catalog.Unmodelled)}
	text, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		return err
	}
	out.Write(bytes.TrimSuffix(text, []byte("\n}")))
	base := s.Catalog.Base
	if base == nil {
		base = catalog.New()
	}
	for _, part := range []struct {
		name string
		c    *catalog.Catalog
	}{{"base", base}, {"objects", s.Catalog}} {
		fmt.Fprintf(out, ",\n %q: [", part.name)
		if err := s.writeObjects(out, part.c); err != nil {
			return err
		}
		out.WriteString("\n ]")
	}
	out.WriteString("\n}\n")
	return out.Flush()
}

func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

func (s *Snapshot) writeObjects(out *bufio.Writer, c *catalog.Catalog) error {
	comma := "\n  "
	for id, o := range c.All() {
		e := &encoder{}
		e.raw(comma + `{"kind":`)
		e.value(reflect.ValueOf(id.Kind))
		e.raw(`,"object":`)
		e.value(reflect.ValueOf(conceal(o)))
		if needs := c.Deps(id); len(needs) > 0 {
			e.raw(`,"needs":`)
			e.value(reflect.ValueOf(needs))
		}
		if size, ok := c.Stats(id); ok && s.Sizes {
			e.raw(`,"size":`)
			e.value(reflect.ValueOf(size))
		}
		e.raw("}")
		if e.err != nil {
			return fmt.Errorf("%s cannot be written: %w", id, e.err)
		}
		out.Write(e.b.Bytes())
		comma = ",\n  "
	}
	return nil
}

// Is reports whether a text may be a snapshot: SQL never begins like one.
func Is(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n\ufeff"), []byte("{"))
}

// Read reads what Write wrote. name is shown in errors.
func Read(name string, text []byte) (*Snapshot, error) {
	var h struct {
		Format int `json:"bloom_snapshot"`
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("%s is no snapshot: %w", name, err)
	}
	switch {
	case h.Format == 0:
		return nil, fmt.Errorf("%s is no snapshot\nhint: bloom snapshot > FILE writes one", name)
	case h.Format > Format:
		return nil, fmt.Errorf("%s has format %d, and this bloom reads %d at most\nhint: a newer bloom wrote it", name, h.Format, Format)
	}
	var f file
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	c, base := catalog.New(), catalog.New()
	c.Version, c.Role, c.Base, c.Unmodelled = f.ServerVersion, f.Role, base, f.Unmodelled
	base.Version, base.Role = f.ServerVersion, f.Role
	if err := readObjects(base, f.Base); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if err := readObjects(c, f.Objects); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	return &Snapshot{Catalog: c, Hosted: f.Platform, Applied: f.Applied}, nil
}

func readObjects(c *catalog.Catalog, entries []entry) error {
	for _, e := range entries {
		o, err := decode(e.Kind, e.Object)
		if err != nil {
			return err
		}
		if err := c.Add(o, nil); err != nil {
			return err
		}
		for _, to := range e.Needs {
			c.Depend(o.ID(), to)
		}
		if e.Size != nil {
			c.SetStats(o.ID(), *e.Size)
		}
	}
	return nil
}
