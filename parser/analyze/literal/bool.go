package literal

import "strings"

// canonicalBool is parse_bool: any prefix of true, false, yes and no, or on, off and of, or 1 and 0.
func canonicalBool(text string) (string, bool) {
	s := strings.ToLower(trim(text))
	switch {
	case s == "":
		return "", false
	case strings.HasPrefix("true", s), strings.HasPrefix("yes", s), s == "on", s == "1":
		return "t", true
	case strings.HasPrefix("false", s), strings.HasPrefix("no", s), s == "off", s == "of", s == "0":
		return "f", true
	}
	return "", false
}
