package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder moves flags before positional arguments, and global flags before the
// command, because urfave/cli stops reading flags at the first argument and
// people write `bloom diff -f name --debug`.
func reorder(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	global := flagKinds(app.Flags)
	out, rest := []string{args[0]}, args[1:]
	var path, flags, words []string
	cmds := app.Commands
	local := map[string]bool{}
	for i := 0; i < len(rest); i++ {
		a := rest[i]
		if a == "--" {
			words = append(words, rest[i:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			if c := command(cmds, a); c != nil && len(words) == 0 {
				path, cmds, local = append(path, a), c.Subcommands, flagKinds(c.Flags)
				continue
			}
			words = append(words, a)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(a, "-"), "=")
		takes, known := local[name]
		target := &flags
		if g, ok := global[name]; ok && !known {
			takes, target = g, &out
		}
		*target = append(*target, a)
		if takes && !hasValue && i+1 < len(rest) {
			i++
			*target = append(*target, rest[i])
		}
	}
	return append(append(append(out, path...), flags...), words...)
}

func command(cmds []*cli.Command, name string) *cli.Command {
	for _, c := range cmds {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// flagKinds says of each flag whether it takes a value.
func flagKinds(flags []cli.Flag) map[string]bool {
	kinds := map[string]bool{}
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		for _, n := range f.Names() {
			kinds[n] = ok && d.TakesValue()
		}
	}
	return kinds
}
