// Package introspect reads a live database into a [catalog.Catalog].
//
// Everything is read in one transaction, REPEATABLE READ and READ ONLY, and in
// one pipeline: after connecting there is a single round trip. The queries fetch
// raw rows of pg_catalog; names are resolved here, through maps, and the server
// is asked to deparse only where there is an expression or a query.
//
// Each kind has a file with its query, the type of its rows and the conversion;
// the list of them all is below.
package introspect

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bloom/catalog"
)

// Options says how to read a database.
type Options struct {
	Scope Scope
}

// Scope says, by name, what belongs to the platform that hosts the database. It
// goes into the catalog's Base. A function that is nil: nothing does.
type Scope struct {
	Schema            func(name string) bool
	Role              func(name string) bool
	Table             func(schema, name string) bool // outside of the platform's schemas
	Extension         func(name string) bool
	Publication       func(name string) bool
	EventTrigger      func(name, owner string) bool
	DefaultPrivileges func(role string) bool
	Setting           func(name string) bool // of the database
}

// steps are the queries in the order in which they run and are read. A query
// may rely on what those before it have loaded.
var steps = []step{
	settings,
	roles, roleMembers, tablespaces, accessMethods, languages,
	extensionMembers, schemas, extensions, defaultPrivileges,
	collations, relations, inherits, types, builtinRoutines, builtinOperators, routines, aggregates,
	enums, ranges, operators, operatorFamilies, operatorClasses, familyOperators, familyRoutines, casts, conversions,
	textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations, textSearchMappings,
	columns, partitionKeys, defaults, indexes, constraints,
	foreignDataWrappers, servers, foreignTables, userMappings,
	sequences, views, rewriteRules, triggers, policies, statistics,
	eventTriggers, publications, publicationTables, publicationSchemas, subscriptions,
	comments, securityLabels, unmodelledObjects, languageACLs, constraintTriggers, database, databaseSettings, parameterACLs, sharedLabels, dependencies,
}

// Database reads the database that conn is connected to.
func Database(ctx context.Context, conn *pgx.Conn, o Options) (*catalog.Catalog, error) {
	version, err := serverVersion(conn.PgConn())
	if err != nil {
		return nil, err
	}
	l := newLoader(version, o.Scope)
	if err := l.run(ctx, conn.PgConn()); err != nil {
		return nil, explain(err)
	}
	l.finish()
	return l.cat, nil
}

// run sends all queries at once and reads their results as they come.
func (l *loader) run(ctx context.Context, conn *pgconn.PgConn) error {
	batch := &pgconn.Batch{}
	begin, end := "begin isolation level repeatable read read only", "commit"
	if conn.TxStatus() == 'T' { // what a transaction made and may take back
		begin, end = "savepoint bloom_read", "release savepoint bloom_read"
	}
	batch.ExecParams(begin, nil, nil, nil, nil)
	for _, s := range steps {
		batch.ExecParams(l.dialect.Replace(s.statement()), nil, nil, nil, binaryFormat)
	}
	batch.ExecParams(end, nil, nil, nil, nil)
	results := conn.ExecBatch(ctx, batch)
	err := l.read(results)
	if closeErr := results.Close(); err == nil {
		err = closeErr
	}
	if err != nil && conn.TxStatus() != 'I' && !conn.IsClosed() {
		conn.Exec(ctx, "rollback").Close()
	}
	return err
}

func (l *loader) read(results *pgconn.MultiResultReader) error {
	next := func() (*pgconn.ResultReader, error) {
		if !results.NextResult() {
			return nil, results.Close()
		}
		return results.ResultReader(), nil
	}
	if rows, err := next(); rows == nil {
		return err
	}
	for _, s := range steps {
		rows, err := next()
		if rows == nil {
			return fmt.Errorf("reading %s: %w", s.title(), err)
		}
		if err := s.load(l, rows); err != nil {
			return fmt.Errorf("reading %s: %w", s.title(), err)
		}
	}
	return nil
}

// serverVersion takes server_version_num from what the server said when the
// connection was made, and refuses a server that is too old.
func serverVersion(conn *pgconn.PgConn) (catalog.Version, error) {
	return parseVersion(conn.ParameterStatus("server_version"))
}

func parseVersion(text string) (catalog.Version, error) {
	number, _, _ := strings.Cut(text, " ")
	end := strings.IndexFunc(number, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end >= 0 { // 19beta1
		number = number[:end]
	}
	first, second, _ := strings.Cut(number, ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0, fmt.Errorf("the server does not tell its version: %q is none", text)
	}
	minor, _ := strconv.Atoi(second)
	if major < catalog.OldestMajor {
		return 0, fmt.Errorf("the server is PostgreSQL %s, too old: bloom needs PostgreSQL %d or later", text, catalog.OldestMajor)
	}
	return catalog.Version(major*10000 + minor), nil
}

// explain adds to an error what to do about it.
func explain(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.Code {
	case "42501": // insufficient_privilege
		return fmt.Errorf("%w\nhint: the role must be able to read pg_catalog; connect as the owner of the database", err)
	case "57014": // query_canceled
		return fmt.Errorf("%w\nhint: raise statement_timeout for this role or try again when the database is less busy", err)
	case "55P03": // lock_not_available
		return fmt.Errorf("%w\nhint: another session is changing a table; try again when it is done", err)
	}
	return err
}
