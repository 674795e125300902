package introspect

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// privileges is what acldefault gives for a kind of object: all to the owner
// and, for some kinds, something to everybody. Letters are those of aclitem.
type privileges struct{ owner, public string }

var (
	tablePrivileges       = privileges{owner: "arwdDxtm"}
	columnPrivileges      = privileges{}
	sequencePrivileges    = privileges{owner: "rwU"}
	schemaPrivileges      = privileges{owner: "UC"}
	routinePrivileges     = privileges{owner: "X", public: "X"}
	typePrivileges        = privileges{owner: "U", public: "U"}
	foreignPrivileges     = privileges{owner: "U"}
	languagePrivileges    = privileges{owner: "U", public: "U"}
	largeObjectPrivileges = privileges{owner: "rw"}
	databasePrivileges    = privileges{owner: "CTc", public: "Tc"}

	parameterPrivileges = privileges{owner: "sA"}
)

var privilegeNames = map[byte]string{
	'a': "INSERT", 'r': "SELECT", 'w': "UPDATE", 'd': "DELETE", 'D': "TRUNCATE", 'x': "REFERENCES", 't': "TRIGGER",
	'm': "MAINTAIN", 'X': "EXECUTE", 'U': "USAGE", 'C': "CREATE", 'T': "TEMPORARY", 'c': "CONNECT",
	's': "SET", 'A': "ALTER SYSTEM",
}

// aclEntry is all that one grantee has, whoever granted it.
type aclEntry struct {
	grantee    string
	privileges []catalog.Privilege // sorted
}

func (e aclEntry) equal(o aclEntry) bool {
	return e.grantee == o.grantee && slices.Equal(e.privileges, o.privileges)
}

// entries takes an ACL apart, sorted by grantee.
func (l *loader) entries(a acl) []aclEntry {
	if es, ok := l.acls[a]; ok {
		return es
	}
	byGrantee := map[string]map[string]bool{}
	for _, item := range array([]byte(a), func(b []byte) string { return string(b) }) {
		grantee, rest := cutRole(item)
		if grantee == "" {
			grantee = catalog.Public
		}
		letters, _, _ := strings.Cut(strings.TrimPrefix(rest, "="), "/")
		have := byGrantee[grantee]
		if have == nil {
			have = map[string]bool{}
			byGrantee[grantee] = have
		}
		for i := range len(letters) {
			name, ok := privilegeNames[letters[i]]
			if ok {
				have[name] = have[name] || i+1 < len(letters) && letters[i+1] == '*'
			}
		}
	}
	es := []aclEntry{}
	for grantee, have := range byGrantee {
		e := aclEntry{grantee: grantee}
		for name, grantable := range have {
			e.privileges = append(e.privileges, catalog.Privilege{Name: name, Grantable: grantable})
		}
		sortPrivileges(e.privileges)
		es = append(es, e)
	}
	slices.SortFunc(es, func(a, b aclEntry) int { return strings.Compare(a.grantee, b.grantee) })
	l.acls[a] = es
	return es
}

func sortPrivileges(ps []catalog.Privilege) {
	slices.SortFunc(ps, func(a, b catalog.Privilege) int { return strings.Compare(a.Name, b.Name) })
}

// cutRole cuts the grantee's name off an aclitem; it is in double quotes if it
// is not made of letters, digits and underscores.
func cutRole(item string) (role, rest string) {
	if !strings.HasPrefix(item, `"`) {
		i := strings.IndexByte(item, '=')
		if i < 0 {
			return "", ""
		}
		return item[:i], item[i:]
	}
	var b strings.Builder
	for i := 1; i < len(item); i++ {
		if item[i] == '"' {
			if i+1 == len(item) || item[i+1] != '"' {
				return b.String(), item[i+1:]
			}
			i++
		}
		b.WriteByte(item[i])
	}
	return b.String(), ""
}

// set spells letters out.
func (l *loader) set(letters string) []catalog.Privilege {
	var ps []catalog.Privilege
	for i := range len(letters) {
		if letters[i] != 'm' || l.version.HasMaintain() {
			ps = append(ps, catalog.Privilege{Name: privilegeNames[letters[i]]})
		}
	}
	sortPrivileges(ps)
	return ps
}

// effective is what grantees have by an ACL, the owner left out unless something
// was taken from it.
func (l *loader) effective(owner string, a acl, p privileges) []aclEntry {
	if a == "" {
		if p.public == "" {
			return nil
		}
		return []aclEntry{{catalog.Public, l.set(p.public)}}
	}
	full := l.set(p.owner)
	mine := false
	var es []aclEntry
	for _, e := range l.entries(a) {
		if e.grantee == owner {
			mine = true
			e.privileges = withoutOption(e.privileges)
			if slices.EqualFunc(e.privileges, full, func(a, b catalog.Privilege) bool { return a.Name == b.Name }) {
				continue
			}
		}
		es = append(es, e)
	}
	if !mine && p.owner != "" {
		es = append(es, aclEntry{grantee: owner})
	}
	return es
}

// withoutOption is privileges that an owner has, who may pass on whatever the ACL says of it.
func withoutOption(ps []catalog.Privilege) []catalog.Privilege {
	out := slices.Clone(ps)
	for i := range out {
		out[i].Grantable = false
	}
	return out
}

// grant puts in what grantees may do with an object. What roles of the project
// may do with an object in Base is the project's affair, unless its maker's
// default privileges gave it.
func (l *loader) grant(o object, owner oid, a acl, p privileges) {
	if a == "" && p.public == "" {
		return
	}
	role := l.roles[owner]
	for _, e := range l.effective(role, a, p) {
		base := o.base
		if base && e.grantee != catalog.Public && e.grantee != role && !l.platformRole(e.grantee) {
			base = l.system(o) || l.byDefault(o.id, role, e)
		}
		l.put(base, catalog.Grant{Target: o.id, Grantee: e.grantee, Privileges: e.privileges})
	}
}

func (l *loader) grantInBase(o object, owner oid, a acl, p privileges) {
	for _, e := range l.effective(l.roles[owner], a, p) {
		if e.grantee != catalog.Public && (l.scope.Role == nil || !l.scope.Role(e.grantee)) {
			continue
		}
		l.base.Put(catalog.Grant{Target: o.id, Grantee: e.grantee, Privileges: e.privileges})
	}
}

// system reports whether the object is, or is in, a schema of PostgreSQL itself.
func (l *loader) system(o object) bool {
	name := o.id.Schema
	if o.id.Kind == catalog.KindSchema {
		name = o.id.Name
	}
	return o.extension == 0 && (strings.HasPrefix(name, "pg_") || name == "information_schema")
}

// byDefault reports whether default privileges of the owner give the grantee
// these privileges on objects of that kind.
func (l *loader) byDefault(id catalog.ID, owner string, e aclEntry) bool {
	kind := id.Kind
	switch kind {
	case catalog.KindView:
		kind = catalog.KindTable
	case catalog.KindAggregate:
		kind = catalog.KindRoutine
	case catalog.KindBaseType, catalog.KindComposite, catalog.KindDomain, catalog.KindRange:
		kind = catalog.KindEnum
	}
	for _, d := range l.defaultACL {
		if d.Owner == owner && d.Objects == kind && d.Grantee == e.grantee && (d.Schema == "" || d.Schema == id.Schema) &&
			slices.Equal(d.Privileges, e.privileges) {
			return true
		}
	}
	return false
}
