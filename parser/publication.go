package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createPublication(n *pg.CreatePublicationStmt) error {
	p := catalog.Publication{Name: n.GetPubname(), AllTables: n.GetForAllTables(), Insert: true, Update: true, Delete: true, Truncate: true}
	publicationOptions(&p, n.GetOptions())
	if !in.c.Has(p.ID()) && in.c.Lookup(p.ID()) != nil {
		return in.publish(p.Name, n.GetPubobjects()) // the platform's, which a project may make anew
	}
	if err := in.add(p, 0); err != nil {
		return err
	}
	in.own(p.ID())
	return in.publish(p.Name, n.GetPubobjects())
}

func publicationOptions(p *catalog.Publication, options []*pg.Node) {
	for _, d := range elems(options) {
		switch d.GetDefname() {
		case "publish":
			p.Insert, p.Update, p.Delete, p.Truncate = false, false, false, false
			for _, word := range strings.Split(constText(d.GetArg()), ",") {
				switch strings.ToLower(strings.TrimSpace(word)) {
				case "insert":
					p.Insert = true
				case "update":
					p.Update = true
				case "delete":
					p.Delete = true
				case "truncate":
					p.Truncate = true
				}
			}
		case "publish_via_partition_root":
			p.ViaRoot = isTrue(d)
		case "publish_generated_columns":
			p.GeneratedColumns = strings.EqualFold(constText(d.GetArg()), "stored")
		}
	}
}

// unpublishAll takes all members out of a publication of the platform that is dropped.
func (in *interpreter) unpublishAll(id catalog.ID) {
	for member, o := range in.c.All() {
		switch m := o.(type) {
		case catalog.PublicationTable:
			if m.Publication == id.Name {
				in.remove(member)
			}
		case catalog.PublicationSchema:
			if m.Publication == id.Name {
				in.remove(member)
			}
		}
	}
}

// publish adds members to a publication.
func (in *interpreter) publish(name string, list []*pg.Node) error {
	members, err := in.members(name, list)
	if err != nil {
		return err
	}
	for _, m := range members {
		if in.c.Has(m.ID()) {
			return in.duplicate(m.ID(), 0)
		}
		in.put(m)
	}
	return nil
}

func (in *interpreter) members(name string, list []*pg.Node) ([]catalog.Object, error) {
	var out []catalog.Object
	for _, x := range list {
		spec := x.GetPublicationObjSpec()
		switch spec.GetPubobjtype() {
		case pg.PublicationObjSpecType_PUBLICATIONOBJ_TABLES_IN_SCHEMA:
			if err := in.needSchema(spec.GetName(), spec.GetLocation()); err != nil {
				return nil, err
			}
			out = append(out, catalog.PublicationSchema{Publication: name, Schema: spec.GetName()})
		case pg.PublicationObjSpecType_PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA:
			q, err := in.creation(catalog.QName{}, spec.GetLocation())
			if err != nil {
				return nil, err
			}
			out = append(out, catalog.PublicationSchema{Publication: name, Schema: q.Schema})
		default:
			m, err := in.publicationTable(name, spec.GetPubtable())
			if err != nil {
				return nil, err
			}
			list := []catalog.PublicationTable{m}
			if spec.GetPubtable().GetRelation().GetInh() {
				list = append(list, in.publishedChildren(m)...)
			}
			for _, m := range list {
				if !slices.ContainsFunc(out, func(o catalog.Object) bool { return o.ID() == m.ID() }) {
					out = append(out, m)
				}
			}
		}
	}
	return out, nil
}

// publishedChildren: without ONLY the children that a table has then come with it, each by
// itself; partitions do not.
func (in *interpreter) publishedChildren(m catalog.PublicationTable) []catalog.PublicationTable {
	var out []catalog.PublicationTable
	for _, t := range in.inheritors(catalog.ID{Kind: catalog.KindTable, Schema: m.Schema, Name: m.Table}) {
		if t.PartitionOf.Parent.IsZero() {
			child := m
			child.Schema, child.Table = t.Schema, t.Name
			out = append(append(out, child), in.publishedChildren(child)...)
		}
	}
	return out
}

func (in *interpreter) publicationTable(name string, t *pg.PublicationTable) (catalog.PublicationTable, error) {
	rel, err := in.relation(t.GetRelation())
	if err != nil {
		return catalog.PublicationTable{}, err
	}
	m := catalog.PublicationTable{Publication: name, Schema: rel.Schema, Table: rel.Name}
	if cols := strs(t.GetColumns()); len(cols) > 0 {
		m.Columns = cols
		slices.Sort(m.Columns)
	}
	if t.GetWhereClause() != nil {
		m.Where = in.expr(t.GetWhereClause(), parenthesised(in.tokensAt(t.GetRelation().GetLocation()), "where"))
	}
	return m, nil
}

func (in *interpreter) alterPublication(n *pg.AlterPublicationStmt) error {
	id := catalog.Publication{Name: n.GetPubname()}.ID()
	p, ok := catalog.Find[catalog.Publication](in.c, id)
	if !ok {
		return in.missing(0, "publication %q", n.GetPubname())
	}
	if len(n.GetOptions()) > 0 {
		publicationOptions(&p, n.GetOptions())
		in.put(p)
		return nil
	}
	switch n.GetAction() {
	case pg.AlterPublicationAction_AP_AddObjects:
		return in.publish(p.Name, n.GetPubobjects())
	case pg.AlterPublicationAction_AP_DropObjects:
		members, err := in.members(p.Name, n.GetPubobjects())
		if err != nil {
			return err
		}
		for _, m := range members {
			if in.c.Lookup(m.ID()) == nil {
				return in.missing(0, "%s", m.ID())
			}
			in.remove(m.ID())
		}
		return nil
	}
	if _, err := in.members(p.Name, n.GetPubobjects()); err != nil {
		return err
	}
	for _, child := range in.c.Children(id) {
		if child.Kind == catalog.KindPublicationTable || child.Kind == catalog.KindPublicationSchema {
			in.remove(child)
		}
	}
	return in.publish(p.Name, n.GetPubobjects())
}

func (in *interpreter) createSubscription(n *pg.CreateSubscriptionStmt) error {
	s := catalog.Subscription{Name: n.GetSubname(), Enabled: true, Publications: strs(n.GetPublication())}
	slices.Sort(s.Publications)
	for _, d := range elems(n.GetOptions()) {
		if d.GetDefname() == "enabled" || d.GetDefname() == "connect" && !isTrue(d) {
			s.Enabled = isTrue(d)
		}
	}
	if err := in.add(s, 0); err != nil {
		return err
	}
	in.own(s.ID())
	return nil
}

func (in *interpreter) dropSubscription(n *pg.DropSubscriptionStmt) error {
	id := catalog.Subscription{Name: n.GetSubname()}.ID()
	if !in.c.Has(id) && !n.GetMissingOk() {
		return in.missing(0, "subscription %q", n.GetSubname())
	}
	in.remove(id)
	return nil
}
