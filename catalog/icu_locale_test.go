package catalog

import "testing"

func TestLanguageTag(t *testing.T) {
	for _, same := range [][]string{
		{"@colCaseFirst=lower;colNumeric=yes", "und-u-kf-lower-kn-true", "und-u-kf-lower-kn", "und@colNumeric=yes;colCaseFirst=lower"},
		{"de_DE", "de-DE", "de-de"},
		{"de-u-co-phonebk", "de@collation=phonebook", "de_u_co_phonebk"},
		{"und-u-ks-level2", "@colStrength=secondary", "root@colStrength=secondary"},
		{"und-u-ka-shifted-ks-level1", "@colStrength=primary;colAlternate=shifted"},
		{"und-u-kn-false", "@colNumeric=no"},
		{"en", "EN"},
		{"", "und", "root"},
	} {
		for _, locale := range same {
			if got, want := languageTag(locale), languageTag(same[0]); got != want {
				t.Errorf("%q is %q, %q is %q", locale, got, same[0], want)
			}
		}
	}
	seen := map[string]string{}
	for _, other := range []string{"und", "en", "en-US", "de-u-co-phonebk", "de", "und-u-ks-level1", "und-u-ks-level2", "und-u-kn-true", "und-u-kn-false", "und-u-kf-lower", "und-u-kf-upper"} {
		if first, ok := seen[languageTag(other)]; ok {
			t.Errorf("%q and %q are both %q", first, other, languageTag(other))
		}
		seen[languageTag(other)] = other
	}
}
