package introspect

import (
	"errors"
	"fmt"
	"strings"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// inquiry is how a text in the place of a question is put to the server, and
// where its meaning is then found.
type inquiry struct {
	// sql makes the statement that holds the text where PostgreSQL treats it as
	// it does in its place: same names in scope, same coercions.
	sql func(text string) string
	// pick takes out of the statement's tree what the text became.
	pick func(query *treeNode) (*treeNode, error)
	// stored says where the catalog keeps the current tree; zero: nowhere that can be compared.
	stored storedAt
	// relations are those whose columns are in scope, and implied is what counts
	// without being mentioned: the column or domain whose type a text is brought to.
	relations []catalog.QName
	implied   string
}

// newInquiry finds out how to ask about the expression at a path of an object.
// Not ok: the server cannot be asked; the error says why.
func (j *Judge) newInquiry(q analyze.Question) (inquiry, error) {
	switch o := q.Current.(type) {
	case catalog.Default:
		rel := catalog.QName{Schema: o.Schema, Name: o.Table}
		return inquiry{insertInto(rel, o.Column), firstTarget, storedAt{storedDefault, key{o.Schema, o.Table, o.Column}, 0}, []catalog.QName{rel}, o.Column}, nil
	case catalog.Column:
		rel := catalog.QName{Schema: o.Schema, Name: o.Table}
		return inquiry{assignTo(rel, o.Name), firstTarget, storedAt{storedDefault, key{o.Schema, o.Table, o.Name}, 0}, []catalog.QName{rel}, o.Name}, nil
	case catalog.Constraint:
		return constraintInquiry(o, q.Path)
	case catalog.Index:
		return indexInquiry(catalog.QName{Schema: o.Schema, Name: o.Table}, key{o.Schema, o.Name, ""}, o.Elements, q.Path)
	case catalog.Policy:
		rel := catalog.QName{Schema: o.Schema, Name: o.Table}
		kind := storedUsing
		if q.Path == "WithCheck" {
			kind = storedWithCheck
		}
		return inquiry{where(rel.SQL()), quals, storedAt{kind, key{o.Schema, o.Table, o.Name}, 0}, []catalog.QName{rel}, ""}, nil
	case catalog.Trigger:
		rel := catalog.QName{Schema: o.Schema, Name: o.Table}
		from := "ONLY " + rel.SQL() + " old, ONLY " + rel.SQL() + " new"
		return inquiry{where(from), quals, storedAt{storedWhen, key{o.Schema, o.Table, o.Name}, 0}, []catalog.QName{rel}, ""}, nil
	case catalog.PublicationTable:
		rel := catalog.QName{Schema: o.Schema, Name: o.Table}
		return inquiry{where("ONLY " + rel.SQL()), quals, storedAt{storedFilter, key{o.Schema, o.Table, o.Publication}, 0}, []catalog.QName{rel}, ""}, nil
	case catalog.Statistics:
		return listInquiry(o.Table, storedStatistics, key{o.Schema, o.Name, ""}, q.Path, "Exprs", func(int) bool { return true })
	case catalog.Table:
		if q.Path == "PartitionOf.Bound" {
			return inquiry{}, errors.New("the server cannot be asked what a partition bound means without making one")
		}
		elements := o.PartitionBy.Elements
		rel := catalog.QName{Schema: o.Schema, Name: o.Name}
		return listInquiry(rel, storedPartitionKey, key{o.Schema, o.Name, ""}, q.Path, "PartitionBy.Elements", func(i int) bool { return !elements[i].Expr.IsZero() })
	case catalog.View:
		return viewInquiry(o, j.major()), nil
	case catalog.Routine:
		return routineInquiry(o, q.Path)
	case catalog.Domain:
		return domainDefaultInquiry(o)
	case catalog.DomainConstraint:
		return j.domainInquiry(o)
	case catalog.Rule:
		return inquiry{}, errors.New("the server cannot be asked what a rule means without making one")
	}
	return inquiry{}, fmt.Errorf("the server cannot be asked about a %s", q.Current.ID().Kind)
}

func constraintInquiry(o catalog.Constraint, path string) (inquiry, error) {
	rel := catalog.QName{Schema: o.Schema, Name: o.Table}
	if path == "Check" {
		return inquiry{where("ONLY " + rel.SQL()), quals, storedAt{storedCheck, key{o.Schema, o.Table, o.Name}, 0}, []catalog.QName{rel}, ""}, nil
	}
	elements := make([]catalog.IndexElement, len(o.Elements))
	for i, e := range o.Elements {
		elements[i] = e.IndexElement
	}
	return indexInquiry(rel, key{o.Schema, o.Name, ""}, elements, strings.Replace(path, ".IndexElement.", ".", 1))
}

func indexInquiry(rel catalog.QName, k key, elements []catalog.IndexElement, path string) (inquiry, error) {
	if path == "Predicate" {
		return inquiry{where("ONLY " + rel.SQL()), quals, storedAt{storedPredicate, k, 0}, []catalog.QName{rel}, ""}, nil
	}
	return listInquiry(rel, storedIndex, k, path, "Elements", func(i int) bool { return !elements[i].Expr.IsZero() })
}

// listInquiry is for an expression that is stored in a list: those before it
// that are expressions give its position.
func listInquiry(rel catalog.QName, kind storedKind, k key, path, field string, isExpr func(int) bool) (inquiry, error) {
	var at int
	if n, err := fmt.Sscanf(path, field+"[%d].Expr", &at); n != 1 || err != nil {
		return inquiry{}, fmt.Errorf("there is no way to ask about %s", path)
	}
	position := 1
	for i := range at {
		if isExpr(i) {
			position++
		}
	}
	return inquiry{selectFrom("ONLY " + rel.SQL()), firstTarget, storedAt{kind, k, position}, []catalog.QName{rel}, ""}, nil
}

// viewInquiry asks about the query itself. Before PostgreSQL 16 a stored view has
// entries for OLD and NEW, which a query alone does not have.
func viewInquiry(o catalog.View, major int) inquiry {
	in := inquiry{sql: func(text string) string { return text }, pick: func(q *treeNode) (*treeNode, error) { return q, nil }}
	if major >= 16 {
		in.stored = storedAt{storedView, key{o.Schema, o.Name, ""}, 0}
	}
	return in
}

// routineInquiry asks about the default of a parameter, which is coerced to its type as
// the default of a column of XMLTABLE is, or about the body.
func routineInquiry(o catalog.Routine, path string) (inquiry, error) {
	if path == "SQLBody" {
		return bodyInquiry(o)
	}
	var at int
	if n, err := fmt.Sscanf(path, "Params[%d].Default", &at); n != 1 || err != nil {
		return inquiry{}, fmt.Errorf("there is no way to ask about %s", path)
	}
	position := 1
	for _, p := range o.Params[:at] {
		if !p.Default.IsZero() {
			position++
		}
	}
	return inquiry{
		sql: xmlTable(o.Params[at].Type), pick: tableFuncDefault,
		stored: storedAt{storedArguments, key{o.Schema, o.Name, o.ID().Args}, position},
	}, nil
}

// domainDefaultInquiry: as for a parameter. The XMLTABLE column casts to the base
// type, but does not apply its modifier to a value that has the type already.
func domainDefaultInquiry(o catalog.Domain) (inquiry, error) {
	if o.Base.Parts().Mods != "" {
		return inquiry{}, fmt.Errorf("the server cannot be asked about the default of a domain over %s", o.Base)
	}
	return inquiry{sql: xmlTable(o.Base), pick: tableFuncDefault, stored: storedAt{storedDomainDefault, key{o.Schema, o.Name, ""}, 0}, implied: o.Name}, nil
}

// domainInquiry has a column stand for VALUE.
func (j *Judge) domainInquiry(o catalog.DomainConstraint) (inquiry, error) {
	d, ok := catalog.Find[catalog.Domain](j.live, catalog.Domain{Schema: o.Schema, Name: o.Domain}.ID())
	if !ok {
		return inquiry{}, fmt.Errorf("domain %s.%s is not on the server yet", o.Schema, o.Domain)
	}
	from := `(SELECT CAST(NULL AS ` + string(d.Base) + `)) AS bloom_judge("value")`
	return inquiry{sql: where(from), pick: domainQuals, stored: storedAt{storedDomainCheck, key{o.Schema, o.Domain, o.Name}, 0}, implied: o.Domain}, nil
}

// bodyInquiry asks about RETURN, or BEGIN ATOMIC with one query in it: columns
// of a row with the routine's name stand for the parameters.
func bodyInquiry(o catalog.Routine) (inquiry, error) {
	var columns []string
	for _, p := range o.Params {
		if p.Name != "" && p.Mode != "out" && p.Mode != "table" {
			columns = append(columns, "CAST(NULL AS "+string(p.Type)+") AS "+catalog.Quote(p.Name))
		}
	}
	scope := "(SELECT " + strings.Join(columns, ", ") + ") AS " + catalog.Quote(o.Name)
	sql := func(text string) string {
		if expr, ok := cutKeyword(text, "RETURN"); ok {
			return "SELECT (" + expr + "\n) FROM " + scope
		}
		body, _ := cutKeyword(text, "BEGIN")
		body, _ = cutKeyword(body, "ATOMIC")
		body = strings.TrimSpace(body)
		if n := len(body) - len("END"); n > 0 && strings.EqualFold(body[n:], "END") {
			body = strings.TrimRight(body[:n], " \t\r\n;")
		}
		return "SELECT 1 FROM " + scope + ", LATERAL (" + body + "\n) AS bloom_judge_body"
	}
	return inquiry{sql: sql, pick: func(q *treeNode) (*treeNode, error) { return q, nil }}, nil
}

func cutKeyword(text, word string) (rest string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > len(word) && strings.EqualFold(text[:len(word)], word) {
		return text[len(word):], true
	}
	return text, false
}
