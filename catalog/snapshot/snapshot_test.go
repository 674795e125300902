package snapshot

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/supabase/server/servertest"
)

// TestKinds fails for a kind that cannot be read back.
func TestKinds(t *testing.T) {
	for _, k := range catalog.Kinds() {
		if types[k] == nil {
			t.Errorf("no type for %s", k)
			continue
		}
		if got := reflect.Zero(types[k]).Interface().(catalog.Object).ID().Kind; got != k {
			t.Errorf("the type for %s is that of %s", k, got)
		}
	}
}

// fill sets every field of a value to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).Type() != posType {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("a \"<b>\"\n\u2028é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.1)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	}
}

// TestEveryField reads back objects in which every field is set. Options have no
// name of a secret here.
func TestEveryField(t *testing.T) {
	for k, typ := range types {
		v := reflect.New(typ).Elem()
		fill(v)
		o := v.Interface().(catalog.Object)
		e := &encoder{}
		e.value(v)
		got, err := decode(k, e.b.Bytes())
		if err != nil || e.err != nil {
			t.Fatal(k, err, e.err, e.b.String())
		}
		if d := cmp.Diff(o, got); d != "" {
			t.Errorf("%s (-written +read):\n%s", k, d)
		}
	}
}

func TestConceal(t *testing.T) {
	c := catalog.New()
	c.Put(catalog.UserMapping{Server: "s", User: "u", Options: []string{"passphrase=hunter1", "user=hunter2"}})
	c.Put(catalog.Server{Name: "s", Options: []string{"api_key=hunter3", "host=db", "password_required=false"}})
	c.Put(catalog.Role{Name: "r", Config: []string{"app.jwt_secret=hunter4", "search_path=x"}})
	var b bytes.Buffer
	if err := Write(&b, &Snapshot{Catalog: c}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter") {
		t.Errorf("a secret was written:\n%s", b.String())
	}
	for _, want := range []string{"host=db", "password_required=false", "search_path=x"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s was not written", want)
		}
	}
	read, err := Read("x", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	Conceal(c)
	if changes := differ.NewMemo(nil).Diff(read.Catalog, c); len(changes) > 0 {
		t.Errorf("a concealed state differs from its snapshot: %v", changes)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no JSON", "{", "is no snapshot"},
		{"other JSON", `{"a": 1}`, "bloom snapshot > FILE"},
		{"newer", `{"bloom_snapshot": 99}`, "has format 99"},
		{"unknown field", `{"bloom_snapshot": 1, "more": 1}`, "unknown field"},
		{"unknown kind", `{"bloom_snapshot": 1, "objects": [{"kind": "wish", "object": {}}]}`, `no kind is named "wish"`},
		{"unknown field of an object", `{"bloom_snapshot": 1, "objects": [{"kind": "schema", "object": {"Colour": 1}}]}`, "unknown field"},
		{"twice", `{"bloom_snapshot": 1, "objects": [{"kind": "schema", "object": {"Name": "a"}}, {"kind": "schema", "object": {"Name": "a"}}]}`, "declared twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read("f.json", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestServer writes databases with all kinds of objects and reads them back.
func TestServer(t *testing.T) {
	files, err := filepath.Glob("../introspect/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no schemas to test with", err)
	}
	s := servertest.Start(t, 17)
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(f)
			if err != nil {
				t.Fatal(err)
			}
			url := s.Database(t)
			for _, part := range ar.Files {
				switch part.Name {
				case "sql":
					servertest.Exec(t, url, string(part.Data))
				case "cleanup":
					t.Cleanup(func() { servertest.Exec(t, url, string(part.Data)) })
				}
			}
			c, err := introspect.Database(t.Context(), servertest.Connect(t, url), introspect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			sameAfterReading(t, c)
		})
	}
}

func sameAfterReading(t *testing.T, c *catalog.Catalog) {
	t.Helper()
	var first, second bytes.Buffer
	if err := Write(&first, &Snapshot{Catalog: c, Applied: []string{"1"}, Sizes: true}); err != nil {
		t.Fatal(err)
	}
	read, err := Read("x", first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	read.Sizes = true
	if err := Write(&second, read); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.String(), second.String()); d != "" {
		t.Errorf("written again (-first +second):\n%s", d)
	}
	Conceal(c)
	for _, ch := range differ.NewMemo(nil).Diff(c, read.Catalog) {
		t.Errorf("%s %s %v", ch.Op, ch.ID(), ch.Fields)
	}
	for id := range c.All() {
		if d := cmp.Diff(c.Deps(id), read.Catalog.Deps(id)); d != "" {
			t.Errorf("%s needs (-live +read):\n%s", id, d)
		}
	}
}
