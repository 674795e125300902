package supabase

import (
	"strings"
	"testing"

	"bloom/supabase/server/servertest"
)

// TestPooler: a session is told from a pooler's transactions, whichever server connection they come upon.
func TestPooler(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		direct := s.Database(t)
		session := servertest.NewPooler(t, direct, false).URL
		transactions := servertest.NewPooler(t, direct, true).URL
		for _, tt := range []struct {
			name, url string
			session   bool
		}{{"direct", direct, true}, {"session", session, true}, {"transaction", transactions, false}, {"session again", session, true}, {"transaction again", transactions, false}} {
			target, err := (&Project{}).ByURL(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := target.Connect(t.Context())
			if err == nil {
				conn.Close(t.Context())
			}
			if (err == nil) != tt.session || err != nil && !strings.Contains(err.Error(), "transaction mode") {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	})
}
