package introspect

// droppedFields say nothing about what a tree means: where its parts stood in
// the text, how a cast was spelled, what was only for looking up names or
// follows from the rest.
var droppedFields = map[string]bool{
	"location": true, "list_start": true, "list_end": true, "rexpr_list_start": true, "rexpr_list_end": true, "name_location": true,
	"stmt_location": true, "stmt_len": true, "queryId": true, "canSetTag": true,
	"relabelformat": true, "coerceformat": true, "convertformat": true,
	"coercionformat": true, "row_format": true, "resultformat": true,
	"selectedCols": true, "varnosyn": true, "varattnosyn": true,
}

// coercionForms are the fields that say how a conversion came about, and implicitCast is the value for one that nobody wrote.
var coercionForms = map[string]bool{"funcformat": true, "relabelformat": true, "coerceformat": true, "convertformat": true, "coercionformat": true}

const implicitCast = "2"

// markUnwritten tells the outermost conversions of a value that nobody wrote from ones that
// somebody did: the server does not print them. Inside of a value it prints both alike.
func markUnwritten(n *treeNode) *treeNode {
	if !n.unwritten {
		return n
	}
	n = n.copy()
	n.unwritten = false // once is enough
	for i, f := range n.fields {
		if f.name == "arg" {
			n.fields[i].value = markUnwritten(f.value)
		} else if args := f.value; f.name == "args" && args.isList() && len(args.items) > 0 {
			inner := *args
			inner.items = append([]*treeNode{markUnwritten(args.items[0])}, args.items[1:]...)
			n.fields[i].value = &inner
		}
	}
	n.fields = append(n.fields, treeField{"unwritten", &treeNode{atom: "true"}})
	return n
}

// markQuery marks the values in a query that are printed like those of their own.
func markQuery(n *treeNode) {
	markFields(n, "limitCount", "limitOffset")
	if command := n.value("commandType"); command == commandUpdate || command == commandInsert {
		for _, entry := range n.field("targetList").list() {
			markFields(entry, "expr")
		}
	}
}

// commandUpdate and commandInsert are CMD_UPDATE and CMD_INSERT.
const commandUpdate, commandInsert = "2", "3"

func markFields(n *treeNode, names ...string) {
	for _, name := range names {
		if v := n.field(name); v != nil {
			n.set(name, markUnwritten(v))
		}
	}
}

func markList(n *treeNode) {
	for i, item := range n.list() {
		n.items[i] = markUnwritten(item)
	}
}

// sqlSyntax is COERCE_SQL_SYNTAX, of x AT TIME ZONE y and others: unlike the other forms of a call the server prints it back as it was written.
const sqlSyntax = "3"

// plainlyPrinted is pg_catalog.substring(text, text): SUBSTRING(s FROM pattern) is printed as a call, and read as one from a dump.
const plainlyPrinted = "2073"

// normalNode brings a node whose parts are in normal form into normal form. Its
// rules undo what printing a tree and reading it again does to it, so that a
// database that was dumped and restored still has equal trees.
func normalNode(n *treeNode) *treeNode {
	switch n.tag {
	case "FUNCEXPR":
		if n.value("funcformat") != sqlSyntax || n.value("funcid") == plainlyPrinted {
			n.set("funcformat", &treeNode{atom: "<>"})
		}
	case "QUERY":
		markQuery(n)
	case "WINDOWCLAUSE":
		markFields(n, "startOffset", "endOffset")
	case "BOOLEXPR":
		flattenBool(n)
	case "ARRAYCOERCEEXPR":
		return coerceElements(n)
	case "RANGETBLENTRY", "JOINEXPR":
		for _, row := range n.field("values_lists").list() {
			markList(row)
		}
		n.set("alias", &treeNode{atom: "<>"})
		n.set("join_using_alias", &treeNode{atom: "<>"})
		if eref := n.field("eref"); eref != nil {
			eref.set("aliasname", &treeNode{atom: "<>"})
		}
	}
	return n
}

// flattenBool: a AND (b AND c) is a AND b AND c. BETWEEN and lists of rows make
// nested ones, which printing and reading flattens.
func flattenBool(n *treeNode) {
	op, args := n.value("boolop"), n.field("args")
	if op != "and" && op != "or" || !args.isList() {
		return
	}
	flat := &treeNode{tag: "("}
	for _, a := range args.items {
		if a.tag == "BOOLEXPR" && a.value("boolop") == op && a.field("args").isList() {
			flat.items = append(flat.items, a.field("args").items...)
		} else {
			flat.items = append(flat.items, a)
		}
	}
	n.set("args", flat)
}

// coerceElements: a cast of ARRAY[…] to another array type is ARRAY[…] of cast
// elements. Analysis makes the first of an IN list and the second of its own
// print of it.
func coerceElements(n *treeNode) *treeNode {
	array, cast := n.field("arg"), n.field("elemexpr")
	if array == nil || array.tag != "ARRAYEXPR" || array.value("multidims") != "false" || cast == nil ||
		cast.tag != "RELABELTYPE" || cast.field("arg") == nil || cast.field("arg").tag != "CASETESTEXPR" {
		return n
	}
	elements := array.field("elements")
	if !elements.isList() {
		return n
	}
	out := &treeNode{tag: "("}
	for _, e := range elements.items {
		c := cast.copy()
		c.set("arg", e)
		out.items = append(out.items, c)
	}
	array = array.copy()
	array.unwritten = n.unwritten
	array.set("array_typeid", n.field("resulttype"))
	array.set("array_collid", n.field("resultcollid"))
	array.set("element_typeid", cast.field("resulttype"))
	array.set("elements", out)
	return array
}
