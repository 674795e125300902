package introspect

import (
	"cmp"
	"slices"
	"strings"

	"bloom/catalog"
)

// Operators of PostgreSQL itself are read only where a user's object names them.
var builtinOperators = query[builtinOperatorRow]{name: "names of built-in operators", sql: `
select oid, oprname, oprnamespace from pg_operator
where oid < 16384 and oid in (
  select unnest(conexclop) from pg_constraint where contype = 'x'
  union all select aggsortop from pg_aggregate where aggfnoid::oid >= 16384
  union all select unnest(array[oprcom, oprnegate]) from pg_operator where oid >= 16384
  union all select amopopr from pg_amop where oid >= 16384)`,
	add: (*loader).nameOperator}

type builtinOperatorRow struct {
	OID    oid
	Name   string
	Schema oid
}

func (l *loader) nameOperator(r builtinOperatorRow) error {
	l.operators[r.OID] = catalog.QName{Schema: l.schemas[r.Schema].name, Name: r.Name}
	return nil
}

// An operator without a function was only named as another's commutator or negator.
var operators = query[operatorRow]{name: "operators", sql: `
select oid, oprname, oprnamespace, oprowner, oprleft, oprright, oprresult, oprcode::oid, oprcom, oprnegate, oprrest::oid, oprjoin::oid, oprcanhash, oprcanmerge
from pg_operator where oid >= 16384`,
	add: func(l *loader, r operatorRow) error {
		l.operatorRows = append(l.operatorRows, r)
		return l.nameOperator(builtinOperatorRow{r.OID, r.Name, r.Schema})
	},
	done: func(l *loader) {
		for _, r := range l.operatorRows {
			l.putOperator(r)
		}
		l.operatorRows = nil
	}}

type operatorRow struct {
	OID                                           oid
	Name                                          string
	Schema, Owner, Left, Right, Result            oid
	Function, Commutator, Negator, Restrict, Join oid
	Hashes, Merges                                bool
}

func (l *loader) putOperator(r operatorRow) {
	at := ref{pgOperator, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok || r.Function == 0 {
		return
	}
	o = l.define(at, o, catalog.Operator{
		Schema: s.name, Name: r.Name, Left: l.typeText(r.Left), Right: l.typeText(r.Right), Result: l.typeText(r.Result),
		Function: l.routines[r.Function].QName, Commutator: l.operators[r.Commutator], Negator: l.operators[r.Negator],
		Restrict: l.routines[r.Restrict].QName, Join: l.routines[r.Join].QName, Hashes: r.Hashes, Merges: r.Merges,
	})
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
}

// Families of PostgreSQL itself are needed for their names.
var operatorFamilies = query[familyRow]{name: "operator families", sql: `
select oid, opfname, opfnamespace, opfowner, opfmethod from pg_opfamily`,
	add: (*loader).addFamily}

type familyRow struct {
	OID                   oid
	Name                  string
	Schema, Owner, Method oid
}

func (l *loader) addFamily(r familyRow) error {
	at := ref{pgOpfamily, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	f := &catalog.OperatorFamily{Schema: s.name, Name: r.Name, Method: l.accessMethods[r.Method]}
	l.families[r.OID] = f
	if r.OID < firstUser || !ok {
		return nil
	}
	o = l.define(at, o, *f)
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}

var operatorClasses = query[opclassRow]{name: "operator classes", sql: `
select oid, opcname, opcnamespace, opcowner, opcmethod, opcfamily, opcintype, opcdefault, opckeytype from pg_opclass`,
	add: (*loader).addOpclass}

type opclassRow struct {
	OID                                  oid
	Name                                 string
	Schema, Owner, Method, Family, Input oid
	Default                              bool
	Key                                  oid
}

func (l *loader) addOpclass(r opclassRow) error {
	at := ref{pgOpclass, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	c := &opclass{name: catalog.QName{Schema: s.name, Name: r.Name}, usual: r.Default}
	l.opclasses[r.OID] = c
	if r.Default {
		l.defaultOps[typeMethod{r.Input, r.Method}] = r.OID
	}
	if r.OID < firstUser || !ok {
		return nil
	}
	c.class = &catalog.OperatorClass{
		Schema: s.name, Name: r.Name, Method: l.accessMethods[r.Method], Default: r.Default, Type: l.typeText(r.Input), Storage: l.typeText(r.Key)}
	if f := l.families[r.Family]; f != nil {
		c.class.Family = catalog.QName{Schema: f.Schema, Name: f.Name}
	}
	c.object = l.define(at, o, *c.class)
	l.own(c.object, r.Owner)
	l.needSchema(c.object, s.name)
	return nil
}

// A member belongs to a class, or is loose in its family.
var familyOperators = query[familyOperatorRow]{name: "operators of operator classes", sql: `
select m.oid, m.amopfamily, d.refobjid, m.amoplefttype, m.amoprighttype, m.amopstrategy, m.amopopr, m.amopsortfamily
from pg_amop m left join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = m.oid and d.refclassid = 'pg_opclass'::regclass and d.deptype = 'i'
where m.oid >= 16384`,
	add: func(l *loader, r familyOperatorRow) error {
		m := catalog.OperatorClassMember{Number: r.Number, Operator: l.operators[r.Operator], Left: l.typeText(r.Left), Right: l.typeText(r.Right)}
		if f := l.families[r.SortFamily]; f != nil {
			m.SortFamily = catalog.QName{Schema: f.Schema, Name: f.Name}
		}
		l.addMember(ref{pgAmop, r.OID}, r.Family, r.Class, m)
		return nil
	}}

type familyOperatorRow struct {
	OID, Family, Class, Left, Right oid
	Number                          int
	Operator, SortFamily            oid
}

var familyRoutines = query[familyRoutineRow]{name: "functions of operator classes", sql: `
select m.oid, m.amprocfamily, d.refobjid, m.amproclefttype, m.amprocrighttype, m.amprocnum, m.amproc::oid
from pg_amproc m left join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = m.oid and d.refclassid = 'pg_opclass'::regclass and d.deptype = 'i'
where m.oid >= 16384`,
	add: func(l *loader, r familyRoutineRow) error {
		f := l.routines[r.Routine]
		l.addMember(ref{pgAmproc, r.OID}, r.Family, r.Class, catalog.OperatorClassMember{
			Number: r.Number, Function: f.QName, Args: f.args, Left: l.typeText(r.Left), Right: l.typeText(r.Right)})
		return nil
	}}

type familyRoutineRow struct {
	OID, Family, Class, Left, Right oid
	Number                          int
	Routine                         oid
}

func (l *loader) addMember(at ref, family, class oid, m catalog.OperatorClassMember) {
	if c := l.opclasses[class]; c != nil && c.class != nil {
		c.class.Members = append(c.class.Members, m)
		l.objects[at] = c.object
		return
	}
	if f := l.families[family]; f != nil {
		f.Members = append(f.Members, m)
		l.objects[at] = l.objects[ref{pgOpfamily, family}]
	}
}

// putFamilies puts in operator classes and families with their members.
func (l *loader) putFamilies() {
	for _, c := range l.opclasses {
		if c.class != nil {
			sortMembers(c.class.Members)
			l.put(c.base, *c.class)
		}
	}
	for id, f := range l.families {
		if o, ok := l.objects[ref{pgOpfamily, id}]; ok {
			sortMembers(f.Members)
			l.put(o.base, *f)
		} else if len(f.Members) > 0 {
			l.loose(f)
		}
	}
}

// loose reports what was added to an operator family of PostgreSQL itself.
func (l *loader) loose(f *catalog.OperatorFamily) {
	for _, m := range f.Members {
		if m.Operator.Schema != "pg_catalog" && m.Function.Schema != "pg_catalog" {
			l.unmodelled("member %s%s of operator family %s.%s", m.Operator, m.Function, f.Schema, f.Name)
		}
	}
}

// sortMembers puts operators before functions, each by number.
func sortMembers(ms []catalog.OperatorClassMember) {
	last := func(m catalog.OperatorClassMember) int {
		if m.Operator.IsZero() {
			return 1
		}
		return 0
	}
	slices.SortFunc(ms, func(a, b catalog.OperatorClassMember) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.Number, b.Number),
			strings.Compare(string(a.Left), string(b.Left)), strings.Compare(string(a.Right), string(b.Right)))
	})
}
