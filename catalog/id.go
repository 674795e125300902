package catalog

import (
	"cmp"
	"strings"
)

// ID identifies an object within a catalog. It is comparable: the key of every
// map and the end of every dependency. Names are raw.
type ID struct {
	Kind   Kind
	Schema string // empty for objects of the whole database
	Table  string // the relation, domain, publication or operator family it belongs to, if any
	Name   string
	Args   string // input types of a routine, operator or aggregate, canonical, ", " between them; source and target of a cast; the access method of an operator class
	On     Kind   // for owner, grant, comment, security label and default privilege: the kind of what it is about
	Role   string // grantee, member, user of a mapping, provider of a label
}

// Compare orders IDs: by kind, then by names.
func (a ID) Compare(b ID) int {
	switch {
	case a.Kind != b.Kind:
		return cmp.Compare(a.Kind, b.Kind)
	case a.On != b.On:
		return cmp.Compare(a.On, b.On)
	case a.Schema != b.Schema:
		return strings.Compare(a.Schema, b.Schema)
	case a.Table != b.Table:
		return strings.Compare(a.Table, b.Table)
	case a.Name != b.Name:
		return strings.Compare(a.Name, b.Name)
	case a.Args != b.Args:
		return strings.Compare(a.Args, b.Args)
	}
	return strings.Compare(a.Role, b.Role)
}

// IsZero reports whether the ID names nothing.
func (a ID) IsZero() bool { return a == ID{} }

// Target is the object that an owner, grant, comment or security label is about.
func (a ID) Target() ID {
	return ID{Kind: a.On, Schema: a.Schema, Table: a.Table, Name: a.Name, Args: a.Args}
}

// About makes the ID of an object of kind k about target: its owner, comment, …
func About(k Kind, target ID, role string) ID {
	return ID{Kind: k, On: target.Kind, Schema: target.Schema, Table: target.Table, Name: target.Name, Args: target.Args, Role: role}
}

// Path is the object's name as people read it: schema.table.name(args).
func (a ID) Path() string {
	var b strings.Builder
	for _, s := range []string{a.Schema, a.Table, a.Name} {
		if s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	switch a.kindOfTarget() {
	case KindRoutine, KindAggregate, KindOperator:
		b.WriteString("(" + a.Args + ")")
	case KindCast:
		b.WriteString(a.Args)
	}
	return b.String()
}

func (a ID) kindOfTarget() Kind {
	if a.On != KindNone && a.Kind != KindDefaultPrivilege {
		return a.On
	}
	return a.Kind
}

// String is kind and path: "policy public.users.owner_reads".
func (a ID) String() string {
	s := a.Kind.String()
	if a.On != KindNone {
		s += " on " + a.On.String()
	}
	if p := a.Path(); p != "" {
		s += " " + p
	}
	if a.Role != "" {
		s += " (" + a.Role + ")"
	}
	return s
}

// QName is a schema-qualified name.
type QName struct{ Schema, Name string }

// IsZero reports whether the name is absent.
func (q QName) IsZero() bool { return q == QName{} }

// String is the name as people read it, unquoted.
func (q QName) String() string {
	if q.Schema == "" {
		return q.Name
	}
	return q.Schema + "." + q.Name
}

// Compare orders names by schema, then name.
func (q QName) Compare(o QName) int {
	return cmp.Or(strings.Compare(q.Schema, o.Schema), strings.Compare(q.Name, o.Name))
}
