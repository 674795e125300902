package introspect

import "bloom/catalog"

var publications = query[publicationRow]{name: "publications", sql: `
select p.oid, p.pubname, p.pubowner, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot, {publication.generated}
from pg_publication p`,
	add: (*loader).addPublication}

type publicationRow struct {
	OID                              oid
	Name                             string
	Owner                            oid
	All                              bool
	Insert, Update, Delete, Truncate bool
	ViaRoot, Generated               bool
}

func (l *loader) addPublication(r publicationRow) error {
	at := ref{pgPublication, r.OID}
	o := object{extension: l.members[at]}
	o.base = o.extension != 0 || l.scope.Publication != nil && l.scope.Publication(r.Name)
	o = l.define(at, o, catalog.Publication{
		Name: r.Name, AllTables: r.All, Insert: r.Insert, Update: r.Update, Delete: r.Delete, Truncate: r.Truncate,
		ViaRoot: r.ViaRoot, GeneratedColumns: r.Generated,
	})
	l.own(o, r.Owner)
	return nil
}

var publicationTables = query[publicationTableRow]{name: "tables in publications", sql: `
select oid, prpubid, prrelid, prattrs, case when prqual is not null then pg_get_expr(prqual, prrelid) end from pg_publication_rel`,
	add: (*loader).addPublicationTable}

type publicationTableRow struct {
	OID, Publication, Relation oid
	Columns                    []int
	Where                      string
}

// addPublicationTable: which tables of the project are in a publication of the
// platform is the project's affair.
func (l *loader) addPublicationTable(r publicationTableRow) error {
	pub, rel := l.objects[ref{pgPublication, r.Publication}], l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	o := object{base: pub.base && (rel.base || pub.extension != 0)}
	l.define(ref{pgPubRel, r.OID}, o, catalog.PublicationTable{
		Publication: pub.id.Name, Schema: rel.id.Schema, Table: rel.id.Name, Columns: sorted(l.columnNames(r.Relation, r.Columns)), Where: expr(r.Where)})
	return nil
}

var publicationSchemas = query[publicationSchemaRow]{name: "schemas in publications", sql: `
select oid, pnpubid, pnnspid from pg_publication_namespace`,
	add: (*loader).addPublicationSchema}

type publicationSchemaRow struct{ OID, Publication, Schema oid }

func (l *loader) addPublicationSchema(r publicationSchemaRow) error {
	pub, s := l.objects[ref{pgPublication, r.Publication}], l.schemas[r.Schema]
	o := object{base: pub.base && (s.base || pub.extension != 0)}
	o = l.define(ref{pgPubNamespace, r.OID}, o, catalog.PublicationSchema{Publication: pub.id.Name, Schema: s.name})
	l.needSchema(o, s.name)
	return nil
}

var subscriptions = query[subscriptionRow]{name: "subscriptions", sql: `
select oid, subname, subowner, subenabled, subpublications from pg_subscription
where subdbid = (select oid from pg_database where datname = current_database())`,
	add: (*loader).addSubscription}

type subscriptionRow struct {
	OID          oid
	Name         string
	Owner        oid
	Enabled      bool
	Publications []string
}

func (l *loader) addSubscription(r subscriptionRow) error {
	o := l.define(ref{pgSubscription, r.OID}, object{}, catalog.Subscription{Name: r.Name, Enabled: r.Enabled, Publications: sorted(r.Publications)})
	l.own(o, r.Owner)
	return nil
}
