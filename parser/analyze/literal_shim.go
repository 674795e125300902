package analyze

// literalType mirrors literal.Type.
type literalType struct {
	Name    string
	Kind    byte
	Typmod  int32
	Element *literalType
}

func canonicalLiteral(t literalType, text string) (string, bool) { return "", false }
