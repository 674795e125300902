package supabase

import (
	"testing"
	"time"
)

func TestSilence(t *testing.T) {
	p := &Project{}
	for _, tt := range []struct {
		params   string
		patience time.Duration
		err      bool
	}{
		{"", 30 * time.Second, false},
		{"&keepalives_idle=60&keepalives_interval=10&keepalives_count=6", 2 * time.Minute, false},
		{"&keepalives_idle=0&keepalives=1", 30 * time.Second, false},
		{"&keepalives=0", 0, false},
		{"&keepalives_count=many", 0, true},
		{"&connect_timeout=3", 30 * time.Second, false},
	} {
		got, err := p.ByURL("postgres://u@h/d?sslmode=disable" + tt.params)
		if (err != nil) != tt.err {
			t.Errorf("%s: %v", tt.params, err)
		}
		if err != nil {
			continue
		}
		if got.Patience() != tt.patience {
			t.Errorf("%s: lost after %s, not %s", tt.params, got.Patience(), tt.patience)
		}
		for name := range got.Config.RuntimeParams {
			if name != "application_name" {
				t.Errorf("%s: %s goes to the server, which does not know it", tt.params, name)
			}
		}
	}
}
