package parser

import (
	"errors"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// call evaluates the functions that blocks make names and statements with.
func (r *run) call(c *pg.FuncCall, s *runScope) (any, error) {
	if c.GetOver() != nil {
		if n, ok := r.numbered[c][s]; ok {
			return n, nil
		}
		return nil, unknownf("window functions in this place are not evaluated")
	}
	name := lastName(c)
	if name == "pg_get_expr" && len(c.GetArgs()) > 1 {
		return r.expr(c.GetArgs()[0], s)
	}
	args, err := r.exprs(c.GetArgs(), s)
	if err != nil {
		if hidden := (*unknownError)(nil); errors.As(err, &hidden) && hidden.text != "" && name == "lower" {
			return nil, &unknownError{what: hidden.what, text: strings.ToLower(hidden.text), notNull: true}
		}
		return nil, plainly(err)
	}
	switch name {
	case "format":
		return format(args)
	case "concat":
		var b strings.Builder
		for _, a := range args {
			b.WriteString(str(a))
		}
		return b.String(), nil
	case "concat_ws":
		var parts []string
		for _, a := range args[min(1, len(args)):] {
			if a != nil {
				parts = append(parts, str(a))
			}
		}
		return strings.Join(parts, str(first(args))), nil
	case "current_schema":
		return r.currentSchema(), nil
	case "now", "current_database", "version":
		return nil, unknownf("%s() is not known", name)
	}
	r.in.stmt = r.outer
	if ids := r.in.routinesCalled(qualified(c.GetFuncname())); len(ids) > 0 && (len(c.GetFuncname()) > 1 || r.in.set.Functions(name) == nil) {
		return r.callRoutine(ids, args)
	}
	for _, a := range args {
		if a == nil {
			return nil, nil // all of these are strict
		}
	}
	if o, ok := first(args).(oid); ok {
		if v, known := r.callOid(name, o, args[1:]); known {
			if hidden, ok := v.(*unknownError); ok {
				return nil, hidden
			}
			return v, nil
		}
	}
	if v, ok := callText(name, args); ok {
		return v, nil
	}
	switch {
	case len(args) == 1:
		return r.callOne(name, args[0])
	case len(args) == 3 && name == "replace":
		return strings.ReplaceAll(str(args[0]), str(args[1]), str(args[2])), nil
	case len(args) == 2 && (name == "starts_with"):
		return strings.HasPrefix(str(args[0]), str(args[1])), nil
	case name == "pg_has_role" && len(args) > 1:
		if len(args) == 2 {
			args = append([]any{r.outer.session.role}, args...)
		}
		return r.hasRole(str(args[0]), str(args[1]))
	case len(args) == 2 && name == "array_length":
		list, err := array(args[0])
		if len(list) == 0 {
			return nil, err
		}
		return int64(len(list)), err
	case len(args) == 2 && name == "array_append":
		list, err := array(args[0])
		return append(append([]any{}, list...), args[1]), err
	}
	return nil, unknownf("function %s is not evaluated", name)
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// callOid evaluates the functions that describe an object.
func (r *run) callOid(name string, o oid, more []any) (v any, known bool) {
	obj := r.in.c.Lookup(o.id)
	switch name {
	case "pg_get_constraintdef":
		if c, ok := obj.(catalog.Constraint); ok {
			return r.constraintDefinition(c), true
		}
	case "pg_get_indexdef":
		if len(more) == 0 && obj != nil {
			return r.indexDefinition(obj), true
		}
	case "pg_get_function_identity_arguments", "pg_get_function_arguments":
		if f, ok := obj.(catalog.Routine); ok {
			return r.arguments(f, name == "pg_get_function_arguments"), true
		}
	case "pg_get_functiondef":
		if f, ok := obj.(catalog.Routine); ok {
			return &unknownError{what: "the text of a function is not known as PostgreSQL prints it", text: f.Name + " " + f.Body + f.SQLBody.Text, notNull: true}, true
		}
	case "pg_get_viewdef":
		if f, ok := obj.(catalog.View); ok {
			return exprValue(f.Query), true
		}
	case "pg_get_userbyid":
		return o.id.Name, o.id.Kind == catalog.KindRole
	case "format_type":
		if m, ok := first(more).(modifier); ok {
			n := m.t.Parts()
			if n.Schema == "pg_catalog" {
				return string(m.t), true
			}
		}
		return o.shown, first(more) == int64(-1)
	case "obj_description":
		c, ok := catalog.Find[catalog.Comment](r.in.c, catalog.About(catalog.KindComment, o.id, ""))
		if !ok {
			return nil, true
		}
		return c.Text, true
	}
	return nil, false
}

func (r *run) callOne(name string, arg any) (any, error) {
	switch name {
	case "quote_ident":
		return catalog.Quote(str(arg)), nil
	case "quote_literal":
		return quoteLiteral(str(arg)), nil
	case "lower":
		return strings.ToLower(str(arg)), nil
	case "upper":
		return strings.ToUpper(str(arg)), nil
	case "trim", "btrim":
		return strings.Trim(str(arg), " "), nil
	case "cardinality":
		list, err := array(arg)
		return int64(len(list)), err
	case "to_regclass", "to_regtype", "to_regnamespace", "to_regrole":
		v, err := r.object(strings.TrimPrefix(name, "to_"), str(arg))
		var e *Error
		if errors.As(err, &e) && e.missing {
			return nil, nil
		}
		return v, err
	}
	return nil, unknownf("function %s is not evaluated", name)
}

// hasRole reports whether a role is another one, or in it.
func (r *run) hasRole(member, role string) (any, error) {
	if member == role {
		return true, nil
	}
	m, ok := catalog.Find[catalog.Role](r.in.c, catalog.Role{Name: member}.ID())
	if !ok || r.in.c.Lookup(catalog.Role{Name: role}.ID()) == nil {
		return nil, unknownf("the roles that %q is in are not known", member)
	}
	if m.Superuser {
		return true, nil
	}
	for _, o := range r.objects(kinds(catalog.KindRoleMember)) {
		if in, ok := o.(catalog.RoleMember); ok && in.Member == member {
			if yes, err := r.hasRole(in.Role, role); err != nil || yes == true {
				return yes, err
			}
		}
	}
	return false, nil
}

func (r *run) currentSchema() any {
	r.in.stmt = r.outer
	for _, s := range r.in.schemas() {
		if r.in.schemaExists(s) {
			return s
		}
	}
	return nil
}

// format is PostgreSQL's, with %s, %I, %L, %% and positions.
func format(args []any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return nil, nil
	}
	f, rest, next := str(args[0]), args[1:], 0
	var b strings.Builder
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			b.WriteByte(f[i])
			continue
		}
		i++
		n := 0
		start := i
		for i < len(f) && f[i] >= '0' && f[i] <= '9' {
			n = n*10 + int(f[i]-'0')
			i++
		}
		if i < len(f) && i > start && f[i] == '$' {
			next = n - 1
			i++
		} else if i > start {
			return nil, unknownf("format with a width is not evaluated")
		}
		if i >= len(f) {
			return nil, unknownf("format ends in %%")
		}
		if f[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if next < 0 || next >= len(rest) {
			return nil, unknownf("format has too few arguments")
		}
		v := rest[next]
		next++
		switch f[i] {
		case 's':
			b.WriteString(str(v))
		case 'I':
			if v == nil {
				return nil, unknownf("format puts NULL in the place of a name")
			}
			b.WriteString(catalog.Quote(str(v)))
		case 'L':
			if v == nil {
				b.WriteString("NULL")
			} else {
				b.WriteString(quoteLiteral(str(v)))
			}
		default:
			return nil, unknownf("format with %%%c is not evaluated", f[i])
		}
	}
	return b.String(), nil
}

func quoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		q = " E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}
