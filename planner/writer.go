package planner

import (
	"fmt"
	"strings"

	"bloom/catalog"
)

// defaultPath is the search_path that a migration is taken to run under.
const defaultPath = `"$user", public, extensions`

// fragment is SQL text with the search_path that names in it are read under;
// no path means that any will do.
type fragment struct{ text, path string }

// What may stand for a ? in sql. A plain string may not: each text says what it
// is, and so gets its quotes.
type (
	ident   string // one name
	literal string // an SQL string constant
	raw     string // key words and punctuation, or SQL that is complete
)

// sql composes SQL: each ? in format is replaced by an argument, quoted by its type.
func sql(format string, args ...any) fragment {
	var b strings.Builder
	var path string
	for {
		i := strings.IndexByte(format, '?')
		if i < 0 {
			break
		}
		b.WriteString(format[:i])
		format = format[i+1:]
		if len(args) == 0 {
			panic("planner: more marks than arguments")
		}
		f := write(args[0])
		args = args[1:]
		b.WriteString(f.text)
		path = mergePaths(path, f.path)
	}
	if len(args) > 0 {
		panic("planner: more arguments than marks")
	}
	b.WriteString(format)
	return fragment{b.String(), path}
}

func write(arg any) fragment {
	switch a := arg.(type) {
	case ident:
		return fragment{text: catalog.Quote(string(a))}
	case literal:
		return fragment{text: catalog.QuoteLiteral(string(a))}
	case raw:
		return fragment{text: string(a)}
	case int, int64, float64:
		return fragment{text: strings.TrimSuffix(fmt.Sprint(a), ".0")}
	case catalog.QName:
		return fragment{text: a.SQL()}
	case catalog.Type:
		return fragment{text: string(a)}
	case catalog.Expr:
		return fragment{a.Text, neededPath(a.Path)}
	case catalog.ColumnRef:
		return sql("?.?", catalog.QName{Schema: a.Schema, Name: a.Table}, ident(a.Column))
	case fragment:
		return a
	}
	panic(fmt.Sprintf("planner: %T cannot be written as SQL", arg))
}

// join writes fragments with sep between them.
func join(parts []fragment, sep string) fragment {
	var out fragment
	for i, p := range parts {
		if i > 0 {
			out.text += sep
		}
		out.text += p.text
		out.path = mergePaths(out.path, p.path)
	}
	return out
}

// words joins what is not empty with blanks.
func words(parts ...fragment) fragment {
	var some []fragment
	for _, p := range parts {
		if p.text != "" {
			some = append(some, p)
		}
	}
	return join(some, " ")
}

func each[T any](list []T, f func(T) fragment) []fragment {
	out := make([]fragment, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// names writes quoted names, ", " between them.
func names(list []string) fragment {
	return join(each(list, func(s string) fragment { return sql("?", ident(s)) }), ", ")
}

// roles writes role names; everybody is a key word.
func roles(list []string) fragment { return join(each(list, role), ", ") }

func role(name string) fragment {
	if name == catalog.Public {
		return fragment{text: "PUBLIC"}
	}
	return sql("?", ident(name))
}

func key(when bool, text string) fragment {
	if !when {
		return fragment{}
	}
	return fragment{text: text}
}

// options writes "name=value" settings as a list in parentheses, as WITH and SET take it.
func options(list []string) fragment {
	return sql("(?)", join(each(list, func(o string) fragment {
		name, value, ok := strings.Cut(o, "=")
		if !ok {
			return optionName(name)
		}
		return sql("? = ?", optionName(name), optionValue(value))
	}), ", "))
}

// foreignOptions writes "name=value" settings as OPTIONS takes them.
func foreignOptions(list []string) fragment {
	return sql("(?)", join(each(list, func(o string) fragment {
		name, value, _ := strings.Cut(o, "=")
		return sql("? ?", ident(name), literal(value))
	}), ", "))
}

// optionName writes the name of a storage parameter, which may have a namespace: toast.autovacuum_enabled.
func optionName(name string) fragment {
	if space, rest, ok := strings.Cut(name, "."); ok {
		return sql("?.?", ident(space), ident(rest))
	}
	return sql("?", ident(name))
}

func optionValue(value string) fragment {
	plain := value != ""
	for _, c := range value {
		plain = plain && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.')
	}
	if plain && (value[0] > '9' || strings.Trim(value, "0123456789.") == "") {
		return fragment{text: value}
	}
	return sql("?", literal(value))
}

// optionNames writes the names of settings, as RESET takes them.
func optionNames(list []string) fragment {
	return sql("(?)", join(each(list, func(o string) fragment {
		name, _, _ := strings.Cut(o, "=")
		return optionName(name)
	}), ", "))
}

// body writes text between dollar quotes that do not occur in it.
func body(text string) fragment {
	tag := "$$"
	for i := 0; strings.Contains(text+"$", tag) || i == 0 && strings.HasSuffix(text, "$"); i++ {
		tag = "$function" + strings.Repeat("_", i) + "$"
	}
	return fragment{text: tag + text + tag}
}

func neededPath(path string) string {
	if path == defaultPath {
		return ""
	}
	return path
}

// mergePaths gives the path that serves two texts: both, one after the other, if
// they differ.
func mergePaths(a, b string) string {
	if a == "" || a == b {
		return b
	}
	if b == "" {
		return a
	}
	have := catalog.SplitNames(a)
	for _, n := range catalog.SplitNames(b) {
		seen := false
		for _, h := range have {
			seen = seen || h == n
		}
		if !seen {
			have = append(have, n)
		}
	}
	return catalog.JoinNames(have)
}

// changedOptions compares two lists of "name=value": what to set and which names to reset.
func changedOptions(current, want []string) (set, reset []string) {
	have := map[string]bool{}
	keep := map[string]bool{}
	for _, o := range current {
		have[o] = true
	}
	for _, o := range want {
		name, _, _ := strings.Cut(o, "=")
		keep[name] = true
		if !have[o] {
			set = append(set, o)
		}
	}
	for _, o := range current {
		name, _, _ := strings.Cut(o, "=")
		if !keep[name] {
			reset = append(reset, name)
		}
	}
	return set, reset
}

// changedForeignOptions writes the ADD, SET and DROP list that brings options from current to want.
func changedForeignOptions(current, want []string) fragment {
	old := map[string]string{}
	for _, o := range current {
		name, value, _ := strings.Cut(o, "=")
		old[name] = value
	}
	var parts []fragment
	keep := map[string]bool{}
	for _, o := range want {
		name, value, _ := strings.Cut(o, "=")
		keep[name] = true
		switch was, ok := old[name]; {
		case !ok:
			parts = append(parts, sql("ADD ? ?", ident(name), literal(value)))
		case was != value:
			parts = append(parts, sql("SET ? ?", ident(name), literal(value)))
		}
	}
	for _, o := range current {
		if name, _, _ := strings.Cut(o, "="); !keep[name] {
			parts = append(parts, sql("DROP ?", ident(name)))
		}
	}
	return sql("OPTIONS (?)", join(parts, ", "))
}
