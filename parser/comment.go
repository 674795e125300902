package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) comment(n *pg.CommentStmt) error {
	switch n.GetObjtype() {
	case pg.ObjectType_OBJECT_DATABASE, pg.ObjectType_OBJECT_LARGEOBJECT, pg.ObjectType_OBJECT_TABLESPACE:
		return nil // none of the schema's
	case pg.ObjectType_OBJECT_LANGUAGE, pg.ObjectType_OBJECT_ACCESS_METHOD, pg.ObjectType_OBJECT_TRANSFORM:
		in.note("comment on a %s left out: bloom does not compare them", objectWord(n.GetObjtype()))
		return nil
	}
	if name := nameOf(n.GetObject()).Name; n.GetObjtype() == pg.ObjectType_OBJECT_EXTENSION && (name == "plpgsql" || in.passesOver(name)) {
		return nil
	}
	id, err := in.object(n.GetObjtype(), n.GetObject())
	if err != nil {
		return err
	}
	if n.GetObjtype() == pg.ObjectType_OBJECT_INDEX {
		id.Kind = catalog.KindIndex // also of a constraint, which has a comment of its own
	}
	c := catalog.Comment{Target: id, Text: n.GetComment()}
	if c.Text == "" {
		in.remove(c.ID())
		return nil
	}
	in.put(c)
	return nil
}

func (in *interpreter) securityLabel(n *pg.SecLabelStmt) error {
	id, err := in.object(n.GetObjtype(), n.GetObject())
	if err != nil {
		return err
	}
	l := catalog.SecurityLabel{Target: id, Provider: n.GetProvider(), Label: n.GetLabel()}
	if l.Label == "" {
		in.remove(l.ID())
		return nil
	}
	in.put(l)
	return nil
}
