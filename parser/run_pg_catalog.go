package parser

import (
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

var pgCatalog = map[string]systemView{
	"pg_namespace": of("oid nspname nspowner", func(r *run, o catalog.Schema) []any { return []any{r.oid(o.ID()), o.Name, r.ownerOid(o.ID())} }),
	"pg_type":      {"oid typname typnamespace typtype typrelid typbasetype typnotnull typowner typcategory", typeKinds, typeRows},
	"pg_enum": {"enumtypid enumlabel enumsortorder", kinds(catalog.KindEnum), func(r *run, o catalog.Object) [][]any {
		var out [][]any
		if e, ok := o.(catalog.Enum); ok {
			for i, l := range e.Labels {
				out = append(out, []any{r.oid(e.ID()), l, int64(i + 1)})
			}
		}
		return out
	}},
	"pg_class": {"oid relname relnamespace relkind relrowsecurity relforcerowsecurity relowner relpersistence relispartition reloptions", relkinds, func(r *run, o catalog.Object) [][]any {
		schema, name, kind := relkind(o)
		if name == "" {
			return nil
		}
		t, _ := o.(catalog.Table)
		persistence := "p"
		if t.Unlogged {
			persistence = "u"
		}
		rs, _ := catalog.Find[catalog.RowSecurity](r.in.c, catalog.RowSecurity{Schema: schema, Table: name}.ID())
		return [][]any{{r.oid(o.ID()), name, r.schemaOid(schema), kind, rs.Enabled, rs.Forced, r.ownerOid(o.ID()), persistence,
			!t.PartitionOf.Parent.IsZero(), listOrNull(values(relationOptions(o)))}}
	}},
	"pg_attribute": {"attrelid attname attnum attisdropped attnotnull atttypid atttypmod atthasdef attidentity attgenerated attislocal",
		kinds(catalog.KindColumn, catalog.KindComposite, catalog.KindView), attributeRows},
	"pg_attrdef": of("oid adrelid adnum adbin", func(r *run, o catalog.Default) []any {
		col, _ := catalog.Find[catalog.Column](r.in.c, catalog.ColumnRef{Schema: o.Schema, Table: o.Table, Column: o.Column}.ID())
		return []any{r.oid(o.ID()), r.relOid(o.Schema, o.Table), r.columnNumber(col), exprValue(o.Expr)}
	}),
	"pg_constraint": {"oid conname connamespace conrelid contype convalidated confrelid conkey confkey condeferrable condeferred confupdtype confdeltype conindid contypid conislocal connoinherit", kinds(catalog.KindConstraint, catalog.KindDomainConstraint), constraintRows},
	"pg_index":      {"indexrelid indrelid indisunique indisprimary indisvalid indisready indislive indkey indnatts indpred indexprs", kinds(catalog.KindIndex, catalog.KindConstraint), indexRows},
	"pg_trigger": of("oid tgname tgrelid tgisinternal tgfoid tgenabled tgparentid", func(r *run, o catalog.Trigger) []any {
		enabled := map[string]string{"": "O", "disabled": "D", "replica": "R", "always": "A"}[o.Enabled]
		return []any{r.oid(o.ID()), o.Name, r.relOid(o.Schema, o.Table), false, r.routineOid(o.Function), enabled, boolOid(o.Inherited)}
	}),
	"pg_policy": of("oid polname polrelid polcmd polpermissive polroles polqual polwithcheck", func(r *run, o catalog.Policy) []any {
		cmd := map[string]string{"select": "r", "insert": "a", "update": "w", "delete": "d"}[o.Command]
		if cmd == "" {
			cmd = "*"
		}
		var roles []any
		for _, role := range policyRoles(o) {
			if role == catalog.Public {
				roles = append(roles, int64(0))
			} else {
				roles = append(roles, r.oid(catalog.Role{Name: role}.ID()))
			}
		}
		return []any{r.oid(o.ID()), o.Name, r.relOid(o.Schema, o.Table), cmd, !o.Restrictive, roles, exprValue(o.Using), exprValue(o.WithCheck)}
	}),
	"pg_policies": of("schemaname tablename policyname permissive roles cmd qual with_check", func(r *run, o catalog.Policy) []any {
		permissive := "PERMISSIVE"
		if o.Restrictive {
			permissive = "RESTRICTIVE"
		}
		return []any{o.Schema, o.Table, o.Name, permissive, values(policyRoles(o)), strings.ToUpper(o.Command), exprValue(o.Using), exprValue(o.WithCheck)}
	}),
	"pg_proc": {"oid proname pronamespace prokind prosecdef pronargs proargnames prorettype proretset prolang proowner provolatile proisstrict proconfig prosrc", kinds(catalog.KindRoutine, catalog.KindAggregate), routineRows},
	"pg_tables": of("schemaname tablename tableowner rowsecurity hasindexes", func(r *run, o catalog.Table) []any {
		if o.Server != "" {
			return nil
		}
		rs, _ := catalog.Find[catalog.RowSecurity](r.in.c, catalog.RowSecurity{Schema: o.Schema, Table: o.Name}.ID())
		indexed := slices.ContainsFunc(r.in.c.Children(o.ID()), func(id catalog.ID) bool {
			c, _ := r.in.c.Get(id).(catalog.Constraint)
			return id.Kind == catalog.KindIndex || c.HasIndex()
		})
		return []any{o.Schema, o.Name, r.owner(o.ID()), rs.Enabled, indexed}
	}),
	"pg_views": of("schemaname viewname viewowner definition", func(r *run, o catalog.View) []any {
		if o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name, r.owner(o.ID()), exprValue(o.Query)}
	}),
	"pg_matviews": of("schemaname matviewname matviewowner ispopulated definition", func(r *run, o catalog.View) []any {
		if !o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name, r.owner(o.ID()), &unknownError{what: "whether a materialized view is populated is not known", notNull: true}, exprValue(o.Query)}
	}),
	"pg_sequences": of("schemaname sequencename sequenceowner", func(r *run, o catalog.Sequence) []any { return []any{o.Schema, o.Name, r.owner(o.ID())} }),
	"pg_indexes": {"schemaname tablename indexname indexdef", kinds(catalog.KindIndex, catalog.KindConstraint), func(r *run, o catalog.Object) [][]any {
		schema, name, kind := relkind(o)
		if kind != "i" {
			return nil
		}
		return [][]any{{schema, o.ID().Table, name, r.indexDefinition(o)}}
	}},
	"pg_roles":  of("oid rolname rolsuper rolcanlogin rolbypassrls rolinherit rolcreaterole rolcreatedb rolreplication", roleRow),
	"pg_authid": of("oid rolname rolsuper rolcanlogin rolbypassrls rolinherit rolcreaterole rolcreatedb rolreplication", roleRow),
	"pg_user":   of("usesysid usename", func(r *run, o catalog.Role) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_auth_members": of("roleid member", func(r *run, o catalog.RoleMember) []any {
		return []any{r.oid(catalog.Role{Name: o.Role}.ID()), r.oid(catalog.Role{Name: o.Member}.ID())}
	}),
	"pg_extension": of("oid extname extnamespace extversion", func(r *run, o catalog.Extension) []any {
		return []any{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema), &unknownError{what: "the version of an extension is not known", notNull: true}}
	}),
	"pg_available_extensions": {"name default_version installed_version comment", kinds(catalog.KindSchema), availableRows},
	"pg_publication": of("oid pubname puballtables pubinsert pubupdate pubdelete pubtruncate", func(r *run, o catalog.Publication) []any {
		return []any{r.oid(o.ID()), o.Name, o.AllTables, o.Insert, o.Update, o.Delete, o.Truncate}
	}),
	"pg_publication_tables": of("pubname schemaname tablename", func(r *run, o catalog.PublicationTable) []any { return []any{o.Publication, o.Schema, o.Table} }),
	"pg_publication_rel": of("prpubid prrelid", func(r *run, o catalog.PublicationTable) []any {
		return []any{r.oid(catalog.Publication{Name: o.Publication}.ID()), r.relOid(o.Schema, o.Table)}
	}),
	"pg_inherits": {"inhrelid inhparent inhseqno", kinds(catalog.KindTable), func(r *run, o catalog.Object) [][]any {
		t, ok := o.(catalog.Table)
		if !ok {
			return nil
		}
		parents := t.Inherits
		if !t.PartitionOf.Parent.IsZero() {
			parents = []catalog.QName{t.PartitionOf.Parent}
		}
		var out [][]any
		for i, p := range parents {
			out = append(out, []any{r.oid(t.ID()), r.relOid(p.Schema, p.Name), int64(i + 1)})
		}
		return out
	}},
	"pg_depend": {"objid refobjid deptype", kinds(catalog.KindSchema, catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindRoutine, catalog.KindAggregate, catalog.KindEnum, catalog.KindComposite, catalog.KindDomain, catalog.KindRange, catalog.KindBaseType, catalog.KindOperator), dependRows},
	"pg_event_trigger": of("oid evtname evtevent evtenabled", func(r *run, o catalog.EventTrigger) []any {
		return []any{r.oid(o.ID()), o.Name, o.Event, map[string]string{"": "O", "disabled": "D", "replica": "R", "always": "A"}[o.Enabled]}
	}),
	"pg_foreign_server":       of("oid srvname", func(r *run, o catalog.Server) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_foreign_data_wrapper": of("oid fdwname", func(r *run, o catalog.ForeignDataWrapper) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_collation":            of("oid collname collnamespace", func(r *run, o catalog.Collation) []any { return []any{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema)} }),
	"pg_language": {"oid lanname", kinds(catalog.KindSchema), func(r *run, o catalog.Object) [][]any {
		if s, ok := o.(catalog.Schema); !ok || s.Name != "public" { // once
			return nil
		}
		var out [][]any
		for _, l := range []string{"internal", "c", "sql", "plpgsql"} {
			out = append(out, []any{languageOid(l), l})
		}
		return out
	}},
}

// availableRows are the extensions that the platform is known to bring. Of others
// only the platform could tell.
func availableRows(r *run, o catalog.Object) [][]any {
	if s, ok := o.(catalog.Schema); !ok || s.Name != "public" {
		return nil
	}
	var out [][]any
	hidden := &unknownError{what: "which extensions can be installed is not known"}
	for _, name := range builtin.Extensions() {
		if r.in.c.Lookup(catalog.Extension{Name: name}.ID()) != nil || r.in.c.Lookup(catalog.Schema{Name: "storage"}.ID()) != nil {
			out = append(out, []any{name, hidden, hidden, hidden})
		}
	}
	return append(out, []any{hidden, hidden, hidden, hidden})
}

func roleRow(r *run, o catalog.Role) []any {
	return []any{r.oid(o.ID()), o.Name, o.Superuser, o.Login, o.BypassRLS, o.Inherit, o.CreateRole, o.CreateDB, o.Replication}
}

func policyRoles(o catalog.Policy) []string {
	if len(o.Roles) == 0 {
		return []string{catalog.Public}
	}
	return o.Roles
}

func relationOptions(o catalog.Object) []string {
	switch o := o.(type) {
	case catalog.Table:
		return o.Options
	case catalog.View:
		return o.Options
	case catalog.Index:
		return o.Options
	case catalog.Constraint:
		return o.Options
	}
	return nil
}

// dependRows are those of members of extensions. All others stand in one row of
// which no more is known than that it is not about an extension.
func dependRows(r *run, o catalog.Object) [][]any {
	if s, ok := o.(catalog.Schema); ok && s.Name == "public" {
		what := &unknownError{what: "other dependencies than those of extensions' members are not known", notNull: true}
		return [][]any{{what, notExtension{}, "n"}}
	}
	if x, ok := r.extensionOf(o.ID()); ok {
		return [][]any{{r.oid(o.ID()), r.oid(x), "e"}}
	}
	return nil
}

// attributeRows are the columns of tables and views and the attributes of composite types.
func attributeRows(r *run, o catalog.Object) [][]any {
	var out [][]any
	part := func(rel oid, i int, name string, typ, mod any) {
		out = append(out, []any{rel, name, int64(i + 1), false, false, typ, mod, false, "", "", true})
	}
	switch o := o.(type) {
	case catalog.Column:
		hasDefault := r.in.c.Lookup(catalog.Default{Schema: o.Schema, Table: o.Table, Column: o.Name}.ID()) != nil
		identity, generated := map[string]string{"always": "a", "by default": "d"}[o.Identity], ""
		if !o.Generated.IsZero() {
			generated, hasDefault = "s", true
		}
		return [][]any{{r.relOid(o.Schema, o.Table), o.Name, r.columnNumber(o), false, o.NotNull, r.typeOid(o.Type), typmod(o.Type), hasDefault, identity, generated, !o.Inherited}}
	case catalog.Composite:
		for i, a := range o.Attributes {
			part(r.oid(o.ID()), i, a.Name, r.typeOid(a.Type), typmod(a.Type))
		}
	case catalog.View:
		hidden := &unknownError{what: "the type of a view's column is not known", notNull: true}
		for i, c := range o.Columns {
			if c.Type == "" {
				part(r.oid(o.ID()), i, c.Name, hidden, hidden)
			} else {
				part(r.oid(o.ID()), i, c.Name, r.typeOid(c.Type), typmod(c.Type))
			}
		}
	}
	return out
}

func constraintRows(r *run, o catalog.Object) [][]any {
	if d, ok := o.(catalog.DomainConstraint); ok {
		domain := catalog.ID{Kind: catalog.KindDomain, Schema: d.Schema, Name: d.Domain}
		return [][]any{{r.oid(d.ID()), d.Name, r.schemaOid(d.Schema), int64(0), "c", !d.NotValid, int64(0), nil, nil, false, false, " ", " ", int64(0), r.oid(domain), true, false}}
	}
	c, ok := o.(catalog.Constraint)
	if !ok {
		return nil
	}
	other, index := any(int64(0)), any(int64(0))
	var theirs any
	if c.Type == catalog.ForeignKey {
		other, theirs = r.relOid(c.RefTable.Schema, c.RefTable.Name), r.numbers(c.RefTable.Schema, c.RefTable.Name, c.RefColumns)
		index = &unknownError{what: "the index behind a foreign key is not known", notNull: true}
	} else if c.HasIndex() {
		index = r.oid(c.ID())
	}
	columns := c.Columns
	if c.Type == catalog.Check {
		columns = r.columnsIn(c)
	}
	return [][]any{{r.oid(c.ID()), c.Name, r.schemaOid(c.Schema), r.relOid(c.Schema, c.Table), constraintLetters[c.Type], !c.NotValid, other,
		r.numbers(c.Schema, c.Table, columns), theirs, c.Deferrable, c.InitiallyDeferred, actionLetter(c, c.OnUpdate), actionLetter(c, c.OnDelete), index, int64(0), !c.Inherited, c.NoInherit}}
}

func actionLetter(c catalog.Constraint, action string) string {
	if c.Type != catalog.ForeignKey {
		return " "
	}
	return map[string]string{"": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}[action]
}

// columnsIn are the columns of its table that a check names, in their order.
func (r *run) columnsIn(c catalog.Constraint) []string {
	refs := columnRefs(parseExpr(c.Check.Text))
	t, _ := catalog.Find[catalog.Table](r.in.c, catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table})
	return slices.DeleteFunc(slices.Clone([]string(t.Columns)), func(name string) bool { return !slices.Contains(refs, name) })
}

func indexRows(r *run, o catalog.Object) [][]any {
	var elements []catalog.IndexElement
	unique, primary, valid := false, false, true
	var include []string
	var predicate catalog.Expr
	switch o := o.(type) {
	case catalog.Index:
		unique, elements, include, predicate, valid = o.Unique, o.Elements, o.Include, o.Predicate, !o.Invalid
	case catalog.Constraint:
		if !o.HasIndex() {
			return nil
		}
		unique, primary, include, predicate = o.Type != catalog.Exclusion, o.Type == catalog.PrimaryKey, o.Include, o.Predicate
		for _, c := range o.Columns {
			elements = append(elements, catalog.IndexElement{Column: c})
		}
		for _, e := range o.Elements {
			elements = append(elements, e.IndexElement)
		}
	default:
		return nil
	}
	id := o.ID()
	var key []any
	var exprs any
	for _, e := range elements {
		if e.Column == "" {
			exprs = exprValue(e.Expr)
			key = append(key, int64(0))
			continue
		}
		key = append(key, r.numbers(id.Schema, id.Table, []string{e.Column})...)
	}
	key = append(key, r.numbers(id.Schema, id.Table, include)...)
	return [][]any{{r.oid(id), r.relOid(id.Schema, id.Table), unique, primary, valid, valid, valid, key, int64(len(key)), exprValue(predicate), exprs}}
}

func routineRows(r *run, o catalog.Object) [][]any {
	switch o := o.(type) {
	case catalog.Routine:
		kind := "f"
		switch {
		case o.Procedure:
			kind = "p"
		case o.Window:
			kind = "w"
		}
		var argNames []any
		n := 0
		for _, p := range o.Params {
			argNames = append(argNames, p.Name)
			if p.Mode != "out" && p.Mode != "table" {
				n++
			}
		}
		returns := any(r.typeOid(o.Returns))
		if o.Returns == "" {
			returns = int64(0)
		}
		return [][]any{{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema), kind, o.SecurityDefiner, int64(n), listOrNull(argNames), returns, o.ReturnsSet,
			languageOid(strings.ToLower(o.Language)), r.ownerOid(o.ID()), o.Volatility[:min(1, len(o.Volatility))], o.Strict, listOrNull(values(o.Config)), o.Body}}
	case catalog.Aggregate:
		id := o.ID()
		hidden := &unknownError{what: "this is not known of an aggregate"}
		return [][]any{{r.oid(id), id.Name, r.schemaOid(id.Schema), "a", false, hidden, hidden, hidden, false, languageOid("internal"), r.ownerOid(id), hidden, false, nil, "aggregate_dummy"}}
	}
	return nil
}

func typeRows(r *run, o catalog.Object) [][]any {
	schema, name, kind := typtype(o)
	if name == "" {
		return nil
	}
	relation, base, notNull := any(int64(0)), any(int64(0)), false
	category := map[string]string{"e": "E", "d": "", "c": "C", "r": "R", "b": "U"}[kind]
	switch o := o.(type) {
	case catalog.Table, catalog.View, catalog.Composite:
		relation = r.relOid(schema, name)
	case catalog.Domain:
		base, notNull = r.typeOid(o.Base), o.NotNull
	}
	letter := any(category)
	if category == "" {
		letter = &unknownError{what: "the category of a domain is not known", notNull: true}
	}
	return [][]any{{r.oid(o.ID()), name, r.schemaOid(schema), kind, relation, base, notNull, r.ownerOid(o.ID()), letter}}
}
