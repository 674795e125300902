package introspect

import (
	"fmt"
	"slices"
	"strings"

	"bloom/catalog"
)

// loader holds what was read so far, by OID.
type loader struct {
	cat, base *catalog.Catalog
	version   catalog.Version
	dialect   *strings.Replacer
	scope     Scope

	roles         map[oid]string
	schemas       map[oid]schema
	tablespaces   map[oid]string
	accessMethods map[oid]string
	languages     map[oid]string
	extensions    map[oid]string
	members       map[ref]oid // objects of extensions
	objects       map[ref]object

	types        map[oid]*typ
	typeRows     []typeRow
	routineRows  []routineRow
	operatorRows []operatorRow
	typeTexts    map[oid]catalog.Type
	collations   map[oid]catalog.QName
	routines     map[oid]routineName
	operators    map[oid]catalog.QName
	families     map[oid]*catalog.OperatorFamily
	opclasses    map[oid]*opclass
	configs      map[oid]*catalog.TextSearchConfiguration
	constructors map[oid][]ref         // functions that a range or multirange type brings
	textSearch   map[oid]catalog.QName // parsers, templates and dictionaries
	defaultOps   map[typeMethod]oid

	relations   map[oid]*relation
	indexes     map[oid]*index
	constraints map[oid]constraintRow
	sequences   map[oid]*sequence
	defaultACL  []catalog.DefaultPrivilege
	acls        map[acl][]aclEntry
	unknown     map[string]bool // names for Catalog.Unmodelled
}

// ref is an object's address as pg_depend has it: catalog and OID.
type ref struct{ class, oid oid }

// object is what an address stands for.
type object struct {
	id        catalog.ID
	base      bool // in the catalog's Base
	extension oid  // that it is a member of
}

// The system catalogs that hold objects: their OIDs are the same in all majors.
const (
	pgClass        oid = 1259
	pgProc         oid = 1255
	pgType         oid = 1247
	pgAttrdef      oid = 2604
	pgConstraint   oid = 2606
	pgRewrite      oid = 2618
	pgTrigger      oid = 2620
	pgNamespace    oid = 2615
	pgExtension    oid = 3079
	pgOperator     oid = 2617
	pgOpclass      oid = 2616
	pgOpfamily     oid = 2753
	pgAmop         oid = 2602
	pgAmproc       oid = 2603
	pgCast         oid = 2605
	pgConversion   oid = 2607
	pgCollation    oid = 3456
	pgTSConfig     oid = 3602
	pgTSDict       oid = 3600
	pgTSParser     oid = 3601
	pgTSTemplate   oid = 3764
	pgPolicy       oid = 3256
	pgEventTrigger oid = 3466
	pgPublication  oid = 6104
	pgPubRel       oid = 6106
	pgPubNamespace oid = 6237
	pgSubscription oid = 6100
	pgFDW          oid = 2328
	pgServer       oid = 1417
	pgUserMapping  oid = 1418
	pgStatistic    oid = 3381
	pgAuthID       oid = 1260
)

// firstUser is FirstNormalObjectId: objects below it come with PostgreSQL.
const firstUser oid = 16384

func newLoader(v catalog.Version, s Scope) *loader {
	l := &loader{
		cat: catalog.New(), base: catalog.New(), version: v, dialect: dialect(v), scope: s,
		roles: map[oid]string{0: catalog.Public}, schemas: map[oid]schema{}, tablespaces: map[oid]string{},
		accessMethods: map[oid]string{}, languages: map[oid]string{}, extensions: map[oid]string{},
		members: map[ref]oid{}, objects: map[ref]object{},
		types: map[oid]*typ{}, typeTexts: map[oid]catalog.Type{}, collations: map[oid]catalog.QName{},
		routines: map[oid]routineName{}, operators: map[oid]catalog.QName{}, families: map[oid]*catalog.OperatorFamily{},
		opclasses: map[oid]*opclass{}, configs: map[oid]*catalog.TextSearchConfiguration{}, textSearch: map[oid]catalog.QName{}, constructors: map[oid][]ref{},
		defaultOps: map[typeMethod]oid{},
		relations:  map[oid]*relation{}, indexes: map[oid]*index{}, constraints: map[oid]constraintRow{}, sequences: map[oid]*sequence{},
		acls: map[acl][]aclEntry{}, unknown: map[string]bool{},
	}
	l.cat.Version, l.base.Version = v, v
	l.cat.Base = l.base
	return l
}

// finish puts in what could only be made up when everything was read.
func (l *loader) finish() {
	l.putRelations()
	l.putFamilies()
	l.putTextSearchConfigurations()
	l.putSequences()
	for name := range l.unknown {
		l.cat.Unmodelled = append(l.cat.Unmodelled, name)
	}
	slices.Sort(l.cat.Unmodelled)
	l.base.Role = l.cat.Role
}

// put adds an object to the catalog or to its Base.
func (l *loader) put(base bool, o catalog.Object) {
	if base {
		l.base.Put(o)
	} else {
		l.cat.Put(o)
	}
}

// unmodelled notes what bloom has no model of.
func (l *loader) unmodelled(format string, args ...any) {
	l.unknown[fmt.Sprintf(format, args...)] = true
}

// locate says of the object at an address in a schema whether it belongs to
// Base; not ok if it is temporary.
func (l *loader) locate(at ref, namespace oid) (s schema, o object, ok bool) {
	s = l.schemas[namespace]
	o.extension = l.members[at]
	o.base = s.base || o.extension != 0
	return s, o, !s.temporary
}

// define remembers what an address stands for and puts the object in.
func (l *loader) define(at ref, o object, value catalog.Object) object {
	o.id = value.ID()
	l.objects[at] = o
	l.put(o.base, value)
	if o.extension != 0 {
		l.base.Depend(o.id, catalog.ID{Kind: catalog.KindExtension, Name: l.extensions[o.extension]})
	}
	return o
}

// own puts in the owner of an object.
func (l *loader) own(o object, role oid) {
	l.put(o.base, catalog.Owner{Target: o.id, Role: l.roles[role]})
}

func (l *loader) platformRole(name string) bool {
	return strings.HasPrefix(name, "pg_") || l.scope.Role != nil && l.scope.Role(name)
}

// column is the name of a relation's column, "" if there is none.
func (l *loader) column(rel oid, number int) string {
	r := l.relations[rel]
	if r == nil || number < 1 || number > len(r.columns) {
		return ""
	}
	return r.columns[number-1].column.Name
}

func (l *loader) columnNames(rel oid, numbers []int) []string {
	var names []string
	for _, n := range numbers {
		names = append(names, l.column(rel, n))
	}
	return names
}

func (l *loader) relationName(rel oid) catalog.QName {
	r := l.relations[rel]
	if r == nil {
		return catalog.QName{}
	}
	return catalog.QName{Schema: r.id.Schema, Name: r.id.Name}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func expr(text string) catalog.Expr { return catalog.Expr{Text: text} }
