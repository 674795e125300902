package lint

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/split"
)

// transactionRules are about what runs together.
var transactionRules = []*Rule{
	{
		Code: "NOT_TRANSACTIONAL", Level: Error,
		What:   "a statement that cannot run in a transaction, together with others",
		Reason: "a migration is one transaction, so it fails; where it is cut, one half may be done and the other not",
		Fix:    "put it into a migration of its own",
		file:   notTransactional,
	},
	{
		Code: "TRANSACTION_NESTED", Level: Warning,
		What:   "BEGIN, COMMIT or ROLLBACK in a migration",
		Reason: "a migration is a transaction already: COMMIT ends it half-way, and what follows is not undone if it fails",
		Fix:    "leave it out; put what must be committed first into a migration of its own",
		file:   nested,
	},
	{
		Code: "TRANSACTION_OPEN", Level: Error,
		What:   "BEGIN without COMMIT",
		Reason: "nothing of what follows is kept",
		Fix:    "COMMIT, or leave both out",
		file:   leftOpen,
	},
	{
		Code: "ENUM_VALUE_SAME_TX", Level: Error,
		What:   "a value added to an enum and used in the same migration",
		Reason: "PostgreSQL refuses a new value in the transaction that added it",
		Fix:    "use it in a later migration",
		file:   enumSameTransaction,
	},
	{
		Code: "LOCK_HELD_DURING_WORK", Level: Warning,
		What:   "a long statement after one that locked a table in use",
		Reason: "the lock is held until the end of the transaction, so everybody waits for the work too",
		Fix:    "put VALIDATE CONSTRAINT, UPDATE and the like into a later migration",
		file:   heldDuringWork,
	},
	{
		Code: "MULTI_TABLE_LOCK", Level: Note,
		What:   "several tables in use locked in one migration",
		Reason: "clients that use them in another order and the migration wait for each other, and one of them is ended",
		Fix:    "a migration for each table",
		file:   manyLocks,
	},
	{
		Code: "MISSING_LOCK_TIMEOUT", Level: Note,
		What:   "a table in use locked without lock_timeout",
		Reason: "while the statement waits for its lock, everybody else waits behind it",
		Fix:    "SET LOCAL lock_timeout = '4s' first",
		file:   missingTimeout,
	},
}

func notTransactional(f *file, report found) {
	if !slices.ContainsFunc(f.statements, func(s *statement) bool { return s.Kind == split.Alone }) {
		return
	}
	others := 0
	for _, s := range f.statements {
		if s.Node() != nil && s.Node().GetVariableSetStmt() == nil && s.Node().GetTransactionStmt() == nil {
			others++
		}
	}
	// A COMMIT before it ends the transaction: bloom and the CLI run such a file.
	apart := false
	for _, s := range f.statements {
		switch {
		case s.Kind == split.Commit:
			apart = true
		case s.Kind == split.Begin:
			apart = false
		case s.Kind == split.Alone && others > 1 && !apart:
			report(s.Pos, "%s cannot run in a transaction, and this file has other statements", firstWords(s))
		}
	}
}

// firstWords are the words by which people know a statement.
func firstWords(s *statement) string {
	text := s.Text[strings.LastIndex(s.Text[:len(s.Text)-len(afterComments(s.Text))], "\n")+1:]
	fields := strings.Fields(afterComments(text))
	return strings.ToUpper(strings.Join(fields[:min(3, len(fields))], " "))
}

// afterComments is a statement without the comments before it.
func afterComments(text string) string {
	for {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text, "*/")
		default:
			return text
		}
	}
}

// generated reports whether bloom wrote the file: it cuts into transactions on purpose.
func (f *file) generated() bool {
	return slices.ContainsFunc(f.statements, func(s *statement) bool { return s.Kind == split.Alone })
}

func nested(f *file, report found) {
	if f.generated() {
		return
	}
	for _, s := range f.statements {
		if s.Kind == split.Begin || s.Kind == split.Commit || s.Kind == split.Rollback {
			report(s.Pos, "%s inside of the migration's own transaction", firstWords(s))
		}
	}
}

func leftOpen(f *file, report found) {
	var open *statement
	for _, s := range f.statements {
		switch s.Kind {
		case split.Begin:
			open = s
		case split.Commit, split.Rollback:
			open = nil
		}
	}
	if open != nil {
		report(open.Pos, "this transaction is never committed")
	}
}

func enumSameTransaction(f *file, report found) {
	added := map[string]bool{}
	for _, s := range f.statements {
		if s.Kind == split.Commit {
			clear(added)
		}
		if label, ok := s.AddsValue(); ok {
			added[label] = true
			continue
		}
		for label := range added {
			if s.Node() != nil && mentions(s, label) {
				report(s.Pos, "uses the value %s, which this migration adds", label)
			}
		}
	}
}

// mentions reports whether a string constant of the statement has the value; bodies
// of functions are not run yet.
func mentions(s *statement, label string) bool {
	if s.Node().GetCreateFunctionStmt() != nil || s.Node().GetCommentStmt() != nil {
		return false
	}
	has := false
	visit(s.Node().ProtoReflect(), false, func(m message, _ bool) {
		if c, ok := m.Interface().(*pg.A_Const); ok && c.GetSval().GetSval() == label {
			has = true
		}
	})
	return has
}

// locked is the table in use that a statement locks against everybody, if it does.
func (s *statement) locked() (catalog.QName, bool) {
	n := s.Node()
	switch {
	case n.GetAlterTableStmt().GetObjtype() == pg.ObjectType_OBJECT_TABLE && n.GetAlterTableStmt() != nil:
		q := qname(n.GetAlterTableStmt().GetRelation())
		for _, c := range n.GetAlterTableStmt().GetCmds() {
			if c.GetAlterTableCmd().GetSubtype() == pg.AlterTableType_AT_ValidateConstraint {
				return q, false
			}
		}
		return q, !s.isNew(q)
	case n.GetRenameStmt().GetRelation() != nil && n.GetRenameStmt().GetRenameType() != pg.ObjectType_OBJECT_INDEX:
		q := qname(n.GetRenameStmt().GetRelation())
		return q, !s.isNew(q)
	case n.GetDropStmt().GetRemoveType() == pg.ObjectType_OBJECT_TABLE && n.GetDropStmt() != nil:
		q := listed(n.GetDropStmt().GetObjects()[0])
		return q, !s.isNew(q)
	case n.GetCreateTrigStmt() != nil:
		q := qname(n.GetCreateTrigStmt().GetRelation())
		return q, !s.isNew(q)
	}
	return catalog.QName{}, false
}

// works reports whether a statement takes as long as a table has rows.
func (s *statement) works() bool {
	n := s.Node()
	switch {
	case n.GetUpdateStmt() != nil:
		return !s.isNew(qname(n.GetUpdateStmt().GetRelation()))
	case n.GetDeleteStmt() != nil:
		return !s.isNew(qname(n.GetDeleteStmt().GetRelation()))
	}
	for _, c := range n.GetAlterTableStmt().GetCmds() {
		if c.GetAlterTableCmd().GetSubtype() == pg.AlterTableType_AT_ValidateConstraint {
			return !s.isNew(qname(n.GetAlterTableStmt().GetRelation()))
		}
	}
	return false
}

func heldDuringWork(f *file, report found) {
	var held catalog.QName
	for _, s := range f.statements {
		switch {
		case s.Node() == nil:
		case s.Kind == split.Commit:
			held = catalog.QName{}
		case held.Name != "" && s.works():
			report(s.Pos, "works while everybody waits for %s", held)
		default:
			if q, ok := s.locked(); ok {
				held = q
			}
		}
	}
}

func manyLocks(f *file, report found) {
	var list []string
	var at catalog.Pos
	for _, s := range f.statements {
		if s.Kind == split.Commit {
			list = nil
		}
		if s.Node() == nil {
			continue
		}
		if q, ok := s.locked(); ok && !slices.Contains(list, named(q).String()) {
			list = append(list, named(q).String())
			at = s.Pos
			if len(list) == 2 {
				report(at, "locks %s while %s is locked", list[1], list[0])
			}
		}
	}
}

func missingTimeout(f *file, report found) {
	for _, s := range f.statements {
		if s.Node() == nil {
			continue
		}
		if set := s.Node().GetVariableSetStmt(); set.GetName() == "lock_timeout" {
			return
		}
		if q, ok := s.locked(); ok {
			report(s.Pos, "locks %s without lock_timeout", q)
			return
		}
	}
}
