package planner

import "bloom/catalog"

// object writes an object as COMMENT ON, ALTER … OWNER TO and GRANT name it: its
// kind in key words and its name. c is the catalog that has it.
func object(c *catalog.Catalog, id catalog.ID) fragment {
	q := catalog.QName{Schema: id.Schema, Name: id.Name}
	table := catalog.QName{Schema: id.Schema, Name: id.Table}
	switch id.Kind {
	case catalog.KindTable:
		if t, ok := catalog.Find[catalog.Table](c, id); ok && t.Server != "" {
			return sql("FOREIGN TABLE ?", q)
		}
	case catalog.KindView:
		if v, ok := catalog.Find[catalog.View](c, id); ok && v.Materialized {
			return sql("MATERIALIZED VIEW ?", q)
		}
	case catalog.KindColumn:
		return sql("COLUMN ?.?", table, ident(id.Name))
	case catalog.KindRoutine:
		r, _ := catalog.Find[catalog.Routine](c, id)
		return sql("? ?", raw(routineWord(r)), signature(id))
	case catalog.KindAggregate:
		a, _ := catalog.Find[catalog.Aggregate](c, id)
		return sql("AGGREGATE ??", q, aggregateArgs(a))
	case catalog.KindOperator:
		return sql("OPERATOR ?", operatorSignature(id))
	case catalog.KindCast:
		o, _ := catalog.Find[catalog.Cast](c, id)
		return sql("CAST (? AS ?)", o.Source, o.Target)
	case catalog.KindOperatorClass, catalog.KindOperatorFamily:
		return sql("? ? USING ?", raw(keyword[id.Kind]), q, ident(id.Args))
	case catalog.KindConstraint, catalog.KindTrigger, catalog.KindPolicy, catalog.KindRule:
		return sql("? ? ON ?", raw(keyword[id.Kind]), ident(id.Name), table)
	case catalog.KindDomainConstraint:
		return sql("CONSTRAINT ? ON DOMAIN ?", ident(id.Name), table)
	}
	return sql("? ?", raw(keyword[id.Kind]), q)
}

// keyword is the word for a kind of object in SQL.
var keyword = map[catalog.Kind]string{
	catalog.KindRole: "ROLE", catalog.KindSchema: "SCHEMA", catalog.KindExtension: "EXTENSION", catalog.KindCollation: "COLLATION",
	catalog.KindBaseType: "TYPE", catalog.KindEnum: "TYPE", catalog.KindComposite: "TYPE", catalog.KindRange: "TYPE", catalog.KindDomain: "DOMAIN",
	catalog.KindSequence: "SEQUENCE", catalog.KindForeignDataWrapper: "FOREIGN DATA WRAPPER", catalog.KindServer: "SERVER", catalog.KindTable: "TABLE",
	catalog.KindOperatorFamily: "OPERATOR FAMILY", catalog.KindOperatorClass: "OPERATOR CLASS", catalog.KindConversion: "CONVERSION",
	catalog.KindTextSearchParser: "TEXT SEARCH PARSER", catalog.KindTextSearchTemplate: "TEXT SEARCH TEMPLATE",
	catalog.KindTextSearchDictionary: "TEXT SEARCH DICTIONARY", catalog.KindTextSearchConfiguration: "TEXT SEARCH CONFIGURATION",
	catalog.KindConstraint: "CONSTRAINT", catalog.KindIndex: "INDEX", catalog.KindStatistics: "STATISTICS", catalog.KindView: "VIEW",
	catalog.KindRule: "RULE", catalog.KindTrigger: "TRIGGER", catalog.KindPolicy: "POLICY", catalog.KindEventTrigger: "EVENT TRIGGER",
	catalog.KindPublication: "PUBLICATION", catalog.KindSubscription: "SUBSCRIPTION",
}

// signature writes a routine's name with its input types.
func signature(id catalog.ID) fragment {
	return sql("?(?)", catalog.QName{Schema: id.Schema, Name: id.Name}, raw(id.Args))
}

func routineWord(r catalog.Routine) string {
	if r.Procedure {
		return "PROCEDURE"
	}
	return "FUNCTION"
}

// tableOf is the qualified name of the table that an object belongs to.
func tableOf(id catalog.ID) catalog.QName { return catalog.QName{Schema: id.Schema, Name: id.Table} }

func nameOf(id catalog.ID) catalog.QName { return catalog.QName{Schema: id.Schema, Name: id.Name} }

// alterTable starts an ALTER TABLE, or ALTER FOREIGN TABLE, of a relation.
func (s *state) alterTable(name catalog.QName) fragment {
	id := catalog.ID{Kind: catalog.KindTable, Schema: name.Schema, Name: name.Name}
	for _, c := range []*catalog.Catalog{s.desired, s.current} {
		if t, ok := catalog.Find[catalog.Table](c, id); ok {
			if t.Server != "" {
				return sql("ALTER FOREIGN TABLE ?", name)
			}
			break
		}
	}
	return sql("ALTER TABLE ?", name)
}
