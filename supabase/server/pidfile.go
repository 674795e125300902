package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// pidFile is what a server writes into postmaster.pid.
type pidFile struct {
	pid, port int
	ready     bool
}

// readPidFile is the zero value when there is no such file.
func readPidFile(data string) (f pidFile) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return f
	}
	// pid, data folder, start time, port, socket folder, address, shared memory, status
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		switch line = strings.TrimSpace(line); i {
		case 0:
			f.pid, _ = strconv.Atoi(line)
		case 3:
			f.port, _ = strconv.Atoi(line)
		case 7:
			f.ready = line == "ready"
		}
	}
	return f
}

// running says whether the file speaks of a server that runs on these data.
// The file stays behind when a server is killed, and its number may by now
// belong to any other process, or to a dead child that nobody buried.
func (f pidFile) running(data string) bool {
	if f.pid <= 0 || syscall.Kill(f.pid, 0) == syscall.ESRCH {
		return false
	}
	if _, err := os.Stat("/proc/self/cwd"); err == nil {
		// A server works in its data folder.
		cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(f.pid), "cwd"))
		real, err2 := filepath.EvalSymlinks(data)
		return err == nil && err2 == nil && cwd == real
	}
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(f.pid)).Output()
	return err == nil && strings.HasPrefix(filepath.Base(strings.TrimSpace(string(out))), "postgres")
}
