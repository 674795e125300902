package parser

import (
	"reflect"
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
)

func (in *interpreter) rename(n *pg.RenameStmt) error {
	switch typ := n.GetRenameType(); typ {
	case pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_VIEW, pg.ObjectType_OBJECT_MATVIEW, pg.ObjectType_OBJECT_SEQUENCE,
		pg.ObjectType_OBJECT_FOREIGN_TABLE, pg.ObjectType_OBJECT_INDEX:
		return in.renameRelation(n)
	case pg.ObjectType_OBJECT_COLUMN, pg.ObjectType_OBJECT_ATTRIBUTE:
		return in.renameColumn(n)
	case pg.ObjectType_OBJECT_TABCONSTRAINT, pg.ObjectType_OBJECT_TRIGGER, pg.ObjectType_OBJECT_RULE, pg.ObjectType_OBJECT_POLICY:
		return in.renamePart(n, partKinds[typ])
	case pg.ObjectType_OBJECT_DOMCONSTRAINT:
		id, err := in.need(nameOf(n.GetObject()), 0, catalog.KindDomain)
		if err != nil {
			return err
		}
		return in.renameObject(catalog.ID{Kind: catalog.KindDomainConstraint, Schema: id.Schema, Table: id.Name, Name: n.GetSubname()}, n.GetNewname())
	case pg.ObjectType_OBJECT_SCHEMA, pg.ObjectType_OBJECT_FDW, pg.ObjectType_OBJECT_FOREIGN_SERVER, pg.ObjectType_OBJECT_PUBLICATION,
		pg.ObjectType_OBJECT_SUBSCRIPTION, pg.ObjectType_OBJECT_EVENT_TRIGGER, pg.ObjectType_OBJECT_ROLE:
		q := nameOf(n.GetObject())
		if q.Name == "" {
			q.Name = n.GetSubname()
		}
		id, err := in.simpleObject(q, simple[typ])
		if err != nil {
			return err
		}
		return in.renameObject(id, n.GetNewname())
	}
	id, err := in.object(n.GetRenameType(), n.GetObject())
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	return in.renameObject(id, n.GetNewname())
}

func (in *interpreter) renameRelation(n *pg.RenameStmt) error {
	rv := n.GetRelation()
	if in.temp[rv.GetRelname()] && rv.GetSchemaname() == "" {
		return nil
	}
	id, err := in.relation(rv)
	if err != nil {
		var ok bool
		if id, ok = in.index(rangeName(rv)); !ok {
			if n.GetRenameType() == pg.ObjectType_OBJECT_INDEX {
				err = in.missing(rv.GetLocation(), "index %q", rangeName(rv))
			}
			return in.unless(n.GetMissingOk(), err)
		}
	}
	if err := in.free(catalog.QName{Schema: id.Schema, Name: n.GetNewname()}, rv.GetLocation()); err != nil {
		return err
	}
	return in.renameObject(id, n.GetNewname())
}

func (in *interpreter) renamePart(n *pg.RenameStmt, kind catalog.Kind) error {
	rel, err := in.relation(n.GetRelation())
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	id := catalog.ID{Kind: kind, Schema: rel.Schema, Table: rel.Name, Name: n.GetSubname()}
	if !in.c.Has(id) {
		return in.unless(n.GetMissingOk(), in.missing(0, "%s %q of relation %q", kind, id.Name, rel.Name))
	}
	to := id
	to.Name = n.GetNewname()
	if in.c.Has(to) {
		return in.duplicate(to, 0)
	}
	for _, child := range in.inheritors(rel) {
		own := catalog.ID{Kind: kind, Schema: child.Schema, Table: child.Name, Name: n.GetSubname()}
		switch o := in.c.Get(own).(type) {
		case catalog.Constraint:
			if o.Inherited && o.Type == catalog.Check {
				in.renameObject(own, n.GetNewname())
			}
		case catalog.Trigger:
			if o.Inherited {
				in.renameObject(own, n.GetNewname())
			}
		}
	}
	return in.renameObject(id, n.GetNewname())
}

func (in *interpreter) renameColumn(n *pg.RenameStmt) error {
	rel, err := in.relation(n.GetRelation())
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	switch o := in.c.Get(rel).(type) {
	case catalog.Composite:
		o.Attributes = slices.Clone(o.Attributes)
		for i := range o.Attributes {
			if o.Attributes[i].Name == n.GetSubname() {
				o.Attributes[i].Name = n.GetNewname()
			}
		}
		in.put(o)
		return nil
	case catalog.View:
		return in.renameViewColumn(o, n)
	}
	if _, err := in.tableColumn(rel, n.GetSubname(), 0); err != nil {
		return err
	}
	if to := columnID(rel, n.GetNewname()); in.c.Lookup(to) != nil {
		return in.duplicate(to, 0)
	}
	for _, child := range in.inheritors(rel) {
		if col, ok := in.c.Get(columnID(child.ID(), n.GetSubname())).(catalog.Column); ok && col.Inherited {
			inner := &pg.RenameStmt{
				RenameType: n.GetRenameType(), Subname: n.GetSubname(), Newname: n.GetNewname(),
				Relation: &pg.RangeVar{Schemaname: child.Schema, Relname: child.Name, Inh: true},
			}
			if err := in.renameColumn(inner); err != nil {
				return err
			}
		}
	}
	return in.renameObject(columnID(rel, n.GetSubname()), n.GetNewname())
}

// renameViewColumn keeps the new name with the view's columns; the query's text
// stays as it is.
func (in *interpreter) renameViewColumn(v catalog.View, n *pg.RenameStmt) error {
	names := in.relationColumns(v.Schema, v.Name)
	v, _ = in.c.Get(v.ID()).(catalog.View)
	i := slices.Index(names, n.GetSubname())
	if i < 0 {
		return in.missing(0, "column %q of view %q", n.GetSubname(), v.Name)
	}
	(&renaming{in: in, id: columnID(v.ID(), n.GetSubname()), schema: v.Schema, name: n.GetNewname()}).run()
	v, _ = in.c.Get(v.ID()).(catalog.View)
	v.Columns = slices.Clone(v.Columns)
	v.Columns[i].Name = n.GetNewname()
	in.put(v)
	return nil
}

// setSchema is ALTER … SET SCHEMA.
func (in *interpreter) setSchema(n *pg.AlterObjectSchemaStmt) error {
	var id catalog.ID
	var err error
	if rv := n.GetRelation(); rv != nil {
		id, err = in.relation(rv)
	} else {
		id, err = in.object(n.GetObjectType(), n.GetObject())
	}
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	if err := in.needSchema(n.GetNewschema(), 0); err != nil {
		return err
	}
	if e, ok := in.c.Get(id).(catalog.Extension); ok {
		e.Schema = n.GetNewschema()
		in.put(e)
		return nil
	}
	r := &renaming{in: in, id: id, schema: n.GetNewschema(), name: id.Name}
	seqs := in.tableSequences(id)
	r.run()
	for _, s := range seqs {
		(&renaming{in: in, id: s, schema: n.GetNewschema(), name: s.Name}).run()
	}
	return nil
}

// tableSequences are the sequences that columns of a table own.
func (in *interpreter) tableSequences(table catalog.ID) []catalog.ID {
	var out []catalog.ID
	for _, child := range in.c.Children(table) {
		out = append(out, in.ownedSequencesOf(child)...)
	}
	return out
}

// renameObject gives an object another name, everywhere.
func (in *interpreter) renameObject(id catalog.ID, name string) error {
	if !in.c.Has(id) {
		return in.errorf(0, "%s is not the project's to rename", id)
	}
	(&renaming{in: in, id: id, schema: id.Schema, name: name}).run()
	return nil
}

// renaming is an object's change of name or schema. All objects that name it by
// their structure are rewritten.
type renaming struct {
	in           *interpreter
	id           catalog.ID
	schema, name string // the new ones
}

func (r *renaming) run() {
	r.nameColumns()
	ids := slices.Clone(r.in.c.IDs())
	texts := make([]catalog.Object, len(ids)) // names are looked up before any is changed
	for i, id := range ids {
		texts[i] = r.in.c.Get(id)
		if hasExprs(id.Kind) {
			texts[i] = r.exprs(texts[i])
		}
	}
	for i, id := range ids {
		o := r.in.c.Get(id)
		n := r.object(texts[i])
		switch {
		case reflect.DeepEqual(o, n):
		case n.ID() == id:
			r.in.put(n)
		default:
			r.in.move(id, n)
		}
	}
}

// nameColumns makes sure that views have names for the columns that they give out,
// before the text that gives them changes.
func (r *renaming) nameColumns() {
	var views []catalog.ID
	for _, id := range r.in.c.OfKinds(catalog.KindView) {
		if v, ok := r.in.c.Get(id).(catalog.View); ok && len(v.Columns) == 0 && r.touches(v.Query.Text) {
			views = append(views, id)
			delete(r.in.unresolved, id)
		}
	}
	if len(views) > 0 {
		analyze.ResolveOnly(r.in.c, views)
	}
}

// object is what an object is after the renaming.
func (r *renaming) object(o catalog.Object) catalog.Object {
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	r.own(o.ID(), v)
	r.fields(v)
	return v.Interface().(catalog.Object)
}

// own rewrites the names that make up an object's own ID.
func (r *renaming) own(id catalog.ID, v reflect.Value) {
	set := func(field, value string) {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(value)
		}
	}
	switch {
	case r.id.Kind == catalog.KindSchema:
		if id.Schema == r.id.Name && id.On == catalog.KindNone {
			set("Schema", r.name)
		}
		if id == r.id {
			set("Name", r.name)
		}
	case id == r.id:
		set("Schema", r.schema)
		set("Name", r.name)
	case isRelation(r.id.Kind) && id.On == catalog.KindNone && id.Schema == r.id.Schema && id.Table == r.id.Name && id.Kind != catalog.KindDomainConstraint,
		id.Kind == catalog.KindDefault && id.Schema == r.id.Schema && id.Table == r.id.Name && isRelation(r.id.Kind):
		set("Schema", r.schema)
		set("Table", r.name)
	case r.id.Kind == catalog.KindDomain && id.Kind == catalog.KindDomainConstraint && id.Schema == r.id.Schema && id.Table == r.id.Name:
		set("Schema", r.schema)
		set("Domain", r.name)
	case r.id.Kind == catalog.KindServer && id.Kind == catalog.KindUserMapping && id.Name == r.id.Name:
		set("Server", r.name)
	case r.id.Kind == catalog.KindPublication && id.Role == r.id.Name:
		set("Publication", r.name)
	}
}

func isRelation(k catalog.Kind) bool {
	return k == catalog.KindTable || k == catalog.KindView || k == catalog.KindSequence || k == catalog.KindComposite
}

// fields rewrites what an object names of others, wherever in it.
func (r *renaming) fields(v reflect.Value) {
	t := v.Type()
	for i := range v.NumField() {
		f := v.Field(i)
		switch x := f.Interface().(type) {
		case catalog.Expr:
		case catalog.ID:
			f.Set(reflect.ValueOf(r.targetID(x)))
		case catalog.QName:
			f.Set(reflect.ValueOf(r.qname(t.Name()+"."+t.Field(i).Name, x)))
		case []catalog.QName:
			n := slices.Clone(x)
			for j := range n {
				n[j] = r.qname(t.Name()+"."+t.Field(i).Name, n[j])
			}
			f.Set(reflect.ValueOf(n))
		case catalog.Type:
			f.SetString(string(r.typ(x)))
		case []catalog.Type:
			n := slices.Clone(x)
			for j := range n {
				n[j] = r.typ(n[j])
			}
			f.Set(reflect.ValueOf(n))
		case catalog.ColumnRef:
			f.Set(reflect.ValueOf(r.columnRef(x)))
		default:
			r.nested(f)
		}
	}
	r.columns(v)
}

func (r *renaming) nested(f reflect.Value) {
	switch {
	case f.Kind() == reflect.Struct:
		r.fields(f)
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct && f.Len() > 0:
		n := reflect.MakeSlice(f.Type(), f.Len(), f.Len())
		reflect.Copy(n, f)
		for i := range n.Len() {
			r.fields(n.Index(i))
		}
		f.Set(n)
	}
}

func (r *renaming) targetID(id catalog.ID) catalog.ID {
	constraint := id // the index of one has its name
	if constraint.Kind == catalog.KindIndex {
		constraint.Kind = catalog.KindConstraint
	}
	switch {
	case id == r.id, constraint == r.id:
		id.Schema, id.Name = r.schema, r.name
	case r.id.Kind == catalog.KindSchema && id.Schema == r.id.Name:
		id.Schema = r.name
	case isRelation(r.id.Kind) && id.Schema == r.id.Schema && id.Table == r.id.Name && id.Kind != catalog.KindDomainConstraint:
		id.Schema, id.Table = r.schema, r.name
	case r.id.Kind == catalog.KindDomain && id.Kind == catalog.KindDomainConstraint && id.Schema == r.id.Schema && id.Table == r.id.Name:
		id.Schema, id.Table = r.schema, r.name
	}
	return id
}

// kindsOf says what kinds of object a field names; all others name functions.
var kindsOf = map[string][]catalog.Kind{
	"Constraint.RefTable": {catalog.KindTable}, "Table.Inherits": {catalog.KindTable}, "Partition.Parent": {catalog.KindTable},
	"Trigger.From": {catalog.KindTable}, "Statistics.Table": {catalog.KindTable, catalog.KindView}, "Index.Parent": {catalog.KindIndex},
	"OperatorClass.Family": {catalog.KindOperatorFamily}, "OperatorClassMember.SortFamily": {catalog.KindOperatorFamily},
	"Operator.Commutator": {catalog.KindOperator}, "Operator.Negator": {catalog.KindOperator}, "Aggregate.SortOperator": {catalog.KindOperator},
	"ExclusionElement.Operator": {catalog.KindOperator}, "OperatorClassMember.Operator": {catalog.KindOperator},
	"TextSearchDictionary.Template": {catalog.KindTextSearchTemplate}, "TextSearchConfiguration.Parser": {catalog.KindTextSearchParser},
	"TextSearchMapping.Dictionaries": {catalog.KindTextSearchDictionary},
}

func (r *renaming) qname(field string, q catalog.QName) catalog.QName {
	if r.id.Kind == catalog.KindSchema {
		if q.Schema == r.id.Name {
			q.Schema = r.name
		}
		return q
	}
	kinds := kindsOf[field]
	if kinds == nil {
		switch field[slices.Index([]byte(field), '.')+1:] {
		case "Collation":
			kinds = []catalog.Kind{catalog.KindCollation}
		case "Opclass":
			kinds = []catalog.Kind{catalog.KindOperatorClass}
		default:
			kinds = []catalog.Kind{catalog.KindRoutine}
		}
	}
	if slices.Contains(kinds, r.id.Kind) && q.Schema == r.id.Schema && q.Name == r.id.Name {
		return catalog.QName{Schema: r.schema, Name: r.name}
	}
	return q
}

func (r *renaming) typ(t catalog.Type) catalog.Type {
	n := t.Parts()
	switch {
	case t == "":
	case r.id.Kind == catalog.KindSchema && n.Schema == r.id.Name:
		n.Schema = r.name
		return n.Type()
	case slices.Contains(typeKinds, r.id.Kind) && n.Schema == r.id.Schema && n.Name == r.id.Name:
		n.Schema, n.Name = r.schema, r.name
		return n.Type()
	}
	return t
}

func (r *renaming) columnRef(c catalog.ColumnRef) catalog.ColumnRef {
	switch {
	case r.id.Kind == catalog.KindSchema && c.Schema == r.id.Name:
		c.Schema = r.name
	case isRelation(r.id.Kind) && c.Schema == r.id.Schema && c.Table == r.id.Name:
		c.Schema, c.Table = r.schema, r.name
	case c.ID() == r.id:
		c.Column = r.name
	}
	return c
}
