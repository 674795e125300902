package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// console is where a command talks: results to out, everything else to err.
//
// Messages have no capital and no full stop, but those that the Supabase CLI
// prints, which scripts look for, are as they are there. Errors start with
// "error:", hints stand on a line of their own.
type console struct {
	in       io.Reader
	out, err io.Writer
	color    bool
	quiet    bool
	debug    bool
	yes      bool
	start    time.Time
}

func newConsole(c *cli.Context) *console {
	return &console{
		in: c.App.Reader, out: c.App.Writer, err: c.App.ErrWriter,
		color: isTerminal(c.App.ErrWriter) && !c.Bool("no-color") && os.Getenv("NO_COLOR") == "",
		quiet: c.Bool("quiet"), debug: c.Bool("debug"), yes: c.Bool("yes"), start: time.Now(),
	}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say prints a line of talk; --quiet silences it.
func (c *console) say(format string, args ...any) {
	if !c.quiet {
		fmt.Fprintf(c.err, format+"\n", args...)
	}
}

// warn prints a warning, which --quiet does not silence.
func (c *console) warn(format string, args ...any) {
	fmt.Fprintln(c.err, c.paint("33", "warning:")+" "+fmt.Sprintf(format, args...))
}

// trace prints with --debug only, with the time since the command began.
func (c *console) trace(format string, args ...any) {
	if c.debug {
		fmt.Fprintf(c.err, "%6.0fms %s\n", float64(time.Since(c.start).Microseconds())/1000, fmt.Sprintf(format, args...))
	}
}

func (c *console) paint(code, s string) string {
	if !c.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// printError prints an error; its lines that are hints stay on lines of their own.
func printError(w io.Writer, err error) {
	text := strings.TrimRight(err.Error(), "\n")
	if errors.Is(err, fs.ErrPermission) && !strings.Contains(text, "hint:") {
		text += "\nhint: check what the user who runs bloom may do with that file or folder"
	}
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "hint:"), strings.HasPrefix(line, " "), line == "":
			fmt.Fprintln(w, line)
		default:
			fmt.Fprintln(w, "error: "+line)
		}
	}
}
