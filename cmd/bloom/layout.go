package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"bloom/catalog"
	"bloom/planner"
)

// Files that hold what belongs to no schema. The first one sorts before all
// others: default privileges count for what is declared after them.
const (
	firstFile          = "00_default_privileges.sql"
	rolesFile          = "roles.sql"
	extensionsFile     = "extensions.sql"
	foreignServersFile = "foreign_servers.sql"
	publicationsFile   = "publications.sql"
	eventTriggersFile  = "event_triggers.sql"
	castsFile          = "casts.sql"
)

// declaredFile is a file of a declared schema.
type declaredFile struct{ path, text string }

// files lays a declaration out: one file per table, with all that hangs on it,
// one per view, routine name and type, and one for each of the rest.
func (d *declaration) files() ([]declaredFile, error) {
	l := layout{c: d.state, names: map[folderName]string{}, taken: map[folderName]bool{}}
	l.reserve()
	parts := map[string][]planner.Statement{}
	for _, st := range append(d.head.Statements(), d.body.Statements()...) {
		if st.Path != "" {
			return nil, fmt.Errorf("internal: the statement for %s needs search_path %s", st.Object, st.Path)
		}
		file := l.file(st.Object)
		parts[file] = append(parts[file], st)
	}
	var out []declaredFile
	for file, statements := range parts {
		// A file that schemas share is written as a whole.
		if !slices.ContainsFunc(statements, func(st planner.Statement) bool { return inScope(d.schemas, st.Object) }) {
			continue
		}
		slices.SortStableFunc(statements, func(a, b planner.Statement) int { return section(a.Object) - section(b.Object) })
		out = append(out, declaredFile{file, fileText(statements)})
	}
	slices.SortFunc(out, func(a, b declaredFile) int { return strings.Compare(a.path, b.path) })
	return out, nil
}

// section orders the statements of a file.
func section(id catalog.ID) int {
	switch id.Kind {
	case catalog.KindConstraint, catalog.KindDomainConstraint:
		return 2
	case catalog.KindIndex:
		return 3
	case catalog.KindStatistics:
		return 4
	case catalog.KindOwner:
		return 5
	case catalog.KindRowSecurity:
		return 6
	case catalog.KindPolicy:
		return 7
	case catalog.KindRule:
		return 8
	case catalog.KindTrigger:
		return 9
	case catalog.KindComment, catalog.KindSecurityLabel:
		return 10
	case catalog.KindGrant:
		return 11
	}
	return 1
}

// fileText writes statements with a blank line between sections and around
// those of several lines.
func fileText(statements []planner.Statement) string {
	var b strings.Builder
	for i, st := range statements {
		if i > 0 {
			last := statements[i-1]
			if strings.Contains(last.SQL+st.SQL, "\n") || section(last.Object) != section(st.Object) {
				b.WriteString("\n")
			}
		}
		b.WriteString(st.SQL + ";\n")
	}
	return b.String()
}

// layout finds files for objects.
type layout struct {
	c     *catalog.Catalog
	names map[folderName]string // file name of each object's name
	taken map[folderName]bool   // by file name, folded
}

type folderName struct{ folder, name string }

// file is the file that an object is declared in.
func (l *layout) file(id catalog.ID) string {
	if id.On != catalog.KindNone && id.Kind != catalog.KindDefaultPrivilege {
		return l.file(id.Target())
	}
	switch id.Kind {
	case catalog.KindDefaultPrivilege:
		return firstFile
	case catalog.KindRole, catalog.KindRoleMember:
		return rolesFile
	case catalog.KindExtension:
		return extensionsFile
	case catalog.KindForeignDataWrapper, catalog.KindServer, catalog.KindUserMapping:
		return foreignServersFile
	case catalog.KindPublication, catalog.KindPublicationTable, catalog.KindPublicationSchema:
		return publicationsFile
	case catalog.KindEventTrigger:
		return eventTriggersFile
	case catalog.KindCast:
		return castsFile
	case catalog.KindSchema:
		return l.inSchema(id.Name, "schema.sql")
	case catalog.KindColumn, catalog.KindDefault, catalog.KindConstraint, catalog.KindIndex, catalog.KindTrigger,
		catalog.KindPolicy, catalog.KindRule, catalog.KindRowSecurity:
		return l.relation(id.Schema, id.Table)
	case catalog.KindTable, catalog.KindView, catalog.KindComposite, catalog.KindSequence:
		return l.relation(id.Schema, id.Name)
	case catalog.KindStatistics:
		if o, ok := l.c.Get(id).(catalog.Statistics); ok {
			return l.relation(o.Table.Schema, o.Table.Name)
		}
	case catalog.KindRoutine, catalog.KindAggregate:
		return l.inSchema(id.Schema, "functions/"+l.name(id.Schema+"/functions", id.Name)+".sql")
	case catalog.KindDomainConstraint:
		return l.typeFile(id.Schema, id.Table)
	case catalog.KindEnum, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType:
		return l.typeFile(id.Schema, id.Name)
	}
	return l.inSchema(id.Schema, strings.ReplaceAll(plural(id.Kind), " ", "_")+".sql")
}

// relation is the file of a table, view, sequence or composite type. A
// sequence that a column owns is the table's.
func (l *layout) relation(schema, name string) string {
	id, _ := l.c.Relation(schema, name)
	switch id.Kind {
	case catalog.KindView:
		return l.inSchema(schema, "views/"+l.name(schema+"/views", name)+".sql")
	case catalog.KindComposite:
		return l.typeFile(schema, name)
	case catalog.KindSequence:
		seq, _ := catalog.Find[catalog.Sequence](l.c, id)
		if seq.OwnedBy.IsZero() {
			return l.inSchema(schema, "sequences.sql")
		}
		owner := seq.OwnedBy.ID()
		return l.relation(owner.Schema, owner.Table)
	}
	return l.inSchema(schema, "tables/"+l.name(schema+"/tables", name)+".sql")
}

func (l *layout) typeFile(schema, name string) string {
	return l.inSchema(schema, "types/"+l.name(schema+"/types", name)+".sql")
}

func (l *layout) inSchema(schema, file string) string { return path.Join(l.name("", schema), file) }

func plural(k catalog.Kind) string {
	s := k.String()
	switch {
	case strings.HasSuffix(s, "y"):
		return strings.TrimSuffix(s, "y") + "ies"
	case strings.HasSuffix(s, "s"):
		return s
	}
	return s + "s"
}

// reserve gives names to all objects in their order, so that who gets the plain
// name does not depend on what is written first.
func (l *layout) reserve() {
	ids := slices.Clone(l.c.IDs())
	slices.SortFunc(ids, func(a, b catalog.ID) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name), a.Compare(b))
	})
	for _, id := range ids {
		l.file(id)
	}
}

// name is the file name for an object's name in a folder. Two names never get
// the same one, also where upper and lower case make no difference.
func (l *layout) name(folder, name string) string {
	key := folderName{folder, name}
	if file, ok := l.names[key]; ok {
		return file
	}
	stem := fileName(name)
	file := stem
	for n := 2; l.taken[folderName{folder, fold(file)}]; n++ {
		file = fmt.Sprintf("%s_%d", stem, n)
	}
	l.names[key], l.taken[folderName{folder, fold(file)}] = file, true
	return file
}

// fold makes names equal that some disks do not tell apart.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// deviceNames cannot be files on Windows, whatever their extension.
var deviceNames = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3", "lpt4"}

// fileName is an object's name with letters, digits, - and _ only. It does not
// sort before firstFile.
func fileName(name string) string {
	s := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	if s < "1" || slices.Contains(deviceNames, strings.ToLower(s)) {
		s = "_" + s
	}
	return s
}
