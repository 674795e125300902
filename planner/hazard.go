package planner

import (
	"fmt"
	"slices"
	"strings"

	"bloom/catalog"
)

// Level says what kind of danger a hazard is.
type Level string

const (
	DataLoss Level = "data loss"
	Locks    Level = "lock"     // blocks readers or writers while it works
	MayFail  Level = "may fail" // fails if the rows do not fit
	Security Level = "security"
	Breaks   Level = "breaks" // clients or queries that rely on it
	DataEdit Level = "data change"
	Slows    Level = "performance"
)

// Hazard is what is dangerous about a statement.
type Hazard struct {
	Code   string // as DROP_COLUMN
	Level  Level
	Object catalog.ID
	Lock   string  // strongest lock that is held, as ACCESS EXCLUSIVE; empty: no matter
	Blocks string  // "reads and writes", "writes"
	Rows   float64 // estimate; -1: not known
	Bytes  int64
	Reason string
	Wayout string // what to do instead

	// Check lists rows on which the statement fails, or whose values it changes, read under
	// the search_path CheckPath (empty: any); empty if there is no such query.
	Check, CheckPath string
}

// String is the hazard as a comment shows it: CODE: reason; way out.
func (h Hazard) String() string {
	s := h.Code + ": " + h.Reason
	if size := h.size(); size != "" {
		s += " (" + size + ")"
	}
	if h.Wayout != "" {
		s += "; " + h.Wayout
	}
	return s
}

func (h Hazard) size() string {
	var parts []string
	if h.Rows > 0 {
		parts = append(parts, fmt.Sprintf("about %.0f rows", h.Rows))
	}
	switch {
	case h.Bytes >= 1<<30:
		parts = append(parts, fmt.Sprintf("%.1f GB", float64(h.Bytes)/(1<<30)))
	case h.Bytes >= 1<<20:
		parts = append(parts, fmt.Sprintf("%d MB", h.Bytes>>20))
	case h.Bytes > 0:
		parts = append(parts, fmt.Sprintf("%d kB", (h.Bytes+1023)>>10))
	}
	return strings.Join(parts, ", ")
}

// hazard makes a hazard about an object, sized by its relation. It is the zero
// hazard, which is no hazard, for a relation that this plan makes.
func (s *state) hazard(code string, level Level, id catalog.ID, reason string) Hazard {
	h := Hazard{Code: code, Level: level, Object: id, Rows: -1, Reason: reason}
	rel, ok := s.relationOf(id)
	if !ok {
		return h
	}
	if s.fresh(rel.Schema, rel.Name) {
		return Hazard{}
	}
	if stats, ok := s.current.Stats(rel); ok {
		h.Rows, h.Bytes = stats.Rows, stats.Bytes
		if stats.Empty {
			h.Rows, h.Bytes = 0, 0
		}
	}
	return h
}

// work is a hazard of a statement that works through a table while it holds a
// lock. There is none on a table that is known to be empty.
func (s *state) work(code string, id catalog.ID, lock, reason, wayout string) Hazard {
	h := s.hazard(code, Locks, id, reason)
	if h.Code == "" || s.empty(id) {
		return Hazard{}
	}
	h.Lock, h.Wayout, h.Blocks = lock, wayout, "writes"
	if lock == accessExclusive {
		h.Blocks = "reads and writes"
	}
	return h
}

// mayFail is a hazard of a statement that fails if rows do not fit.
func (s *state) mayFail(code string, id catalog.ID, reason string) Hazard {
	if s.empty(id) {
		return Hazard{}
	}
	return s.hazard(code, MayFail, id, reason)
}

const (
	accessExclusive = "ACCESS EXCLUSIVE"
	shareLock       = "SHARE"
	shareRow        = "SHARE ROW EXCLUSIVE"
)

// empty reports whether the relation of an object is known to have no rows.
func (s *state) empty(id catalog.ID) bool {
	if s.options.AssumeEmpty {
		return true
	}
	rel, ok := s.relationOf(id)
	if !ok {
		return false
	}
	if s.fresh(rel.Schema, rel.Name) {
		return true
	}
	stats, ok := s.current.Stats(rel)
	return ok && stats.Empty && !slices.ContainsFunc(s.childTables(rel.Schema, rel.Name), func(child catalog.QName) bool {
		return !s.empty(catalog.ID{Kind: catalog.KindTable, Schema: child.Schema, Name: child.Name}) // what changes a table changes them
	})
}

// relationOf is the relation that an object is or belongs to.
func (s *state) relationOf(id catalog.ID) (catalog.ID, bool) {
	switch id.Kind {
	case catalog.KindTable, catalog.KindView, catalog.KindSequence:
		return id, true
	case catalog.KindOwner, catalog.KindGrant, catalog.KindComment, catalog.KindSecurityLabel:
		return s.relationOf(id.Target())
	case catalog.KindColumn, catalog.KindDefault, catalog.KindConstraint, catalog.KindIndex, catalog.KindTrigger,
		catalog.KindRule, catalog.KindPolicy, catalog.KindRowSecurity, catalog.KindPublicationTable:
		if rel, ok := s.current.Relation(id.Schema, id.Table); ok {
			return rel, true
		}
		return s.desired.Relation(id.Schema, id.Table)
	}
	return catalog.ID{}, false
}
