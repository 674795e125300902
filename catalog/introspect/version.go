package introspect

import (
	"strings"

	"bloom/catalog"
)

// dialect fills in what majors call differently or do not have: the only place
// where a query depends on the server's version.
func dialect(v catalog.Version) *strings.Replacer {
	since := func(major int, yes, no string) string {
		if v.Major() >= major {
			return yes
		}
		return no
	}
	return strings.NewReplacer(
		"{member.inherit}", since(16, "m.inherit_option", "true"),
		"{member.set}", since(16, "m.set_option", "true"),
		"{collation.locale}", since(17, "c.colllocale", "c.colliculocale"),
		"{collation.rules}", since(16, "c.collicurules", "null::text"),
		"{constraint.enforced}", since(18, "k.conenforced", "true"),
		"{constraint.period}", since(18, "k.conperiod", "false"),
		"{publication.generated}", since(18, "p.pubgencols = 's'", "false"),
	)
}

// settings pins what the server's texts depend on.
var settings = query[settingsRow]{name: "settings", sql: `
select current_user::text,
       set_config('search_path', '', true), set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO, MDY', true), set_config('IntervalStyle', 'postgres', true),
       set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true),
       set_config('quote_all_identifiers', 'off', true), set_config('jit', 'off', true),
       set_config('xmloption', 'content', true)`,
	add: func(l *loader, r settingsRow) error { l.cat.Role = r.Role; return nil }}

type settingsRow struct{ Role, Path, Zone, Dates, Intervals, Floats, Bytea, Quotes, JIT, XML string }
