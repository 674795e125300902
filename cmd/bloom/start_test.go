package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestStartStop walks through the life of a local server.
func TestStartStop(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a server")
	}
	dir, err := os.MkdirTemp("", "bloom-project-") // unlike t.TempDir, open to the server's user
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	config := fmt.Sprintf("[db]\nport = %d\nmajor_version = 15\n", port)
	if err := os.MkdirAll(filepath.Join(dir, "supabase"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "supabase/config.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	bloom := func(args ...string) invocation {
		return invoke(t, strings.NewReader(""), append([]string{"--workdir", dir}, args...)...)
	}
	expect := func(got invocation, code int, stdout, stderr string) {
		t.Helper()
		if got.code != code || !strings.Contains(got.stdout, stdout) || !strings.Contains(got.stderr, stderr) || stdout == "" && got.stdout != "" {
			t.Fatalf("got %+v\nwant code %d, stdout with %q, stderr with %q", got, code, stdout, stderr)
		}
	}
	url := fmt.Sprintf("postgres://postgres:postgres@127.0.0.1:%d/postgres", port)

	expect(bloom("start"), exitError, "", fmt.Sprintf("port %d is taken", port))
	listener.Close()
	expect(bloom("status"), exitError, "state: no data", "hint: `bloom start`")
	expect(bloom("stop"), 0, "", "was not running")
	defer bloom("stop", "--reset")
	start := time.Now()
	expect(bloom("start"), 0, url, "Started local database.")
	t.Logf("first start took %v", time.Since(start))
	expect(bloom("start"), 0, url, "Postgres database is already running.")
	expect(bloom("--quiet", "start"), 0, url, "")
	expect(bloom("status"), 0, "state: running\nurl:   "+url, "")
	var status statusJSON
	if err := json.Unmarshal([]byte(bloom("status", "--json").stdout), &status); err != nil || status.PostgreSQL != 15 || status.PID == 0 {
		t.Errorf("status --json: %+v, %v", status, err)
	}
	conn, err := pgx.Connect(t.Context(), status.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "SELECT auth.uid() FROM storage.objects"); err != nil {
		t.Error(err)
	}
	expect(bloom("stop"), 0, "", "Stopped local database.")
	expect(bloom("status"), exitError, "state: stopped", "not running")
	expect(bloom("stop", "--reset"), 0, "", "Removed its data.")
	expect(bloom("status"), exitError, "state: no data", "not running")
}
