package snapshot

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// hidden stands for a value that is not written, as the digests do of which the
// model knows: see catalog.MaskOption.
const hidden = "sha256:hidden"

// conceal takes out of an object what may be a secret: all values of a user's
// mapping, and settings and options whose names tell of one. Passwords of roles
// and connection strings of subscriptions are never read. Not even digests are
// written: a short secret can be found from one.
func conceal(o catalog.Object) catalog.Object {
	switch o := o.(type) {
	case catalog.UserMapping:
		o.Options = each(o.Options, func(name, _ string) string { return name + "=" + hidden })
		return o
	case catalog.Server:
		o.Options = each(o.Options, concealed)
		return o
	case catalog.ForeignDataWrapper:
		o.Options = each(o.Options, concealed)
		return o
	case catalog.Table:
		o.ServerOptions = each(o.ServerOptions, concealed)
		return o
	case catalog.Role:
		o.Config = each(o.Config, concealed)
		return o
	case catalog.Routine:
		o.Config = each(o.Config, concealed)
		return o
	}
	return o
}

func each(options []string, f func(name, value string) string) []string {
	options = slices.Clone(options)
	for i, option := range options {
		name, value, _ := strings.Cut(option, "=")
		options[i] = f(name, value)
	}
	return options
}

// concealed hides the value of an option if its name tells of a secret; yes and
// no are none, as in password_required.
func concealed(name, value string) string {
	option := name + "=" + value
	switch strings.ToLower(value) {
	case "", "true", "false", "on", "off":
		return option
	}
	if catalog.MaskOption(name+"=") != name+"=" {
		return name + "=" + hidden
	}
	return option
}

// Conceal takes out of a state what no snapshot holds, so that it can be compared
// with one.
func Conceal(c *catalog.Catalog) {
	for _, o := range c.All() {
		switch o.(type) {
		case catalog.UserMapping, catalog.Server, catalog.ForeignDataWrapper, catalog.Table, catalog.Role, catalog.Routine:
			c.Put(conceal(o))
		}
	}
}
