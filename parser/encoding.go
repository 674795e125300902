package parser

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// recoded is text behind SET client_encoding, which a server takes for text in that encoding, whatever
// the file was saved as. Only encodings of one byte per character are known.
type recoded struct {
	from         int    // where in the file's text
	raw, decoded string // what stands there, and what that is in UTF-8
}

// recode turns the text from an offset on into UTF-8.
func (f *file) recode(l *lexer, at int, name string) {
	raw := f.text[at:]
	if r := f.recoded; r != nil {
		raw = r.raw[utf8.RuneCountInString(r.decoded[:at-r.from]):]
	}
	r := &recoded{from: at, raw: raw, decoded: raw}
	f.recoded = nil
	if m, known := encodings[encodingName(name)]; m != nil && strings.IndexFunc(raw, func(c rune) bool { return c >= utf8.RuneSelf }) >= 0 {
		f.recoded = r
		r.decoded, _ = m.NewDecoder().String(raw)
	} else if !known && f.unknownEncoding == "" {
		f.unknownEncoding, f.unknownFrom = name, at
	}
	f.text = f.text[:at] + r.decoded
	f.findLines()
	l.s = f.text
}

// encodingName is the name without what PostgreSQL ignores in it.
func encodingName(s string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.Trim(s, `'"`)))
}

// encodings are those that text can be turned from; nil for those in which it is taken as it is.
var encodings = map[string]*charmap.Charmap{
	"UTF8": nil, "UNICODE": nil, "SQLASCII": nil, "DEFAULT": nil, "": nil,
	"LATIN1": charmap.ISO8859_1, "ISO88591": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "ISO88592": charmap.ISO8859_2,
	"LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4, "LATIN5": charmap.ISO8859_9, "LATIN6": charmap.ISO8859_10,
	"LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14, "LATIN9": charmap.ISO8859_15, "LATIN10": charmap.ISO8859_16,
	"ISO88595": charmap.ISO8859_5, "ISO88596": charmap.ISO8859_6, "ISO88597": charmap.ISO8859_7, "ISO88598": charmap.ISO8859_8,
	"KOI8R": charmap.KOI8R, "KOI8": charmap.KOI8R, "KOI8U": charmap.KOI8U, "WIN866": charmap.CodePage866,
	"WIN874": charmap.Windows874, "WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251, "WIN": charmap.Windows1251, "WIN1252": charmap.Windows1252,
	"WIN1253": charmap.Windows1253, "WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255, "WIN1256": charmap.Windows1256,
	"WIN1257": charmap.Windows1257, "WIN1258": charmap.Windows1258,
}

// setsEncoding reports whether a statement says in which encoding the text behind it is.
func setsEncoding(t tokens) (name string, ok bool) {
	switch {
	case t.are(0, "reset", "client_encoding"):
		return "", true
	case !t.is(0, "set"):
		return "", false
	}
	i := 1
	if t.is(i, "session") || t.is(i, "local") {
		i++
	}
	switch {
	case t.is(i, "names"):
		i++
	case t.is(i, "client_encoding") && (t.is(i+1, "=") || t.is(i+1, "to")):
		i += 2
	default:
		return "", false
	}
	if i >= t.len() {
		return "", false
	}
	return t.str(i), true
}
