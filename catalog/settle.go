package catalog

// Settler is an object whose declaration may leave something open, which is then
// as it is in the current state.
type Settler interface {
	Object
	Settle(current Object) Object
}

// Renamer is an object that may have a name of PostgreSQL's choosing and is then
// matched by what it is, and that is renamed when only its name differs.
type Renamer interface {
	Object
	WithName(name string) Object
}

// WithName returns the constraint under another name.
func (o Constraint) WithName(name string) Object { o.Name = name; return o }

// WithName returns the index under another name.
func (o Index) WithName(name string) Object { o.Name = name; return o }

// WithName returns the policy under another name.
func (o Policy) WithName(name string) Object { o.Name = name; return o }

// WithName returns the trigger under another name.
func (o Trigger) WithName(name string) Object { o.Name = name; return o }

// WithName returns the constraint under another name.
func (o DomainConstraint) WithName(name string) Object { o.Name = name; return o }

// targeted is an object about another one.
type targeted interface {
	Object
	withTarget(ID) Object
}

func (o Owner) withTarget(id ID) Object         { o.Target = id; return o }
func (o Grant) withTarget(id ID) Object         { o.Target = id; return o }
func (o Comment) withTarget(id ID) Object       { o.Target = id; return o }
func (o SecurityLabel) withTarget(id ID) Object { o.Target = id; return o }

// Rename gives an object another name. Its source, its dependencies and what is
// about it (comment, owner, …) go along.
func (c *Catalog) Rename(id ID, name string) {
	o, ok := c.Get(id).(Renamer)
	if !ok {
		return
	}
	n := o.WithName(name)
	about := c.Children(id)
	changes := c.changes
	defer func() { c.changes = changes }()
	c.move(id, n)
	for _, a := range about {
		if t, ok := c.Get(a).(targeted); ok {
			target := n.ID()
			target.Kind = a.Target().Kind // the comment on a constraint's index stays one
			c.move(a, t.withTarget(target))
		}
	}
}

func (c *Catalog) move(id ID, n Object) {
	was := *c.find(id)
	deps, users := was.deps.clone(), was.users.clone()
	c.Remove(id)
	c.Put(n)
	from, to := c.index[id], c.index[n.ID()]
	c.nodes[to].source, c.nodes[to].unnamed = was.source, was.unnamed
	c.nodes[to].line, c.nodes[to].col = was.line, was.col
	for d := range deps.all() {
		c.depend(to, d)
	}
	for u := range users.all() {
		c.nodes[u].deps.remove(from)
		c.nodes[from].users.remove(u)
		c.depend(u, to)
	}
}
