package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

// work is what a command that changes a database or its history works on.
type work struct {
	con     *console
	project *supabase.Project
	target  *supabase.Target
	session *migrate.Session
}

// sessionFlags say how long to wait for others.
func sessionFlags() []cli.Flag {
	d := migrate.Defaults()
	return []cli.Flag{
		&cli.StringFlag{Name: "role", Usage: "work as `ROLE`, to which new objects belong (default: the login; postgres if that is supabase_admin)"},
		&cli.DurationFlag{Name: "lock-timeout", Value: d.LockTimeout, Usage: "how long a statement waits for a lock"},
		&cli.IntFlag{Name: "lock-retries", Value: d.Retries, Usage: "how often a file that got no lock is tried again"},
		&cli.DurationFlag{Name: "wait", Value: d.Wait, Usage: "how long to wait for another bloom at work on the database"},
		&cli.StringSliceFlag{Name: "allow-warning", Usage: "let a warning of this `SQLSTATE` pass (01006, 01007, 25P01 are errors otherwise); repeatable"},
	}
}

// connect opens the project's database and says which one it is.
func connect(c *cli.Context) (*work, error) {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return nil, err
	}
	target, err := project.Target(c.Context, targetOptions(c))
	if err != nil {
		return nil, err
	}
	target.Role = c.String("role")
	w := &work{con: con, project: project, target: target}
	con.say("Connecting to %s database...", w.where())
	con.say("Target: %s", target.Name)
	o := migrate.Defaults()
	if c.IsSet("lock-timeout") {
		o.LockTimeout = c.Duration("lock-timeout")
	}
	if c.IsSet("lock-retries") {
		o.Retries = c.Int("lock-retries")
	}
	if c.IsSet("wait") {
		o.Wait = c.Duration("wait")
	}
	o.AllowWarnings = c.StringSlice("allow-warning")
	status := &statusLine{con: con}
	o.Say = func(text string) { status.clear(); con.say("%s", text) }
	if isTerminal(con.err) && !con.quiet {
		o.Progress = status.show
	}
	w.session, err = migrate.Connect(c.Context, target, o)
	return w, err
}

// where is how the Supabase CLI calls a target.
func (w *work) where() string {
	if w.target.Local {
		return "local"
	}
	return "remote"
}

func (w *work) close() { w.session.Close() }

// confirm asks before something is written. What follows the question is a
// list. Without a terminal there is nobody to ask: then only --yes lets it pass.
func (c *console) confirm(question string, list []string, byDefault bool) error {
	if len(list) > 0 {
		question += "\n • " + strings.Join(list, "\n • ") + "\n"
	}
	choice := "[y/N]"
	if byDefault {
		choice = "[Y/n]"
	}
	if c.yes {
		fmt.Fprintf(c.err, "%s %s y\n", question, choice)
		return nil
	}
	if !isTerminal(c.in) {
		fmt.Fprintln(c.err, question)
		return errors.New("nothing was written: there is no terminal to ask on\nhint: --yes answers yes to every question")
	}
	fmt.Fprintf(c.err, "%s %s ", question, choice)
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	switch answer := strings.ToLower(strings.TrimSpace(line)); {
	case answer == "y", answer == "yes", answer != "n" && answer != "no" && byDefault:
		return nil
	}
	return errors.New("context canceled\nhint: nothing was written")
}

// statusLine is a line on a terminal that is overwritten.
type statusLine struct {
	con   *console
	mu    sync.Mutex
	shown bool
}

func (s *statusLine) show(text string) {
	if text == "" {
		s.clear()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.con.err, "\r\x1b[K%s", text)
	s.shown = true
}

func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown {
		fmt.Fprint(s.con.err, "\r\x1b[K")
		s.shown = false
	}
}
