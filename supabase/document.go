package supabase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// document is a TOML file: tables in tables.
type document map[string]any

// readDocument gives an empty document for a missing file.
func readDocument(path string) (document, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d document
	if _, err := toml.Decode(string(text), &d); err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			return nil, fmt.Errorf("line %d: %s", parse.Position.Line, parse.Message)
		}
		return nil, err
	}
	return d, nil
}

// lookup follows a dotted key.
func (d document) lookup(key string) (any, bool) {
	var at any = map[string]any(d)
	for _, part := range strings.Split(key, ".") {
		table, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = table[part]; !ok {
			return nil, false
		}
	}
	return at, true
}

// reader takes single values out of a document. What says it first wins: the
// environment (SUPABASE_DB_PORT for db.port), the override block, the file,
// the default. The first wrong value is kept in err.
type reader struct {
	over, file document // over may be nil
	err        error
}

func (r *reader) find(key string) (any, bool) {
	if v := r.env(key); v != "" {
		return v, true
	}
	if v, ok := r.over.lookup(key); ok {
		return substitute(v), true
	}
	v, ok := r.file.lookup(key)
	return substitute(v), ok
}

func (r *reader) env(key string) string {
	return os.Getenv("SUPABASE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_")))
}

func (r *reader) fail(key, must string, v any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: must be %s, is %#v", key, must, v)
	}
}

func (r *reader) text(key, otherwise string) string {
	v, ok := r.find(key)
	if !ok {
		return otherwise
	}
	s, ok := v.(string)
	if !ok {
		r.fail(key, "a string", v)
	}
	return s
}

func (r *reader) number(key string, otherwise int) int {
	v, ok := r.find(key)
	if !ok {
		return otherwise
	}
	switch v := v.(type) {
	case int64:
		return int(v)
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	r.fail(key, "a number", v)
	return 0
}

func (r *reader) flag(key string, otherwise bool) bool {
	v, ok := r.find(key)
	if !ok {
		return otherwise
	}
	return r.toFlag(key, v)
}

func (r *reader) toFlag(key string, v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		if b, err := strconv.ParseBool(v); err == nil {
			return b
		}
	}
	r.fail(key, "true or false", v)
	return false
}

// list takes an array of strings; from the environment, values between commas.
func (r *reader) list(key string, otherwise []string) []string {
	v, ok := r.find(key)
	if !ok {
		return otherwise
	}
	var out []string
	switch v := v.(type) {
	case string:
		for _, s := range strings.Split(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
		return out
	case []any:
		for _, item := range v {
			s, ok := substitute(item).(string)
			if !ok {
				r.fail(key, "a list of strings", v)
			}
			out = append(out, s)
		}
		return out
	}
	r.fail(key, "a list of strings", v)
	return nil
}

var envCall = regexp.MustCompile(`^env\((.*)\)$`)

// substitute gives the variable's value for a text that is env(NAME) and
// nothing else. An unset variable leaves the text as it is.
func substitute(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if call := envCall.FindStringSubmatch(s); call != nil {
		if value := os.Getenv(call[1]); value != "" {
			return value
		}
	}
	return v
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
