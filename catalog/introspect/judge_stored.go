package introspect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// storedKind is a column of a catalog that keeps trees.
type storedKind int

const (
	storedNone storedKind = iota
	storedDefault
	storedCheck
	storedDomainCheck
	storedDomainDefault
	storedIndex
	storedPredicate
	storedUsing
	storedWithCheck
	storedWhen
	storedView
	storedArguments
	storedFilter
	storedStatistics
	storedPartitionKey
)

// key is the names that an object is found by; what they are, its query says.
type key [3]string

// storedAt is where a tree is kept.
type storedAt struct {
	kind     storedKind
	key      key
	position int // in a list, from 1; 0: it is the whole
}

// storedSQL gives for each kind the catalogs joined to q, the keys asked for,
// the column with the tree, and the text that the server prints for the whole object.
var storedSQL = map[storedKind][3]string{
	storedDefault: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attname = q.c and not a.attisdropped
		join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum`, "d.adbin", "pg_catalog.pg_get_expr(d.adbin, d.adrelid)"},
	storedCheck: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_constraint k on k.conrelid = r.oid and k.conname = q.c and k.contype = 'c'`, "k.conbin", "pg_catalog.pg_get_expr(k.conbin, k.conrelid)"},
	storedDomainCheck: {`join pg_catalog.pg_type t on t.typname = q.b join pg_catalog.pg_namespace n on n.oid = t.typnamespace and n.nspname = q.a
		join pg_catalog.pg_constraint k on k.contypid = t.oid and k.conname = q.c and k.contype = 'c'`, "k.conbin", "pg_catalog.pg_get_constraintdef(k.oid)"},
	storedDomainDefault: {`join pg_catalog.pg_type t on t.typname = q.b join pg_catalog.pg_namespace n on n.oid = t.typnamespace and n.nspname = q.a`,
		"t.typdefaultbin", "pg_catalog.pg_get_expr(t.typdefaultbin, 0)"},
	storedIndex: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_index i on i.indexrelid = r.oid`, "i.indexprs", "pg_catalog.pg_get_indexdef(r.oid)"},
	storedPredicate: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_index i on i.indexrelid = r.oid`, "i.indpred", "pg_catalog.pg_get_expr(i.indpred, i.indrelid)"},
	storedUsing: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_policy p on p.polrelid = r.oid and p.polname = q.c`, "p.polqual", "pg_catalog.pg_get_expr(p.polqual, p.polrelid)"},
	storedWithCheck: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_policy p on p.polrelid = r.oid and p.polname = q.c`, "p.polwithcheck", "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)"},
	storedWhen: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_trigger t on t.tgrelid = r.oid and t.tgname = q.c`, "t.tgqual", "pg_catalog.pg_get_triggerdef(t.oid)"},
	storedView: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_rewrite w on w.ev_class = r.oid and w.rulename = '_RETURN'`, "w.ev_action", "pg_catalog.pg_get_viewdef(r.oid)"},
	storedArguments: {`join pg_catalog.pg_proc p on p.proname = q.b and pg_catalog.oidvectortypes(p.proargtypes) = q.c
		join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname = q.a`, "p.proargdefaults", "pg_catalog.pg_get_function_arguments(p.oid)"},
	storedFilter: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_publication p on p.pubname = q.c
		join pg_catalog.pg_publication_rel m on m.prrelid = r.oid and m.prpubid = p.oid`, "m.prqual", "pg_catalog.pg_get_expr(m.prqual, m.prrelid)"},
	storedStatistics: {`join pg_catalog.pg_statistic_ext s on s.stxname = q.b
		join pg_catalog.pg_namespace n on n.oid = s.stxnamespace and n.nspname = q.a`, "s.stxexprs", "pg_catalog.pg_get_statisticsobjdef(s.oid)"},
	storedPartitionKey: {`join pg_catalog.pg_class r on r.relname = q.b join pg_catalog.pg_namespace n on n.oid = r.relnamespace and n.nspname = q.a
		join pg_catalog.pg_partitioned_table p on p.partrelid = r.oid`, "p.partexprs", "pg_catalog.pg_get_partkeydef(r.oid)"},
}

// storedTree is what the catalog has.
type storedTree struct{ tree, text string }

// storedQuery fetches all trees of a kind that are asked for.
type storedQuery struct {
	sql   string
	keys  []key
	found map[key]storedTree
}

func newStoredQuery(kind storedKind) *storedQuery {
	parts := storedSQL[kind]
	return &storedQuery{found: map[key]storedTree{}, sql: fmt.Sprintf(`
		select q.i::text, %[2]s::text, %[3]s
		from unnest($1::text[], $2::text[], $3::text[]) with ordinality q(a, b, c, i)
		%[1]s where %[2]s is not null`, parts[0], parts[1], parts[2])}
}

func (q *storedQuery) add(k key) { q.keys = append(q.keys, k) }

func (q *storedQuery) args() [][]byte {
	args := make([][]byte, len(key{}))
	for i := range args {
		column := make([]string, len(q.keys))
		for n, k := range q.keys {
			column[n] = k[i]
		}
		args[i] = textArray(column)
	}
	return args
}

func (q *storedQuery) read(rows [][][]byte) error {
	for _, row := range rows {
		i, err := strconv.Atoi(string(row[0]))
		if err != nil || i < 1 || i > len(q.keys) {
			return fmt.Errorf("the server numbers its answers wrongly: %q", row[0])
		}
		q.found[q.keys[i-1]] = storedTree{string(row[1]), string(row[2])}
	}
	return nil
}

// tree returns the stored tree at a place if it is that of the text.
func (q *storedQuery) tree(at storedAt, text string) *treeNode {
	s, ok := q.found[at.key]
	if !ok || !strings.Contains(s.text, text) {
		return nil
	}
	n, err := parseTree(s.tree)
	if err != nil {
		return nil
	}
	if at.kind == storedView {
		if !n.isList() || len(n.items) != 1 {
			return nil
		}
		return n.items[0]
	}
	if at.position == 0 {
		return n
	}
	if !n.isList() || at.position > len(n.items) {
		return nil
	}
	return n.items[at.position-1]
}

// textArray writes an array of text as PostgreSQL reads it.
func textArray(list []string) []byte {
	b, err := pgtype.NewMap().Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, list, nil)
	if err != nil {
		panic("introspect: encoding a list of names: " + err.Error())
	}
	return b
}
