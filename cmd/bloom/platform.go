package main

import (
	"bloom/catalog/introspect"
	"bloom/supabase"
)

// platformScope tells introspection what in a database is the platform's: where the
// platform is not, the history of migrations only, which push makes.
func platformScope(hosted bool) introspect.Options {
	if !hosted {
		return introspect.Options{Scope: introspect.Scope{Schema: func(name string) bool { return name == supabase.HistorySchema }}}
	}
	return introspect.Options{Scope: introspect.Scope{
		Schema:            supabase.ManagedSchema,
		Role:              supabase.ManagedRole,
		Table:             supabase.ManagedTable,
		Extension:         supabase.ManagedExtension,
		Publication:       supabase.ManagedPublication,
		EventTrigger:      supabase.ManagedEventTrigger,
		DefaultPrivileges: supabase.ManagedDefaultPrivileges,
		Setting:           supabase.ManagedSetting,
	}}
}
