package introspect

import "bloom/catalog"

// routineName is what other objects say of a routine.
type routineName struct {
	catalog.QName
	args string
}

// Routines of PostgreSQL itself are read only where a user's object names them.
var builtinRoutines = query[builtinRoutineRow]{name: "names of built-in functions", sql: `
select p.oid, p.proname, p.pronamespace, p.proargtypes from pg_proc p
where p.oid < 16384 and p.oid in (
  select tgfoid from pg_trigger where not tgisinternal
  union all select prosupport from pg_proc where oid >= 16384
  union all select evtfoid from pg_event_trigger
  union all select unnest(array[fdwhandler, fdwvalidator]) from pg_foreign_data_wrapper
  union all select unnest(array[rngcanonical::oid, rngsubdiff::oid]) from pg_range where rngtypid >= 16384
  union all select unnest(array[aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggserialfn::oid, aggdeserialfn::oid,
                   aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid]) from pg_aggregate where aggfnoid::oid >= 16384
  union all select unnest(array[oprcode::oid, oprrest::oid, oprjoin::oid]) from pg_operator where oid >= 16384
  union all select castfunc from pg_cast where oid >= 16384
  union all select amproc::oid from pg_amproc where oid >= 16384
  union all select conproc::oid from pg_conversion where oid >= 16384
  union all select unnest(array[prsstart::oid, prstoken::oid, prsend::oid, prsheadline::oid, prslextype::oid]) from pg_ts_parser where oid >= 16384
  union all select unnest(array[tmplinit::oid, tmpllexize::oid]) from pg_ts_template where oid >= 16384)`,
	add: func(l *loader, r builtinRoutineRow) error {
		l.routines[r.OID] = l.nameRoutine(r.Name, r.Schema, r.Args)
		return nil
	}}

type builtinRoutineRow struct {
	OID    oid
	Name   string
	Schema oid
	Args   []oid
}

func (l *loader) nameRoutine(name string, namespace oid, args []oid) routineName {
	n := routineName{QName: catalog.QName{Schema: l.schemas[namespace].name, Name: name}}
	for i, a := range args {
		if i > 0 {
			n.args += ", "
		}
		n.args += string(l.typeText(a))
	}
	return n
}

var languages = query[nameRow]{name: "languages", sql: `select oid, lanname from pg_language`,
	add: func(l *loader, r nameRow) error { l.languages[r.OID] = r.Name; return nil }}

// Defaults are asked for one by one: pg_get_expr would give all of a routine's in one list.
var routines = query[routineRow]{name: "routines", sql: `
select p.oid, p.proname, p.pronamespace, p.proowner, p.prolang, p.prokind, p.procost, p.prorows, p.prosupport::oid,
       p.prosecdef, p.proleakproof, p.proisstrict, p.proretset, p.provolatile, p.proparallel, p.prorettype,
       p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames, p.protrftypes,
       case when p.pronargdefaults > 0 then
         (select array_agg(pg_get_function_arg_default(p.oid, i) order by i)
          from generate_series(1, coalesce(array_length(p.proallargtypes, 1), p.pronargs)) i) end,
       p.proconfig, p.prosrc, p.probin, case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) end, p.proacl::text[],
       case when l.lanname = 'internal' then
         (select refobjid from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass and d.deptype = 'i') end
from pg_proc p join pg_language l on l.oid = p.prolang where p.oid >= 16384`,
	add: func(l *loader, r routineRow) error {
		l.routines[r.OID] = l.nameRoutine(r.Name, r.Schema, r.Args)
		l.routineRows = append(l.routineRows, r)
		return nil
	},
	done: func(l *loader) {
		for _, r := range l.routineRows {
			l.putRoutine(r)
		}
		l.routineRows = nil
	}}

type routineRow struct {
	OID                                            oid
	Name                                           string
	Schema, Owner, Language                        oid
	Kind                                           string
	Cost, Rows                                     float64
	Support                                        oid
	SecurityDefiner, Leakproof, Strict, ReturnsSet bool
	Volatility, Parallel                           string
	Returns                                        oid
	Args, AllArgs                                  []oid
	Modes, Names                                   []string
	Transforms                                     []oid
	Defaults                                       []string
	Config                                         []string
	Body, Library, SQLBody                         string
	ACL                                            acl
	Constructs                                     oid // range type that it came with
}

func (l *loader) putRoutine(r routineRow) {
	at := ref{pgProc, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok {
		return
	}
	if r.Constructs != 0 { // it is part of its type
		l.base.Put(l.routine(s.name, r))
		l.constructors[r.Constructs] = append(l.constructors[r.Constructs], at)
		return
	}
	if r.Kind == "a" {
		o = l.define(at, o, catalog.Aggregate{Schema: s.name, Name: r.Name, Params: l.params(r), Returns: l.typeText(r.Returns), Parallel: parallel(r.Parallel)})
	} else {
		o = l.define(at, o, l.routine(s.name, r))
	}
	l.needSchema(o, s.name)
	l.own(o, r.Owner)
	l.grant(o, r.Owner, r.ACL, routinePrivileges)
}

func (l *loader) routine(schema string, r routineRow) catalog.Routine {
	v := catalog.Routine{
		Schema: schema, Name: r.Name, Procedure: r.Kind == "p", Window: r.Kind == "w", Params: l.params(r), ReturnsSet: r.ReturnsSet,
		Language: l.languages[r.Language], Volatility: word(r.Volatility, "v", "volatile", "s", "stable", "i", "immutable"),
		Strict: r.Strict, SecurityDefiner: r.SecurityDefiner, Leakproof: r.Leakproof, Parallel: parallel(r.Parallel),
		Cost: r.Cost, Support: l.routines[r.Support].QName, Config: r.Config, Body: r.Body, Library: r.Library, SQLBody: expr(r.SQLBody),
	}
	if r.ReturnsSet {
		v.Rows = r.Rows
	}
	if !v.Procedure {
		v.Returns = l.typeText(r.Returns)
	}
	for _, t := range r.Transforms {
		v.Transforms = append(v.Transforms, l.typeText(t))
	}
	return v
}

func parallel(code string) string { return word(code, "u", "unsafe", "r", "restricted", "s", "safe") }

func (l *loader) params(r routineRow) []catalog.Param {
	types := r.AllArgs
	if len(types) == 0 {
		types = r.Args
	}
	ps := make([]catalog.Param, len(types))
	for i, t := range types {
		ps[i] = catalog.Param{Mode: "in", Type: l.typeText(t)}
		if i < len(r.Modes) {
			ps[i].Mode = word(r.Modes[i], "i", "in", "o", "out", "b", "inout", "v", "variadic", "t", "table")
		}
		if i < len(r.Names) {
			ps[i].Name = r.Names[i]
		}
		if i < len(r.Defaults) {
			ps[i].Default = expr(r.Defaults[i])
		}
	}
	return ps
}
