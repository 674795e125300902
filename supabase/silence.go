package supabase

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Silence is when a connection counts as lost over which nothing comes: nobody says so
// where a network drops packets without a word, and a statement may take hours.
type Silence struct {
	Idle     time.Duration // before the other side is asked whether it is there
	Interval time.Duration // between such questions
	Count    int           // how many may go without an answer
}

// usualSilence tells apart who lost the network from who waits for it to come back.
var usualSilence = Silence{Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Patience is how long nothing may come; 0: for ever.
func (s Silence) Patience() time.Duration { return s.Idle + time.Duration(s.Count)*s.Interval }

// Settings are those by which a server gives up a client as soon as the client gives up
// the server, or not much later where something on the way still answers for the client;
// until then it keeps the locks of the transaction that was under way.
func (s Silence) Settings() string {
	return fmt.Sprintf("SET tcp_keepalives_idle = %d; SET tcp_keepalives_interval = %d; SET tcp_keepalives_count = %d; SET tcp_user_timeout = %d; "+
		"SELECT set_config('idle_in_transaction_session_timeout', '%d', false) WHERE current_setting('idle_in_transaction_session_timeout') = '0'",
		seconds(s.Idle), seconds(s.Interval), s.Count, s.Patience().Milliseconds(), 2*s.Patience().Milliseconds())
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// takeSilence reads libpq's parameters keepalives, keepalives_idle, keepalives_interval
// and keepalives_count (pgx would send them to the server, which refuses them), and
// has connections opened accordingly.
func takeSilence(config *pgx.ConnConfig) (Silence, error) {
	s := usualSilence
	read := func(name string, set func(int)) error {
		text, ok := config.RuntimeParams[name]
		if !ok {
			return nil
		}
		delete(config.RuntimeParams, name)
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1<<20 {
			return fmt.Errorf("%s=%s in the connection string: want a number", name, text)
		}
		if n > 0 { // 0 is the usual, as it is for libpq
			set(n)
		}
		return nil
	}
	on := config.RuntimeParams["keepalives"] != "0"
	for _, p := range []struct {
		name string
		set  func(int)
	}{
		{"keepalives", func(int) {}},
		{"keepalives_idle", func(n int) { s.Idle = time.Duration(n) * time.Second }},
		{"keepalives_interval", func(n int) { s.Interval = time.Duration(n) * time.Second }},
		{"keepalives_count", func(n int) { s.Count = n }},
	} {
		if err := read(p.name, p.set); err != nil {
			return s, err
		}
	}
	dialer := &net.Dialer{KeepAlive: -1}
	if !on {
		s = Silence{}
	} else {
		dialer.KeepAliveConfig = net.KeepAliveConfig{Enable: true, Idle: s.Idle, Interval: s.Interval, Count: s.Count}
		dialer.Control = sendTimeout(s.Patience())
	}
	config.DialFunc = dialer.DialContext
	return s, nil
}
