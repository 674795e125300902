package differ

import (
	"reflect"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

var options = cmp.Options{
	// A nil list and an empty one are the same.
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() != nil && p.Last().Type().Kind() == reflect.Slice },
		cmp.FilterValues(func(x, y any) bool {
			return reflect.ValueOf(x).Len() == 0 && reflect.ValueOf(y).Len() == 0
		}, cmp.Ignore())),
}

// Equal reports whether two objects are the same, texts compared as texts.
func Equal(x, y catalog.Object) bool { return cmp.Equal(x, y, options) }

// identical is reflect.DeepEqual. Most kinds have no lists: for them == is enough, and takes a tenth of the time.
func identical(x, y catalog.Object) bool {
	t := reflect.TypeOf(x)
	return t == reflect.TypeOf(y) && t.Comparable() && x == y || reflect.DeepEqual(x, y)
}

// differing lists the top-level fields in which two objects of a type differ.
func differing(x, y catalog.Object) []string {
	if reflect.TypeOf(x) != reflect.TypeOf(y) {
		return []string{"Kind"}
	}
	var fields []string
	vx, vy := reflect.ValueOf(x), reflect.ValueOf(y)
	for i := range vx.NumField() {
		if !cmp.Equal(vx.Field(i).Interface(), vy.Field(i).Interface(), options) {
			fields = append(fields, vx.Type().Field(i).Name)
		}
	}
	return fields
}
