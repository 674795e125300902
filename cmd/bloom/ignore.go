package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/differ"
)

// ignoreFile names, in the project's root, what others manage: a pattern on each
// line, and behind a # the reason. A pattern is the path of an object with * for
// anything, after its kind if one likes, or owner:ROLE.
const ignoreFile = ".bloomignore"

type ignoreRule struct {
	pattern *regexp.Regexp
	owner   string
}

type ignoreRules []ignoreRule

func readIgnore(root string) (ignoreRules, error) {
	b, err := os.ReadFile(filepath.Join(root, ignoreFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rules ignoreRules
	for i, line := range strings.Split(string(b), "\n") {
		pattern, reason, _ := strings.Cut(line, "#")
		pattern = strings.TrimSpace(pattern)
		if pattern == "" {
			continue
		}
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s:%d: %s has no reason\nhint: write it behind a #: %s # who manages it", ignoreFile, i+1, pattern, pattern)
		}
		if owner, ok := strings.CutPrefix(pattern, "owner:"); ok {
			rules = append(rules, ignoreRule{owner: owner})
			continue
		}
		text := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
		rules = append(rules, ignoreRule{pattern: regexp.MustCompile("^(?:[a-z ]+ )?" + text + `(?:[.(].*)?$`)})
	}
	return rules, nil
}

// ignores reports whether a rule names the object, or who owns it.
func (rules ignoreRules) ignores(id catalog.ID, states ...*catalog.Catalog) bool {
	return slices.ContainsFunc(rules, func(r ignoreRule) bool {
		if r.pattern != nil {
			return r.pattern.MatchString(id.String()) || r.pattern.MatchString(id.Path())
		}
		return slices.ContainsFunc(states, func(c *catalog.Catalog) bool { return ownerOf(c, id) == r.owner })
	})
}

// ownerOf is the owner of an object, or of what it belongs to.
func ownerOf(c *catalog.Catalog, id catalog.ID) string {
	for ok := true; ok; id, ok = c.Parent(id) {
		if o, is := c.Get(catalog.About(catalog.KindOwner, id, "")).(catalog.Owner); is {
			return o.Role
		}
	}
	return ""
}

func (rules ignoreRules) filter(changes []differ.Change, states ...*catalog.Catalog) []differ.Change {
	if len(rules) == 0 {
		return changes
	}
	return slices.DeleteFunc(changes, func(ch differ.Change) bool { return rules.ignores(ch.ID(), states...) })
}

// inScope leaves out what the rules name besides what the scope leaves out, and says
// once how much that is.
func (rules ignoreRules) inScope(con *console, scope func([]differ.Change) []differ.Change, states ...*catalog.Catalog) func([]differ.Change) []differ.Change {
	said := len(rules) == 0
	return func(changes []differ.Change) []differ.Change {
		changes = scope(changes)
		all := len(changes)
		changes = rules.filter(changes, states...)
		if n := all - len(changes); n > 0 && !said {
			con.say("%s left out: %s", count(n, "difference"), ignoreFile)
		}
		said = true
		return changes
	}
}
