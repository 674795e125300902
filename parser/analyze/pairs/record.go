package main

import (
	"bufio"
	"encoding/json"
	"os"
	"reflect"

	"bloom/catalog"
)

// record writes the catalog at the end and all pairs, a JSON object per line.
func (c *collector) record(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"version": c.last.Version}); err != nil {
		return err
	}
	for _, o := range c.last.All() {
		if !needed(o) {
			continue
		}
		if err := enc.Encode(map[string]any{"kind": kindName(o), "object": compact(o)}); err != nil {
			return err
		}
	}
	for _, p := range c.pairs {
		line := map[string]any{"kind": kindName(p.object), "object": compact(p.object), "field": p.path, "source": p.source, "path": p.searchPath, "server": p.server}
		if len(p.columns) > 0 && p.path == "Query" {
			line["columns"] = p.columns
		}
		if ms := mutantSources(p.mutants); len(ms) > 0 {
			line["mutants"] = ms
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

func mutantSources(ms []mutant) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.source)
	}
	return out
}

// needed reports whether analysis looks at the object.
func needed(o catalog.Object) bool {
	switch o.(type) {
	case catalog.Schema, catalog.Table, catalog.Column, catalog.View, catalog.Sequence, catalog.Enum, catalog.Composite, catalog.Domain,
		catalog.Range, catalog.BaseType, catalog.Routine, catalog.Aggregate, catalog.Operator, catalog.Cast, catalog.Collation, catalog.Extension:
		return true
	}
	return false
}

func kindName(o catalog.Object) string { return reflect.TypeOf(o).Name() }

// compact leaves out what is zero.
func compact(v any) any {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Struct:
		m := map[string]any{}
		for i := range r.NumField() {
			if !r.Field(i).IsZero() {
				m[r.Type().Field(i).Name] = compact(r.Field(i).Interface())
			}
		}
		return m
	case reflect.Slice:
		s := make([]any, r.Len())
		for i := range s {
			s[i] = compact(r.Index(i).Interface())
		}
		return s
	}
	return v
}
