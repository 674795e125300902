package literal

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var mutants = flag.Int("mutants", 20, "how many mutants of each row of the test data to put to the servers")

// printer prints a value as the server's output function does, and null if the input function refuses it.
const printer = `create function pg_temp.print(typ text, value text) returns text language plpgsql as $$
declare printed text;
begin
	execute format('select format(''%%s'', %L::%s)', value, typ) into printed;
	return printed;
exception when others then
	return null;
end $$`

// TestMutants changes the test data at random and demands that what Canonical says is what the servers print. Without
// BLOOM_TEST_15 and BLOOM_TEST_17 it is skipped.
func TestMutants(t *testing.T) {
	if os.Getenv("BLOOM_TEST_15") == "" || os.Getenv("BLOOM_TEST_17") == "" {
		t.Skip("needs servers: BLOOM_TEST_15, BLOOM_TEST_17")
	}
	files, _ := filepath.Glob("testdata/*.tsv")
	random := rand.New(rand.NewPCG(1, uint64(*mutants)))
	var types, texts []string
	for _, path := range files {
		rows := readRows(t, path)
		for _, r := range rows {
			for range *mutants {
				other := rows[random.IntN(len(rows))]
				types = append(types, r.typ)
				texts = append(texts, mutate(random, r.text, other.text))
			}
		}
	}
	for _, variable := range []string{"BLOOM_TEST_15", "BLOOM_TEST_17"} {
		printed := printAll(t, variable, types, texts)
		known, valid := 0, 0
		for i, text := range texts {
			got, ok := Canonical(typeOf(t, types[i]), text)
			switch want := printed[i]; {
			case want != nil && ok && got != comparable(types[i], *want):
				t.Errorf("%s: %s %q: canonical is %q, the server prints %q", variable, types[i], text, got, *want)
			case want == nil && ok && lenient[types[i]] == "" && variable == "BLOOM_TEST_17":
				t.Errorf("%s: %s %q: canonical is %q, the server rejects it", variable, types[i], text, got)
			case want != nil:
				valid++
				if ok {
					known++
				}
			}
		}
		t.Logf("%s: %d mutants, %d of them valid, %d of these known", variable, len(texts), valid, known)
	}
}

// lenient are types whose texts are taken as they are without a look at their grammar.
var lenient = map[string]string{"json": "a value is its text", "xml": "a value is its text", "_json": "a value is its text"}

func printAll(t *testing.T, variable string, types, texts []string) []*string {
	t.Helper()
	conn := connect(t, variable)
	if _, err := conn.Exec(context.Background(), printer); err != nil {
		t.Fatal(err)
	}
	for i, typ := range types {
		if typ == "char" || typ == "bit" { // keywords with another meaning
			types[i] = `"` + typ + `"`
		}
	}
	rows, err := conn.Query(context.Background(), `select pg_temp.print(typ, value) from unnest($1::text[], $2::text[]) with ordinality u(typ, value, i) order by i`, types, texts)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []*string
	for rows.Next() {
		var s *string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if rows.Err() != nil || len(all) != len(texts) {
		t.Fatalf("%d answers to %d questions: %v", len(all), len(texts), rows.Err())
	}
	return all
}

const alphabet = `  0123456789abdehmnpstuxyzADMPTYZ+-.,:;/\'"(){}[]<>|&!*_$@é`

// mutate changes one or two places of a text.
func mutate(random *rand.Rand, text, other string) string {
	letters := []rune(text)
	for range 1 + random.IntN(2) {
		at := random.IntN(len(letters) + 1)
		var c rune
		if set := []rune(alphabet); random.IntN(3) > 0 || other == "" {
			c = set[random.IntN(len(set))]
		} else {
			c = []rune(other)[random.IntN(len([]rune(other)))]
		}
		switch {
		case random.IntN(3) == 0 && at < len(letters):
			letters = append(letters[:at:at], letters[at+1:]...)
		case random.IntN(2) == 0 && at < len(letters):
			letters[at] = c
		case random.IntN(6) == 0:
			cut := []rune(other)
			letters = append(letters[:at:at], cut[random.IntN(len(cut)+1):]...)
		default:
			letters = append(letters[:at:at], append([]rune{c}, letters[at:]...)...)
		}
	}
	return string(letters)
}
