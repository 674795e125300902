//go:build !linux

package supabase

import (
	"syscall"
	"time"
)

// sendTimeout has no option to set here: the system gives up what it sends when it does.
func sendTimeout(time.Duration) func(network, address string, c syscall.RawConn) error { return nil }
