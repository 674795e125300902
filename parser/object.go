package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// simple are the kinds of objects that are found by a name alone.
var simple = map[pg.ObjectType][]catalog.Kind{
	pg.ObjectType_OBJECT_SCHEMA:          {catalog.KindSchema},
	pg.ObjectType_OBJECT_EXTENSION:       {catalog.KindExtension},
	pg.ObjectType_OBJECT_ROLE:            {catalog.KindRole},
	pg.ObjectType_OBJECT_EVENT_TRIGGER:   {catalog.KindEventTrigger},
	pg.ObjectType_OBJECT_PUBLICATION:     {catalog.KindPublication},
	pg.ObjectType_OBJECT_SUBSCRIPTION:    {catalog.KindSubscription},
	pg.ObjectType_OBJECT_FDW:             {catalog.KindForeignDataWrapper},
	pg.ObjectType_OBJECT_FOREIGN_SERVER:  {catalog.KindServer},
	pg.ObjectType_OBJECT_TYPE:            {catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType},
	pg.ObjectType_OBJECT_DOMAIN:          {catalog.KindDomain},
	pg.ObjectType_OBJECT_COLLATION:       {catalog.KindCollation},
	pg.ObjectType_OBJECT_CONVERSION:      {catalog.KindConversion},
	pg.ObjectType_OBJECT_STATISTIC_EXT:   {catalog.KindStatistics},
	pg.ObjectType_OBJECT_TSCONFIGURATION: {catalog.KindTextSearchConfiguration},
	pg.ObjectType_OBJECT_TSDICTIONARY:    {catalog.KindTextSearchDictionary},
	pg.ObjectType_OBJECT_TSPARSER:        {catalog.KindTextSearchParser},
	pg.ObjectType_OBJECT_TSTEMPLATE:      {catalog.KindTextSearchTemplate},
}

// relationKinds are the kinds that a command for relations may name.
var relationKinds = map[pg.ObjectType]catalog.Kind{
	pg.ObjectType_OBJECT_TABLE: catalog.KindTable, pg.ObjectType_OBJECT_FOREIGN_TABLE: catalog.KindTable,
	pg.ObjectType_OBJECT_VIEW: catalog.KindView, pg.ObjectType_OBJECT_MATVIEW: catalog.KindView, pg.ObjectType_OBJECT_SEQUENCE: catalog.KindSequence,
}

// partKinds are the kinds that are named together with their relation.
var partKinds = map[pg.ObjectType]catalog.Kind{
	pg.ObjectType_OBJECT_COLUMN: catalog.KindColumn, pg.ObjectType_OBJECT_TABCONSTRAINT: catalog.KindConstraint, pg.ObjectType_OBJECT_TRIGGER: catalog.KindTrigger,
	pg.ObjectType_OBJECT_RULE: catalog.KindRule, pg.ObjectType_OBJECT_POLICY: catalog.KindPolicy,
}

// object finds what a statement names: the object of COMMENT ON, DROP, ALTER … OWNER TO, …
func (in *interpreter) object(typ pg.ObjectType, n *pg.Node) (catalog.ID, error) {
	if kinds, ok := simple[typ]; ok {
		return in.simpleObject(nameOf(n), kinds)
	}
	if kind, ok := partKinds[typ]; ok {
		return in.part(kind, strs(n.GetList().GetItems()))
	}
	if kind, ok := relationKinds[typ]; ok {
		id, err := in.relationNamed(nameOf(n), n.GetRangeVar().GetLocation())
		if err == nil && id.Kind != kind {
			return id, in.errorf(n.GetRangeVar().GetLocation(), "%s is not a %s", id, kind)
		}
		return id, err
	}
	switch typ {
	case pg.ObjectType_OBJECT_FUNCTION, pg.ObjectType_OBJECT_PROCEDURE, pg.ObjectType_OBJECT_ROUTINE, pg.ObjectType_OBJECT_AGGREGATE:
		return in.routine(n.GetObjectWithArgs(), typ)
	case pg.ObjectType_OBJECT_INDEX:
		q := nameOf(n)
		if id, ok := in.index(q); ok {
			return id, nil
		}
		return catalog.ID{}, in.missing(0, "index %q", q)
	case pg.ObjectType_OBJECT_OPERATOR:
		return in.operator(n.GetObjectWithArgs())
	case pg.ObjectType_OBJECT_OPCLASS, pg.ObjectType_OBJECT_OPFAMILY:
		return in.operatorGroup(typ, strs(n.GetList().GetItems()))
	case pg.ObjectType_OBJECT_CAST:
		return in.castNamed(n.GetList().GetItems())
	case pg.ObjectType_OBJECT_DOMCONSTRAINT:
		items := n.GetList().GetItems()
		dom, err := in.need(nameOf(items[0]), 0, catalog.KindDomain)
		if err != nil {
			return dom, err
		}
		return in.existing(catalog.ID{Kind: catalog.KindDomainConstraint, Schema: dom.Schema, Table: dom.Name, Name: items[1].GetString_().GetSval()})
	}
	return catalog.ID{}, in.unsupported(0, "%s of a %s", in.command(), objectWord(typ))
}

func (in *interpreter) simpleObject(q catalog.QName, kinds []catalog.Kind) (catalog.ID, error) {
	id := catalog.ID{Kind: kinds[0], Name: q.Name}
	switch kinds[0] {
	case catalog.KindSchema:
		return id, in.needSchema(q.Name, 0)
	case catalog.KindExtension, catalog.KindEventTrigger, catalog.KindPublication, catalog.KindSubscription, catalog.KindForeignDataWrapper, catalog.KindServer:
		return in.existing(id)
	case catalog.KindRole:
		return id, in.needRole(q.Name, 0)
	}
	return in.need(q, 0, kinds...)
}

func (in *interpreter) existing(id catalog.ID) (catalog.ID, error) {
	if in.c.Lookup(id) == nil {
		return id, in.missing(0, "%s", id)
	}
	return id, nil
}

// part finds a column, constraint, … by the name of the relation and its own.
func (in *interpreter) part(kind catalog.Kind, names []string) (catalog.ID, error) {
	if len(names) < 2 {
		return catalog.ID{}, in.errorf(0, "the name of a %s needs its table", kind)
	}
	q := catalog.QName{Name: names[len(names)-2]}
	if len(names) > 2 {
		q.Schema = names[len(names)-3]
	}
	rel, err := in.relationNamed(q, 0)
	if err != nil {
		return rel, err
	}
	id := catalog.ID{Kind: kind, Schema: rel.Schema, Table: rel.Name, Name: names[len(names)-1]}
	if kind == catalog.KindColumn && rel.Kind != catalog.KindTable {
		return id, nil // known when the view is analysed
	}
	return in.existing(id)
}

func objectWord(typ pg.ObjectType) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(typ.String(), "OBJECT_"), "_", " "))
}
