package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bloom/supabase/server/servertest"
)

// corpusDir is the folder of real projects, which is not part of this one.
func corpusDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("BLOOM_CORPUS")
	if dir == "" {
		t.Skip("NOT TESTED: BLOOM_CORPUS does not name the folder of real projects")
	}
	return dir
}

// realProject is what index.json of the corpus says of one.
type realProject struct {
	Name     string              `json:"name"`
	Platform bool                `json:"platform"`
	Stubs    map[string][]string `json:"stubs_by_mode"`
	Roles    []string            `json:"roles"`
}

// realState is a state of a project, as pg_dump printed it.
type realState struct {
	realProject
	mode  string // which of its kinds of files made the state
	dumps []string
}

// realStates lists the states of all projects; BLOOM_CORPUS_REPO, a pattern, chooses some.
func realStates(t *testing.T, corpus string) (list []realState) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var projects []realProject
	if err := json.Unmarshal(text, &projects); err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(os.Getenv("BLOOM_CORPUS_REPO"))
	for _, p := range projects {
		if !wanted.MatchString(p.Name) {
			continue
		}
		for mode := range p.Stubs {
			// The files declared beside migrations are another state than that of the migrations.
			suffix := ""
			if mode == "schemas" && len(p.Stubs) > 1 {
				suffix = ".schemas"
			}
			s := realState{realProject: p, mode: mode}
			for _, name := range []string{"dump15" + suffix + ".sql", "dump15.platform" + suffix + ".sql"} {
				if full := filepath.Join(corpus, "repos", p.Name, name); readable(full) {
					s.dumps = append(s.dumps, full)
				}
			}
			if len(s.dumps) > 0 {
				list = append(list, s)
			}
		}
	}
	return list
}

func readable(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// realDatabase is a database in the state.
func realDatabase(t *testing.T, srv *servertest.Server, corpus string, s realState) string {
	t.Helper()
	var url string
	if s.Platform {
		url = srv.Platform(t)
	} else {
		url = srv.Database(t)
	}
	var texts []string
	for _, stub := range s.Stubs[s.mode] {
		name, public := strings.CutSuffix(stub, "@public")
		text, err := os.ReadFile(filepath.Join(corpus, "stubs", name+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		sql := string(text)
		if public {
			sql = strings.NewReplacer("extensions.", "public.", "'extensions'", "'public'").Replace(sql)
		}
		if !s.Platform {
			sql = regexp.MustCompile(`(?m)^GRANT .*$`).ReplaceAllString(sql, "")
		}
		texts = append(texts, sql)
	}
	for _, dump := range s.dumps {
		text, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, role := range s.Roles {
		makeRole(t, url, role)
	}
	for _, text := range texts {
		loadSQL(t, url, corpus, text)
	}
	return url
}

// What a dump takes for granted, by the error of a server that lacks it.
var (
	noRole      = regexp.MustCompile(`^role "(.*)" does not exist$`)
	noQueue     = regexp.MustCompile(`^relation "pgmq\.a_(.*)" does not exist$`)
	noExtension = regexp.MustCompile(`^extension "(.*)" is not available$`)
)

// loadSQL runs SQL, after what it takes for granted was made.
func loadSQL(t *testing.T, url, corpus, sql string) {
	t.Helper()
	for range 50 {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.PgConn().Exec(t.Context(), "SET client_min_messages = error;"+sql).ReadAll()
		conn.Close(context.Background())
		var pg *pgconn.PgError
		if err == nil {
			return
		}
		if !errors.As(err, &pg) {
			t.Fatalf("loading: %v", err)
		}
		switch role, queue, extension := noRole.FindStringSubmatch(pg.Message), noQueue.FindStringSubmatch(pg.Message), noExtension.FindStringSubmatch(pg.Message); {
		case role != nil:
			makeRole(t, url, role[1])
		case queue != nil:
			servertest.Exec(t, url, "SELECT pgmq.create('"+queue[1]+"')")
		case extension != nil:
			stub, err := os.ReadFile(filepath.Join(corpus, "stubs", extension[1]+".sql"))
			if err != nil {
				t.Fatal(err)
			}
			servertest.Exec(t, url, string(stub))
		default:
			t.Fatalf("loading: %v", err)
		}
	}
	t.Fatal("loading: it takes too much for granted")
}

func makeRole(t *testing.T, url, name string) {
	t.Helper()
	quoted := pgx.Identifier{name}.Sanitize()
	servertest.Exec(t, url, "DO $$ BEGIN CREATE ROLE "+quoted+"; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
}

// TestCorpusPull adopts every real database there is: what is pulled declares
// just what the database has.
func TestCorpusPull(t *testing.T) {
	corpus := corpusDir(t)
	states := realStates(t, corpus)
	servertest.Each(t, func(t *testing.T, srv *servertest.Server) {
		empty := 0
		for _, s := range states {
			t.Run(s.Name+"/"+s.mode, func(t *testing.T) {
				url := realDatabase(t, srv, corpus, s)
				dir := smallProject(t, nil)
				schema := filepath.Join(dir, "schema")
				got := invoke(t, strings.NewReader(""), "--workdir", dir, "pull", "--db-url", url, "--schema-dir", schema)
				if got.code != 0 || strings.Contains(got.stderr, "bloom diff will differ") {
					t.Fatalf("pull: %d\n%s%s", got.code, got.stdout, got.stderr)
				}
				got = invoke(t, strings.NewReader(""), "--workdir", dir, "diff", "--db-url", url, "--schema-dir", schema, "--exit-code")
				if got.code != 0 || got.stdout != "" {
					t.Fatalf("diff: %d\n%s%s", got.code, got.stdout, got.stderr)
				}
				empty++
			})
		}
		t.Logf("bloom diff after bloom pull is empty for %d of %d states", empty, len(states))
		if len(states) == 0 {
			t.Error("the corpus has no project")
		}
	})
}
