package catalog

import (
	"slices"
	"strings"
)

// Settle takes from the current collation how its locale is spelled: since 16 a server
// turns an ICU locale into a language tag when the collation is made.
func (o Collation) Settle(current Object) Object {
	if cur, ok := current.(Collation); ok && o.Provider == "icu" && cur.Provider == "icu" && languageTag(o.Locale) == languageTag(cur.Locale) {
		o.Locale = cur.Locale
	}
	return o
}

// languageTag spells an ICU locale as a BCP 47 language tag in lower case, with its keywords in order of their names and
// without the value "true", which is what a keyword without a value has.
func languageTag(locale string) string {
	name, keywords, _ := strings.Cut(strings.ToLower(locale), "@")
	name, extension, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-u-")
	name = strings.Trim(name, "-")
	if name == "" || name == "root" {
		name = "und"
	}
	var parts []string
	for _, part := range strings.Split(extension, "-") {
		switch {
		case part == "":
		case len(part) == 2 || len(parts) == 0:
			parts = append(parts, part)
		case part != "true" && part != "yes":
			parts[len(parts)-1] += "-" + part
		}
	}
	for _, keyword := range strings.Split(keywords, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(keyword), "=")
		if key = strings.TrimSpace(key); key == "" {
			continue
		}
		if short, ok := icuKeys[key]; ok {
			key = short
		}
		value = strings.ReplaceAll(strings.TrimSpace(value), "_", "-")
		if short, ok := icuValues[value]; ok {
			value = short
		}
		if value != "" {
			key += "-" + value
		}
		parts = append(parts, key)
	}
	if len(parts) == 0 {
		return name
	}
	slices.Sort(parts)
	return name + "-u-" + strings.Join(parts, "-")
}

// icuKeys are the keys of BCP 47 for ICU's own.
var icuKeys = map[string]string{
	"collation": "co", "colalternate": "ka", "colbackwards": "kb", "colcaselevel": "kc", "colcasefirst": "kf", "colhiraganaquaternary": "kh",
	"colnormalization": "kk", "colnumeric": "kn", "colreorder": "kr", "colstrength": "ks", "colvariabletop": "vt",
	"calendar": "ca", "currency": "cu", "numbers": "nu",
}

// icuValues are its values for ICU's own.
var icuValues = map[string]string{
	"yes": "", "true": "", "no": "false", "non-ignorable": "noignore", "primary": "level1", "secondary": "level2", "tertiary": "level3",
	"quaternary": "level4", "quarternary": "level4", "identical": "identic",
	"phonebook": "phonebk", "traditional": "trad", "dictionary": "dict", "gb2312han": "gb2312",
}
