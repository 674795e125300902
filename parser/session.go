package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// DefaultSearchPath is what names in a file are read under if it sets nothing else.
const DefaultSearchPath = `"$user", public, extensions`

// session is the settings in force at a statement.
type session struct {
	path string // search_path, as SHOW prints it
	role string // who runs the statement
}

// names are the schemas of the search_path in order.
func (s *session) names() []string { return catalog.SplitNames(s.path) }

// setSessions says for each statement of a file which settings are in force. A
// file starts with the defaults: it is a session of its own.
func (f *file) setSessions(o Options) {
	start := &session{path: o.SearchPath, role: o.Role}
	if start.path == "" {
		start.path = DefaultSearchPath
	}
	s := sessions{start: start, now: start}
	for _, st := range f.statements {
		s.apply(st.node)
		st.session = s.now
	}
}

// sessions follows the settings through a file.
type sessions struct {
	start  *session
	now    *session
	before *session // what holds again after the transaction; nil: nothing was SET LOCAL
	inside bool     // a transaction block
}

func (s *sessions) apply(n *pg.Node) {
	switch {
	case n.GetVariableSetStmt() != nil:
		s.set(n.GetVariableSetStmt())
	case n.GetSelectStmt() != nil:
		if value, local, ok := setConfig(n.GetSelectStmt()); ok {
			s.change(local, func(n *session) { n.path = value })
		}
	case n.GetTransactionStmt() != nil:
		s.transaction(n.GetTransactionStmt())
	case n.GetDiscardStmt() != nil:
		s.now = s.start
	}
}

func (s *sessions) transaction(t *pg.TransactionStmt) {
	switch t.GetKind() {
	case pg.TransactionStmtKind_TRANS_STMT_BEGIN, pg.TransactionStmtKind_TRANS_STMT_START:
		s.inside = true
	case pg.TransactionStmtKind_TRANS_STMT_COMMIT, pg.TransactionStmtKind_TRANS_STMT_ROLLBACK:
		s.inside = false
		if s.before != nil {
			s.now, s.before = s.before, nil
		}
	}
}

func (s *sessions) change(local bool, f func(*session)) {
	n := *s.now
	f(&n)
	if local && s.inside && s.before == nil {
		s.before = s.now
	}
	s.now = &n
}

func (s *sessions) set(v *pg.VariableSetStmt) {
	value := func(def string) string {
		if v.GetKind() != pg.VariableSetKind_VAR_SET_VALUE {
			return def
		}
		return settingValue(v)
	}
	switch v.GetName() {
	case "search_path":
		path := value(s.start.path)
		s.change(v.GetIsLocal(), func(n *session) { n.path = path })
	case "role", "session_authorization":
		role := value(s.start.role)
		if role == "none" || role == "default" {
			role = s.start.role
		}
		s.change(v.GetIsLocal(), func(n *session) { n.role = role })
	case "":
		if v.GetKind() == pg.VariableSetKind_VAR_RESET_ALL {
			s.now = s.start
		}
	}
}

// settingValue is the value of a SET as PostgreSQL stores it (flatten_set_variable_args):
// lists have their members quoted where needed.
func settingValue(v *pg.VariableSetStmt) string {
	list := listSettings[v.GetName()]
	parts := make([]string, len(v.GetArgs()))
	for i, a := range v.GetArgs() {
		parts[i] = constText(a)
		if list && a.GetAConst().GetSval() != nil {
			parts[i] = catalog.Quote(parts[i])
		}
	}
	return strings.Join(parts, ", ")
}

// listSettings are the settings with GUC_LIST_QUOTE.
var listSettings = map[string]bool{
	"search_path": true, "temp_tablespaces": true, "session_preload_libraries": true,
	"shared_preload_libraries": true, "local_preload_libraries": true, "unix_socket_directories": true,
}

// setConfig recognises SELECT set_config('search_path', …), with which pg_dump
// starts its output.
func setConfig(sel *pg.SelectStmt) (value string, local, ok bool) {
	if len(sel.GetTargetList()) != 1 || len(sel.GetFromClause()) > 0 {
		return "", false, false
	}
	call := sel.GetTargetList()[0].GetResTarget().GetVal().GetFuncCall()
	name := strs(call.GetFuncname())
	if len(name) == 0 || name[len(name)-1] != "set_config" || len(call.GetArgs()) != 3 ||
		!strings.EqualFold(constText(call.GetArgs()[0]), "search_path") {
		return "", false, false
	}
	return constText(call.GetArgs()[1]), call.GetArgs()[2].GetAConst().GetBoolval().GetBoolval(), true
}

// settingName spells a setting as PostgreSQL does: three have capitals.
func settingName(name string) string {
	for _, s := range []string{"DateStyle", "IntervalStyle", "TimeZone"} {
		if strings.EqualFold(s, name) {
			return s
		}
	}
	return name
}
