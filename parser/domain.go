package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createDomain(n *pg.CreateDomainStmt) error {
	q, err := in.newType(n.GetDomainname())
	if err != nil {
		return err
	}
	d := catalog.Domain{Schema: q.Schema, Name: q.Name}
	if d.Base, err = in.typeOf(n.GetTypeName()); err != nil {
		return err
	}
	if cc := n.GetCollClause(); cc != nil {
		if d.Collation, err = in.collation(cc.GetCollname(), cc.GetLocation()); err != nil {
			return err
		}
	}
	below := d.Base.Parts()
	id := catalog.ID{Kind: catalog.KindDomain, Schema: below.Schema, Name: below.Name}
	if base, ok := catalog.Find[catalog.Domain](in.c, id); ok && !below.Array {
		d.Default = base.Default // is copied, and stays when that one's changes
	}
	var checks []*pg.Constraint
	for _, c := range n.GetConstraints() {
		con := c.GetConstraint()
		switch con.GetContype() {
		case pg.ConstrType_CONSTR_DEFAULT:
			d.Default = in.defaultExpr(con.GetRawExpr(), in.defaultTokens(con), d.Base)
		case pg.ConstrType_CONSTR_NOTNULL:
			d.NotNull = true
		case pg.ConstrType_CONSTR_NULL:
			d.NotNull = false
		case pg.ConstrType_CONSTR_CHECK:
			checks = append(checks, con)
		}
	}
	if err := in.putType(d); err != nil {
		return err
	}
	for _, con := range checks {
		if err := in.addDomainCheck(d, con, false); err != nil {
			return err
		}
	}
	return nil
}

func (in *interpreter) addDomainCheck(d catalog.Domain, con *pg.Constraint, existing bool) error {
	c := catalog.DomainConstraint{
		Schema: d.Schema, Domain: d.Name, Name: con.GetConname(), NotValid: con.GetSkipValidation() && existing,
		Check: in.expr(con.GetRawExpr(), parenthesised(in.tokensAt(con.GetLocation()), "check")),
	}
	unnamed := c.Name == ""
	if unnamed {
		c.Name = in.chooseConstraintName(d.Name, "", "check", d.Schema)
	}
	if err := in.add(c, con.GetLocation()); err != nil {
		return err
	}
	if unnamed {
		in.unnamed(c.ID())
	}
	return nil
}

func (in *interpreter) alterDomain(n *pg.AlterDomainStmt) error {
	id, err := in.need(qualified(n.GetTypeName()), 0, catalog.KindDomain)
	if err != nil {
		return in.unless(n.GetMissingOk() && n.GetSubtype() != "X", err)
	}
	d, ok := in.c.Get(id).(catalog.Domain)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	con := catalog.DomainConstraint{Schema: d.Schema, Domain: d.Name, Name: n.GetName()}
	switch n.GetSubtype() {
	case "T":
		t := in.stmt.tokens
		if i := t.find(0, "set", "default"); i >= 0 {
			t = t.from(i + 2)
		}
		d.Default = in.defaultExpr(n.GetDef(), t, d.Base)
	case "N":
		d.NotNull = false
	case "O":
		d.NotNull = true
	case "C":
		if n.GetDef().GetConstraint().GetContype() == pg.ConstrType_CONSTR_NOTNULL {
			d.NotNull = true
			break
		}
		return in.addDomainCheck(d, n.GetDef().GetConstraint(), true)
	case "X":
		if !in.c.Has(con.ID()) {
			if n.GetMissingOk() {
				return nil
			}
			return in.missing(0, "constraint %q of domain %q", con.Name, d.Name)
		}
		in.remove(con.ID())
		return nil
	case "V":
		have, ok := in.c.Get(con.ID()).(catalog.DomainConstraint)
		if !ok {
			return in.missing(0, "constraint %q of domain %q", con.Name, d.Name)
		}
		have.NotValid = false
		in.put(have)
		return nil
	}
	in.put(d)
	return nil
}
