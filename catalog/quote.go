package catalog

import (
	"strings"
)

// reservedWords are the key words of PostgreSQL 15 to 18 that cannot stand as a
// name everywhere: quote_ident quotes them.
var reservedWords = wordSet("all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean " +
	"both case cast char character check coalesce collate collation column concurrently constraint create " +
	"cross current_catalog current_date current_role current_schema current_time current_timestamp " +
	"current_user dec decimal default deferrable desc distinct do else end except exists extract false " +
	"fetch float for foreign freeze from full grant greatest group grouping having ilike in initially " +
	"inner inout int integer intersect interval into is isnull join json json_array json_arrayagg " +
	"json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value " +
	"lateral leading least left like limit localtime localtimestamp merge_action national natural nchar " +
	"none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay " +
	"placing position precision primary real references returning right row select session_user setof " +
	"similar smallint some substring symmetric system_user table tablesample then time timestamp to " +
	"trailing treat trim true union unique user using values varchar variadic verbose when where window " +
	"with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot " +
	"xmlserialize xmltable")

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// Quote writes a name as SQL, in double quotes where it needs them, as
// quote_ident does. Every identifier in SQL that bloom writes goes through here.
func Quote(name string) string {
	if plainName(name) && !reservedWords[name] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9' {
			continue
		}
		return false
	}
	return name != ""
}

// SQL writes the name as SQL: quoted where needed, with its schema.
func (q QName) SQL() string {
	if q.Schema == "" {
		return Quote(q.Name)
	}
	return Quote(q.Schema) + "." + Quote(q.Name)
}

// QuoteLiteral writes text as an SQL string constant.
func QuoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// SplitNames takes apart a list of names as Expr.Path and SHOW search_path have
// it: unquoted names in lower case, quoted ones as they are.
func SplitNames(list string) []string {
	var names []string
	for i := 0; i < len(list); {
		switch c := list[i]; {
		case c == ',' || c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '"':
			var b strings.Builder
			for i++; i < len(list); i++ {
				if list[i] == '"' {
					if i+1 < len(list) && list[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(list[i])
			}
			i++
			names = append(names, b.String())
		default:
			j := i
			for j < len(list) && list[j] != ',' && list[j] != ' ' {
				j++
			}
			names = append(names, strings.ToLower(list[i:j]))
			i = j
		}
	}
	return names
}

// JoinNames writes names as a list that SplitNames takes apart.
func JoinNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}
