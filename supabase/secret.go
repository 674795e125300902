package supabase

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// Secret is an entry of [db.vault]: what the database's vault is to hold under a name.
type Secret struct {
	Name  string
	Value string // empty: Why says why
	Why   string // the entry has no value that could be stored
}

// secrets reads a table of names and values. What names no value here, as its
// variable is set on other machines only, is kept, but not stored.
func (r *reader) secrets(key string) []Secret {
	values := map[string]any{}
	for _, d := range []document{r.file, r.over} {
		v, ok := d.lookup(key)
		if !ok {
			continue
		}
		table, ok := v.(map[string]any)
		if !ok {
			r.fail(key, "a table of names and secrets", "something else")
			return nil
		}
		maps.Copy(values, table)
	}
	var out []Secret
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := substitute(values[name])
		if set := os.Getenv("SUPABASE_DB_VAULT_" + strings.ToUpper(name)); set != "" {
			v = set
		}
		value, ok := v.(string)
		if !ok {
			r.fail(key+"."+name, "a string", "something else") // the value is not for messages
			continue
		}
		out = append(out, newSecret(name, value))
	}
	return out
}

func newSecret(name, value string) Secret {
	switch call := envCall.FindStringSubmatch(value); {
	case call != nil:
		return Secret{Name: name, Why: "environment variable is unset: " + call[1]}
	case strings.HasPrefix(value, "encrypted:"):
		return Secret{Name: name, Why: "it is encrypted, which bloom cannot undo; env(NAME) takes it from the environment"}
	case value == "":
		return Secret{Name: name, Why: "it is empty"}
	}
	return Secret{Name: name, Value: value}
}
