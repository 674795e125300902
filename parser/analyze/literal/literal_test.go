package literal

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

var update = flag.Bool("update", false, "ask the servers BLOOM_TEST_15 and BLOOM_TEST_17 again what they print")

// row is a line of testdata/*.tsv: what the servers print for a text read as the type.
type row struct {
	typ, text string
	printed   [2]string // by 15 and by 17, quoted, or "error"
	unknown   bool      // the package does not say
}

func readRows(t testing.TB, path string) []row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []row
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := append(strings.Split(s.Text(), "\t"), "", "", "")
		text, err := strconv.Unquote(fields[1])
		if err != nil {
			t.Fatalf("%s: %q: %v", path, s.Text(), err)
		}
		r := row{typ: fields[0], text: text, printed: [2]string{fields[2], fields[3]}, unknown: fields[4] == "unknown"}
		if r.printed[1] == "=" {
			r.printed[1] = r.printed[0]
		}
		rows = append(rows, r)
	}
	return rows
}

func writeRows(t *testing.T, path string, rows []row) {
	t.Helper()
	var b strings.Builder
	for _, r := range rows {
		second := r.printed[1]
		if second == r.printed[0] {
			second = "="
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s", r.typ, strconv.Quote(r.text), r.printed[0], second)
		if r.unknown {
			b.WriteString("\tunknown")
		}
		b.WriteByte('\n')
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// ask returns what the server prints, quoted, or "error".
func ask(t *testing.T, conn *pgx.Conn, r row) string {
	t.Helper()
	typ := r.typ
	if typ == "char" || typ == "bit" { // keywords with another meaning
		typ = `"` + typ + `"`
	}
	var printed string
	sql := fmt.Sprintf("select format('%%s', '%s'::%s)", strings.ReplaceAll(r.text, "'", "''"), typ)
	if err := conn.QueryRow(context.Background(), sql, pgx.QueryExecModeSimpleProtocol).Scan(&printed); err != nil {
		return "error"
	}
	return strconv.Quote(printed)
}

func connect(t *testing.T, variable string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(os.Getenv(variable))
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams = map[string]string{
		"timezone": "UTC", "datestyle": "ISO,MDY", "intervalstyle": "postgres", "extra_float_digits": "1", "lc_monetary": "C",
	}
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// typeOf is the type that a name in the test data means.
func typeOf(t testing.TB, name string) Type {
	t.Helper()
	typ, ok := parseType(name)
	if !ok {
		t.Fatalf("type %s", name)
	}
	return typ
}

func parseType(name string) (Type, bool) {
	name = strings.Trim(name, `"`)
	if fields, ok := strings.CutPrefix(name, "interval"); ok {
		typmod, ok := intervalTypmod(fields)
		return Type{Name: "interval", Typmod: typmod}, ok
	}
	if element, ok := strings.CutPrefix(name, "_"); ok {
		e, ok := parseType(element)
		return Type{Name: name, Element: &e}, ok
	}
	if subtype, ok := rangeSubtypes[name]; ok {
		kind := byte('r')
		if strings.HasSuffix(name, "multirange") {
			kind = 'm'
		}
		return Type{Name: name, Kind: kind, Element: &Type{Name: subtype}}, true
	}
	return Type{Name: name}, true
}

// intervalTypmod is intervaltypmodin.
func intervalTypmod(fields string) (int32, bool) {
	precision := 0xFFFF
	if before, p, ok := strings.Cut(fields, "("); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(p, ")"))
		if err != nil || n < 0 || n > 6 {
			return 0, false
		}
		fields, precision = before, n
	}
	mask, ok := map[string]int32{
		"": allFields, "year": fieldYear, "month": fieldMonth, "day": fieldDay, "hour": fieldHour, "minute": fieldMinute, "second": fieldSecond,
		"year to month": fieldYear | fieldMonth, "day to hour": fieldDay | fieldHour, "day to minute": fieldDay | fieldHour | fieldMinute,
		"day to second": fieldDay | timeOfDay, "hour to minute": fieldHour | fieldMinute, "hour to second": timeOfDay,
		"minute to second": fieldMinute | fieldSecond,
	}[strings.TrimSpace(fields)]
	return mask<<16 | int32(precision), ok
}

// comparable strips from money what depends on the locale.
func comparable(typ, printed string) string {
	if typ == "money" {
		return strings.NewReplacer("$", "", ",", "").Replace(printed)
	}
	return printed
}

// TestCanonical demands that the canonical text is what both servers print. So two texts of a type have the
// same canonical text if and only if the servers print the same.
func TestCanonical(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.tsv")
	if len(files) < 10 {
		t.Fatalf("only %d files of test data", len(files))
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".tsv"), func(t *testing.T) {
			rows := readRows(t, path)
			if *update {
				servers := []*pgx.Conn{connect(t, "BLOOM_TEST_15"), connect(t, "BLOOM_TEST_17")}
				for i := range rows {
					r := &rows[i]
					for j, conn := range servers {
						r.printed[j] = ask(t, conn, *r)
					}
					_, ok := Canonical(typeOf(t, r.typ), r.text)
					r.unknown = !ok && r.printed != [2]string{"error", "error"}
				}
				writeRows(t, path, rows)
			}
			for _, r := range rows {
				checkRow(t, r)
			}
		})
	}
}

func checkRow(t *testing.T, r row) {
	t.Helper()
	got, ok := Canonical(typeOf(t, r.typ), r.text)
	invalid := r.printed == [2]string{"error", "error"}
	if unknown := !ok && !invalid; unknown != r.unknown {
		t.Errorf("%s %q: known is %v, the servers print %s and %s", r.typ, r.text, ok, r.printed[0], r.printed[1])
	}
	if ok && invalid {
		t.Errorf("%s %q: canonical is %q, but the servers reject it", r.typ, r.text, got)
	}
	for i, printed := range r.printed {
		want, err := strconv.Unquote(printed)
		if ok && printed != "error" && err == nil && got != comparable(r.typ, want) {
			t.Errorf("%s %q: canonical is %q, server %d prints %q", r.typ, r.text, got, []int{15, 17}[i], want)
		}
	}
	// what is canonical is so by itself
	if again, ok2 := Canonical(typeOf(t, r.typ), got); ok && (!ok2 || again != got) {
		t.Errorf("%s %q: canonical %q becomes %q, %v", r.typ, r.text, got, again, ok2)
	}
}

// TestMoment looks at texts whose value depends on when they are read.
func TestMoment(t *testing.T) {
	for _, typ := range []string{"date", "time", "timetz", "timestamp", "timestamptz"} {
		for _, text := range []string{"now", "today", "tomorrow", "yesterday", "NOW", " now ", "today 10:00", "10:00 today"} {
			if got, ok := Canonical(Type{Name: typ}, text); ok {
				t.Errorf("%s %q is %q", typ, text, got)
			}
		}
	}
	if got, ok := Canonical(typeOf(t, "tstzrange"), "[now,)"); ok {
		t.Errorf("[now,) is %q", got)
	}
}

// TestKinds looks at types that are not PostgreSQL's own.
func TestKinds(t *testing.T) {
	for _, tt := range []struct {
		name string
		typ  Type
		text string
		want string
		ok   bool
	}{
		{"enum", Type{Kind: 'e'}, " Mixed case ", " Mixed case ", true},
		{"array of enum", Type{Element: &Type{Kind: 'e'}}, "{ a ,b}", "{a,b}", true},
		{"user's range", Type{Kind: 'r', Element: &Type{Name: "time"}}, "[10:00,11:00)", "", false},
		{"composite", Type{Kind: 'c'}, "(1,2)", "", false},
		{"extension's type", Type{Kind: 'b'}, "a.b", "", false},
		{"array of an extension's type", Type{Element: &Type{}}, "{}", "{}", true},
		{"zero byte", Type{Name: "text"}, "a\x00", "", false},
		{"object name", Type{Name: "regclass"}, "pg_class", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Canonical(tt.typ, tt.text)
			if ok != tt.ok || ok && got != tt.want {
				t.Errorf("got %q, %v, want %q, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
