package supabase

import "regexp"

var (
	// Up to the last @, as a password that was not encoded may have one itself.
	urlPassword = regexp.MustCompile(`(://[^:/@\s]*):\S*@`)
	// In key=value strings and in the query of a URL.
	keyPassword = regexp.MustCompile(`(?i)(password)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'"` + "`" + `]+)`)
)

// RedactText replaces the passwords in connection strings by xxxxx.
func RedactText(text string) string {
	text = urlPassword.ReplaceAllString(text, "$1:xxxxx@")
	return keyPassword.ReplaceAllString(text, "$1${2}xxxxx")
}

// Redact is an error whose text has no password. It still unwraps to what it
// was. Redact(nil) is nil.
func Redact(err error) error {
	if err == nil {
		return nil
	}
	text := RedactText(err.Error())
	if text == err.Error() {
		return err
	}
	return &redacted{text: text, err: err}
}

type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.err }
