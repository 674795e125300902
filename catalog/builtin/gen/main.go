// Command gen writes the tables of package builtin from running servers.
//
//	go run ./catalog/builtin/gen -o catalog/builtin -server 15=/usr/lib/postgresql/15/bin -server 16=postgres://…
//
// Each -server names a major and either a folder with initdb and postgres, from which a throwaway
// cluster is started, or the URL of a server that runs already. The first server of a major gives the
// built-in rows; every server gives the facts of the extensions it has at hand. The folders in
// BLOOM_PG_BIN_15 to BLOOM_PG_BIN_18 come before those.
//
// The extension facts are signatures only. Extensions that none of the given servers has keep the file
// they have: vector was read from PGlite; http, pg_net, pgjwt and supabase_vault from a server whose
// extension folder had the declarations of their install scripts, since their libraries are hard to come by.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// server is one source of facts.
type server struct {
	major int
	from  string // bin folder or URL
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var servers []server
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	out := flags.String("o", "catalog/builtin", "folder to write builtin.tsv and extensions/*.tsv to")
	flags.Func("server", "MAJOR=BIN_FOLDER_OR_URL, may be repeated", func(s string) error {
		major, from, ok := strings.Cut(s, "=")
		n, err := strconv.Atoi(major)
		if !ok || err != nil {
			return fmt.Errorf("%q is not MAJOR=BIN_FOLDER_OR_URL", s)
		}
		servers = append(servers, server{n, from})
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	var bins []server
	for major := 15; major <= 18; major++ {
		if dir := os.Getenv(fmt.Sprintf("BLOOM_PG_BIN_%d", major)); dir != "" {
			bins = append(bins, server{major, dir})
		}
	}
	servers = append(bins, servers...)
	slices.SortStableFunc(servers, func(a, b server) int { return cmp.Compare(a.major, b.major) })

	builtin := union{}
	extensions := map[string]union{}
	for _, s := range servers {
		facts, err := read(context.Background(), s)
		if err != nil {
			return fmt.Errorf("server %d (%s): %w", s.major, s.from, err)
		}
		builtin.add(s.major, facts.builtin)
		for name, lines := range facts.extensions {
			if extensions[name] == nil {
				extensions[name] = union{}
			}
			extensions[name].add(s.major, lines)
		}
		fmt.Printf("%d %s: %d rows, %d extensions\n", s.major, s.from, len(facts.builtin), len(facts.extensions))
	}
	for _, major := range []int{15, 16, 17, 18} {
		if builtin[major] == nil {
			return fmt.Errorf("no server of major %d: give -server %d=… or BLOOM_PG_BIN_%d", major, major, major)
		}
	}
	if err := write(filepath.Join(*out, "builtin.tsv"), builtin); err != nil {
		return err
	}
	for name, u := range extensions {
		if err := write(filepath.Join(*out, "extensions", name+".tsv"), u); err != nil {
			return err
		}
	}
	return nil
}

// union collects the rows of one table by major.
type union map[int][]string

func (u union) add(major int, lines []string) {
	if u[major] == nil {
		u[major] = lines
	}
}

// rows merges the majors: a row that holds in all of them has no version, others say from and to which
// major they hold. The ends of the observed range are open, so that a server newer than the newest
// observed one is taken to have what that one has.
func (u union) rows() []string {
	majors := make([]int, 0, len(u))
	for m := range u {
		majors = append(majors, m)
	}
	slices.Sort(majors)
	in := map[string][]int{} // indexes into majors
	for i, m := range majors {
		for _, line := range u[m] {
			in[line] = append(in[line], i)
		}
	}
	var rows []string
	for line, at := range in {
		for start := 0; start < len(at); {
			end := start
			for end+1 < len(at) && at[end+1] <= at[end]+1 {
				end++
			}
			versions := ""
			if at[start] > 0 {
				versions = strconv.Itoa(majors[at[start]])
			}
			if at[end] < len(majors)-1 {
				versions += "-" + strconv.Itoa(majors[at[end]])
			} else if versions != "" {
				versions += "-"
			}
			kind, rest, _ := strings.Cut(line, "\t")
			name, rest, _ := strings.Cut(rest, "\t")
			row := kind + "\t" + name + "\t" + versions // a lookup needs the tab after the name
			if rest = strings.TrimRight(rest, "\t"); rest != "" {
				row += "\t" + rest
			}
			rows = append(rows, row)
			start = end + 1
		}
	}
	slices.Sort(rows)
	return rows
}

func write(path string, u union) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Join(u.rows(), "\n")+"\n"), 0o666)
}
