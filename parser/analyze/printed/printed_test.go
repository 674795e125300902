package printed

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// parse is what Expr has to give: the tree of pg_query, its locations counted from the start of the text.
func parse(text string) *pg.Node {
	const before = "SELECT ("
	r, err := pg.Parse(before + text + "\n)")
	if err != nil || len(r.Stmts) != 1 {
		return nil
	}
	l := r.Stmts[0].Stmt.GetSelectStmt().GetTargetList()
	if len(l) != 1 {
		return nil
	}
	n := l[0].GetResTarget().GetVal()
	if n != nil {
		shift(n.ProtoReflect(), int64(len(before)))
	}
	return n
}

func shift(m protoreflect.Message, by int64) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Name() == "location":
			if v.Int() > 0 {
				m.Set(fd, protoreflect.ValueOfInt32(int32(v.Int()-by)))
			}
		case fd.Message() == nil:
		case fd.IsList():
			for i := range v.List().Len() {
				shift(v.List().Get(i).Message(), by)
			}
		default:
			shift(v.Message(), by)
		}
		return true
	})
}

// compare reports whether the text was read, and fails if pg_query reads it otherwise.
func compare(t testing.TB, text string) bool {
	t.Helper()
	got := Expr(text)
	if got == nil {
		return false
	}
	want := parse(text)
	if want == nil {
		t.Errorf("%q is read, but pg_query refuses it", text)
	} else if !proto.Equal(got, want) {
		t.Errorf("%q\nread     %s\npg_query %s", text, prototext.Format(got), prototext.Format(want))
	}
	return true
}

// recorded are the texts that servers printed for the expressions of ../testdata, the expressions themselves, and mutants of them.
func recorded(t testing.TB) (printed, written []string) {
	t.Helper()
	files, _ := filepath.Glob("../testdata/pairs-*.jsonl")
	if len(files) == 0 {
		t.Fatal("no recorded pairs")
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var r struct {
				Field, Source, Server string
				Mutants               []string
			}
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Field == "" || r.Field == "Query" || r.Field == "Definition" || r.Field == "SQLBody" {
				continue
			}
			printed, written = append(printed, r.Server), append(append(written, r.Source), r.Mutants...)
		}
	}
	return printed, written
}

// TestRecorded demands the trees of pg_query for all that is recorded, and that most of what servers print is read.
func TestRecorded(t *testing.T) {
	printed, written := recorded(t)
	read := 0
	for _, text := range printed {
		if compare(t, text) {
			read++
		} else if testing.Verbose() {
			t.Logf("not read: %s", text)
		}
	}
	for _, text := range written {
		compare(t, text)
	}
	t.Logf("%d of %d texts of servers are read", read, len(printed))
	if read < len(printed)*8/10 {
		t.Errorf("only %d of %d texts of servers are read", read, len(printed))
	}
}

// TestWords has every key word of pg_query's grammar in all places where words can stand.
func TestWords(t *testing.T) {
	places := []string{
		"%", "(%)", "%(1)", "(%(a, b) = 1)", "(a = %)", "(% = a)", "(a % b)", "(a % (b))", "(% a)", "(% (a))", "a.%", "%.a", "a.b.%", "%.f(1)", "a.%(1)",
		"'x'::%", "'x'::%(1)", "'x'::%[]", "'x'::% varying(3)", "'x'::% precision", "'x'::% with time zone", "'x'::%.t", "'x'::t.%", "f(%)", "f(1) %", "f(%, 1)",
		"ARRAY[%]", "% ARRAY[1]", "% [1]", "%[1]", "% 'x'", "%'x'", "% 1", "CASE % WHEN 1 THEN 2 END", "CASE WHEN % THEN % ELSE % END",
		"( SELECT 1 AS %)", "( SELECT 1 %)", "( SELECT % FROM a)", "( SELECT 1 FROM %)", "( SELECT 1 FROM a %)", "( SELECT 1 FROM a.%)", "( SELECT 1 FROM %.a)",
		"( SELECT 1 FROM a % WHERE (b = 1))", "( SELECT 1 FROM a WHERE %)", "( SELECT 1 FROM (a % b ON (c)))", "( SELECT 1 FROM (a % JOIN b ON (c)))",
		"( SELECT %(1) AS b)", "( % SELECT 1)", "( SELECT % 1)", "(a IS %)", "(a IS NOT %)", "(a = % (b))", "(a = % ( SELECT 1))", "(a COLLATE %)", "(a COLLATE b.%)",
		"(a OPERATOR(%.=) b)", "(a OPERATOR(b.%) c)", "(a AND %)", "(NOT %)", "(- %)", "% AND a", "%::text", "(a AT TIME ZONE %)", "(a IN (%))",
	}
	words := 0
	for _, word := range pg.Token_name {
		word = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(word), "_p"), "_la")
		if !isASCII(word) || strings.HasPrefix(word, "ascii_") {
			continue
		}
		words++
		for _, place := range places {
			compare(t, strings.ReplaceAll(place, "%", word))
		}
	}
	if words < 480 {
		t.Errorf("only %d words", words)
	}
}

// TestRead has what is read and what is not, so that a reader that gives up on everything is not right.
func TestRead(t *testing.T) {
	for text, want := range map[string]bool{
		"(owner = ( SELECT auth.uid() AS uid))": true, "( SELECT auth.uid() AS uid)": true, "(( SELECT 1))": true, "((( SELECT 1)) = 1)": true,
		"((a AND b) AND c)": true, "(a AND (b AND c))": true, "(a AND b OR c)": false, "a = b AND c": false, "(a = b = c)": false, "(- 1)": true, "(- 1)::text": true,
		"(- 1::numeric)": true, "(- a + b)": false, "(NOT a IS NULL)": false, "(a IS NULL)": true, "2147483648": true, "(- 2147483648)": true, "1e5": false, "1.50": true, "0x1F": false,
		`E'a\\b'`: true, `E'a\nb'`: false, "E'it''s'": true, "'it''s'": true, "'a' 'b'": false, "'a'\n'b'": false, "U&'x'": false, "B'1'": false, "$1": false, "$$a$$": false,
		"(a -- b\n= c)": false, "(a /* b */ = c)": false, "(a @-@ b)": true, "(a =- b)": false, "(a != b)": true, `("Über"."Name" = 1)`: true, "(über = 1)": true, "(ÜBER = 1)": false,
		"A.B": true, "a.*": false, "f(a.*)": false, "count(*)": true, "count(DISTINCT a)": false, "f(a) FILTER (WHERE b)": false, "f(VARIADIC a)": false,
		"('x'::character varying(20))::text": true, "'x'::\"char\"": true, "'1 day'::interval day": false, "'{}'::text[]": true, "'{}'::integer[][]": true, "a[1]": true, "(a)[1][2]": true, "a[1:2]": false,
		"(a ~~ ANY (ARRAY['x'::text]))": true, "(a = ANY ( SELECT 1))": true, "(a = ANY (( SELECT 1)))": false, "(a = ANY ((( SELECT 1))::integer[]))": true,
		"a, b": false, "a) = (b": false, "": false, ";": false, "a;": false, "(a": false, strings.Repeat("(", 99) + "a" + strings.Repeat(")", 99): true,
		strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101): false, strings.Repeat("a", 63): true, strings.Repeat("a", 64): false, "\xff": false, "'\xff'": false, "'\x00'": false,
		"CASE WHEN (a > 1) THEN 'x'::text ELSE NULL::text END": true, "CASE a WHEN 1 THEN 2 END": true, "CASE END": false, "COALESCE()": false, "ROW()": true, "NULLIF(a, b)": true, "NULLIF(a)": false,
		"(EXISTS ( SELECT 1\n   FROM (public.a a_1\n     LEFT JOIN b ON ((a_1.id = b.id)))\n  WHERE (b.c = 1)))": true, "( SELECT 1 UNION SELECT 2)": false, "( SELECT a.b, c FROM d, e)": true,
		"( SELECT DISTINCT a)": false, "( SELECT a ORDER BY b)": false, "( SELECT 1 FROM ONLY a)": false, "((a)::timestamp with time zone AT TIME ZONE 'utc'::text)": true,
	} {
		if got := compare(t, text); got != want {
			t.Errorf("%q: read %t", text, got)
		}
	}
}

// TestMutants changes recorded texts: parts of one take the place of parts of another, come twice, change places, fall away.
func TestMutants(t *testing.T) {
	printed, written := recorded(t)
	var parts []string
	var texts [][]string
	for _, text := range append(printed, written...) {
		r := &reader{text: text}
		if !r.scan() {
			continue
		}
		var ps []string
		for i, tok := range r.tokens[:len(r.tokens)-1] {
			ps = append(ps, text[tok.at:r.tokens[i+1].at])
		}
		texts, parts = append(texts, ps), append(parts, ps...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 40_000 {
		text := slices.Clone(texts[random.IntN(len(texts))])
		for range 1 + random.IntN(2) {
			i, j := random.IntN(len(text)), random.IntN(len(text))
			switch random.IntN(5) {
			case 0:
				text[i] = ""
			case 1:
				text[i] = parts[random.IntN(len(parts))]
			case 2:
				text[i], text[j] = text[j], text[i]
			case 3:
				text[i] += " " + parts[random.IntN(len(parts))]
			default:
				text[i] += text[j]
			}
		}
		if compare(t, strings.Join(text, "")) {
			read++
		}
	}
	t.Logf("%d mutants are read", read)
	if read < 5000 {
		t.Errorf("only %d mutants are read", read)
	}
}

// FuzzExpr: whatever is read, pg_query reads as the same tree.
func FuzzExpr(f *testing.F) {
	printed, written := recorded(f)
	for _, text := range append(printed, written...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { compare(t, text) })
}

// BenchmarkExpr is what reading takes, beside pg_query for the same texts, one by one.
func BenchmarkExpr(b *testing.B) {
	printed, _ := recorded(b)
	printed = slices.DeleteFunc(printed, func(text string) bool { return Expr(text) == nil })
	read := func(name string, f func(string)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for _, text := range printed {
					f(text)
				}
				n += len(printed)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(n), "µs/expression")
		})
	}
	read("read", func(text string) { Expr(text) })
	read("pg_query", func(text string) { parse(text) })
}
