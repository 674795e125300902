package lint

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// routineRules are about functions.
var routineRules = []*Rule{
	{
		Code: "SECURITY_DEFINER_NO_SEARCH_PATH", Level: Error,
		What:   "a SECURITY DEFINER function without a search_path of its own",
		Reason: "who calls it chooses the search_path, and so which tables and functions its owner's rights are used on",
		Fix:    "SET search_path = '' in its definition, and names with their schemas in its body",
		schema: definerSearchPath,
	},
	{
		Code: "FUNCTION_SEARCH_PATH", Level: Note,
		What:   "a function without a search_path of its own",
		Reason: "what its names mean depends on who calls it",
		Fix:    "SET search_path = '' in its definition, and names with their schemas in its body",
		schema: functionSearchPath,
	},
	{
		Code: "SECURITY_DEFINER_EXPOSED", Level: Warning,
		What:   "a SECURITY DEFINER function of an exposed schema that requests may call",
		Reason: "it runs with its owner's rights, past row security, for whoever calls /rpc",
		Fix:    "REVOKE EXECUTE ON FUNCTION … FROM public, anon; or move it to a schema that is not exposed",
		schema: definerExposed,
	},
}

func (s *state) fixedPath(r catalog.Routine) bool {
	return !r.SQLBody.IsZero() || slices.ContainsFunc(r.Config, func(c string) bool { return strings.HasPrefix(c, "search_path=") })
}

func definerSearchPath(s *state, report found) {
	each(s, func(r catalog.Routine, at catalog.Pos) {
		if r.SecurityDefiner && !s.fixedPath(r) {
			report(at, "function %s runs with its owner's rights under its caller's search_path", r.ID().Path())
		}
	})
}

func functionSearchPath(s *state, report found) {
	each(s, func(r catalog.Routine, at catalog.Pos) {
		if !r.SecurityDefiner && !s.fixedPath(r) && r.Language != "c" && r.Language != "internal" {
			report(at, "function %s runs under its caller's search_path", r.ID().Path())
		}
	})
}

func definerExposed(s *state, report found) {
	each(s, func(r catalog.Routine, at catalog.Pos) {
		if r.SecurityDefiner && s.isExposed(r.Schema) && s.open(r.ID(), "EXECUTE") && r.Returns != "trigger" && r.Returns != "event_trigger" {
			report(at, "function %s runs with its owner's rights for whoever sends a request", r.ID().Path())
		}
	})
}
