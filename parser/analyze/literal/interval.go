package literal

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// span is the value of an interval.
type span struct{ months, days, time int64 } // time in microseconds

// The fields of an interval, numbered as in the typmod (INTERVAL_MASK), and those that only input has.
const (
	fieldMonth       = 1 << 1
	fieldYear        = 1 << 2
	fieldDay         = 1 << 3
	fieldHour        = 1 << 10
	fieldMinute      = 1 << 11
	fieldSecond      = 1 << 12
	fieldWeek        = 1 << 20
	fieldDecade      = 1 << 21
	fieldCentury     = 1 << 22
	fieldMillennium  = 1 << 23
	fieldMillisecond = 1 << 24
	fieldMicrosecond = 1 << 25

	allFields = 0x7FFF
	timeOfDay = fieldHour | fieldMinute | fieldSecond
)

var intervalUnits = units()

func units() map[string]int {
	m := map[string]int{}
	for field, names := range map[int]string{
		fieldYear: "y yr yrs year years", fieldMonth: "mon mons month months", fieldDay: "d day days", fieldWeek: "w week weeks",
		fieldHour: "h hr hrs hour hours", fieldMinute: "m min mins minute minutes", fieldSecond: "s sec secs second seconds",
		fieldDecade: "dec decs decade decades", fieldCentury: "c cent century centuries", fieldMillennium: "mil mils millennia millennium",
		fieldMillisecond: "ms msec msecs mseconds millisecond milliseconds", fieldMicrosecond: "us usec usecs useconds microsecond microseconds",
	} {
		for name := range strings.FieldsSeq(names) {
			m[name] = field
		}
	}
	return m
}

// canonicalInterval is interval_in with its typmod, and interval_out in the style postgres.
func canonicalInterval(text string, typmod int32) (string, bool) {
	fields, precision := allFields, 0xFFFF
	if typmod > 0 {
		fields, precision = int(typmod>>16&allFields), int(typmod&0xFFFF)
	}
	s := strings.ToLower(trim(text))
	switch s {
	case "infinity", "+infinity", "-infinity": // from 17 on
		return strings.TrimPrefix(s, "+"), fields == allFields
	}
	var v span
	var ok bool
	if iso, is := strings.CutPrefix(text, "P"); is {
		v, ok = parseISOInterval(iso)
	} else {
		v, ok = parseInterval(s, fields)
	}
	if !ok || !v.limit(fields, precision) {
		return "", false
	}
	return v.String(), true
}

// intervalToken is a time, years-months, a number or a word.
var intervalToken = regexp.MustCompile(`^[+-]?\d+:[\d:]+(\.\d*)?|^[+-]?\d+-\d+|^[+-]?(\d+(\.\d*)?|\.\d+)|^[a-z]+|^@`)

func parseInterval(s string, fields int) (v span, ok bool) {
	var tokens []string
	for s = strings.TrimLeft(s, space); s != ""; s = strings.TrimLeft(s, space) {
		token := intervalToken.FindString(s)
		if token == "" {
			return v, false
		}
		tokens = append(tokens, token)
		s = s[len(token):]
		if !separate(token, s) {
			return v, false
		}
	}
	ago := len(tokens) > 0 && tokens[len(tokens)-1] == "ago"
	if ago {
		tokens = tokens[:len(tokens)-1]
		if len(tokens) == 0 || !isLetter(tokens[len(tokens)-1][0]) && !strings.Contains(tokens[len(tokens)-1], ":") {
			return v, false // ago takes the place of the unit
		}
	}
	if len(tokens) > 0 && tokens[0] == "@" {
		tokens = tokens[1:]
	}
	if !v.addTokens(tokens, fields) {
		return v, false
	}
	if ago {
		v = span{-v.months, -v.days, -v.time}
	}
	return v, true
}

// separate reports whether a token ends before the rest. A number can be followed by its unit at once; a unit by the
// next number only if it is a letter that dates have as well (datetktbl).
func separate(token, rest string) bool {
	switch {
	case strings.HasSuffix(token, "."):
		return rest != "" && isSpace(rest[0])
	case rest == "" || isSpace(rest[0]) || token == "@":
		return true
	case isLetter(token[0]):
		return strings.Contains("d h m s y", token) && isDigit(rest[0])
	}
	return isLetter(rest[0])
}

// addTokens reads from the end, as DecodeInterval does: a unit stands after its number.
func (v *span) addTokens(tokens []string, fields int) bool {
	unit, seen := 0, 0
	for i := len(tokens) - 1; i >= 0; i-- {
		token := tokens[i]
		var set int
		ok := true
		switch {
		case isLetter(token[0]):
			if unit != 0 || intervalUnits[token] == 0 || i == 0 {
				return false
			}
			unit = intervalUnits[token]
			continue
		case token == "@":
			return false
		case strings.Contains(token, ":"):
			if unit != 0 {
				return false
			}
			set = timeOfDay | fieldMillisecond | fieldMicrosecond
			ok = v.setTime(token, fields)
		case strings.Contains(token[1:], "-"):
			if unit != 0 {
				return false
			}
			set = fieldYear | fieldMonth
			ok = v.addYearsMonths(token)
		default:
			if unit == 0 {
				if unit, ok = v.defaultUnit(tokens, i, fields); !ok {
					return false
				}
			}
			set = unit
			if unit == fieldSecond && strings.Contains(token, ".") {
				set |= fieldMillisecond | fieldMicrosecond
			}
			ok = v.addNumber(token, unit)
			unit = 0
		}
		if !ok || seen&set != 0 {
			return false
		}
		seen |= set
	}
	return seen != 0 && unit == 0
}

// defaultUnit is the unit of a number that has none: days before a time, else the last field of the
// type. Elsewhere than at the end it would take that of its neighbour, which nobody writes.
func (v *span) defaultUnit(tokens []string, i, fields int) (int, bool) {
	if i+1 < len(tokens) {
		return fieldDay, strings.Contains(tokens[i+1], ":")
	}
	for _, unit := range []int{fieldSecond, fieldMinute, fieldHour, fieldDay, fieldMonth, fieldYear} {
		if fields&unit != 0 {
			return unit, true
		}
	}
	return 0, false
}

// addNumber adds a number, whose fraction spills over into smaller fields.
func (v *span) addNumber(token string, unit int) bool {
	whole, fraction, _ := strings.Cut(token, ".")
	if whole == "" {
		whole = "0"
	}
	n, err := strconv.ParseInt(whole, 10, 32)
	if err != nil {
		return false
	}
	f, _ := strconv.ParseFloat("0."+fraction+"0", 64)
	if strings.HasPrefix(token, "-") {
		f = -f
	}
	return v.add(n, f, unit)
}

func (v *span) add(n int64, f float64, unit int) bool {
	switch unit {
	case fieldMicrosecond:
		v.addTimes(n, f, 1)
	case fieldMillisecond:
		v.addTimes(n, f, 1000)
	case fieldSecond:
		v.addTimes(n, f, 1_000_000)
	case fieldMinute:
		v.addTimes(n, f, 60_000_000)
	case fieldHour:
		v.addTimes(n, f, 3_600_000_000)
	case fieldDay:
		v.days += n
		v.addTimes(0, f, day)
	case fieldWeek:
		v.days += n * 7
		v.addDays(f, 7)
	case fieldMonth:
		v.months += n
		v.addDays(f, 30)
	case fieldYear:
		v.addYears(n, f, 1)
	case fieldDecade:
		v.addYears(n, f, 10)
	case fieldCentury:
		v.addYears(n, f, 100)
	case fieldMillennium:
		v.addYears(n, f, 1000)
	default:
		return false
	}
	const limit = 1 << 31
	return v.months < limit && v.months >= -limit && v.days < limit && v.days >= -limit
}

// addTimes is AdjustMicroseconds.
func (v *span) addTimes(n int64, f float64, scale int64) {
	f *= float64(scale)
	whole := int64(f)
	if f -= float64(whole); f > 0.5 {
		whole++
	} else if f < -0.5 {
		whole--
	}
	v.time += n*scale + whole
}

// addDays is AdjustFractDays.
func (v *span) addDays(f float64, scale int) {
	f *= float64(scale)
	whole := int64(f)
	v.days += whole
	v.addTimes(0, f-float64(whole), day)
}

// addYears is AdjustYears and AdjustFractYears.
func (v *span) addYears(n int64, f float64, scale int64) {
	v.months += n*scale*12 + int64(math.RoundToEven(f*float64(scale)*12))
}

// setTime reads hh:mm, hh:mm:ss, and mm:ss if it has a fraction or the fields of the type say so.
func (v *span) setTime(token string, fields int) bool {
	negative := token[0] == '-'
	parts := strings.Split(strings.TrimLeft(token, "+-"), ":")
	if len(parts) == 2 {
		if strings.Contains(parts[1], ".") || fields == fieldMinute|fieldSecond {
			parts = append([]string{"0"}, parts...)
		} else {
			parts = append(parts, "0")
		}
	}
	if len(parts) != 3 || len(parts[1]) > 2 || !allDigits(parts[1]) {
		return false
	}
	hours, err := strconv.ParseInt(parts[0], 10, 32)
	minutes, _ := strconv.Atoi(parts[1])
	seconds, ok := parseSeconds(parts[2])
	if err != nil || !ok || minutes > 59 {
		return false
	}
	t := hours*3_600_000_000 + int64(minutes)*60_000_000 + seconds
	if negative {
		t = -t
	}
	v.time = t // not added: a fraction of a day that stands after it is lost
	return true
}

// addYearsMonths reads years-months.
func (v *span) addYearsMonths(token string) bool {
	years, months, _ := strings.Cut(strings.TrimLeft(token, "+-"), "-")
	y, err1 := strconv.ParseInt(years, 10, 32)
	m, err2 := strconv.ParseInt(months, 10, 32)
	if err1 != nil || err2 != nil || m > 11 || y > 100_000_000 {
		return false
	}
	if token[0] == '-' {
		y, m = -y, -m
	}
	v.months += y*12 + m
	return true
}

var isoPart = regexp.MustCompile(`^(-?(?:\d+(?:\.\d*)?|\.\d+))([YMWDHS])`)

// parseISOInterval reads P1Y2M3DT4H5M6S without the P.
func parseISOInterval(s string) (v span, ok bool) {
	inTime := false
	for s != "" {
		if rest, t := strings.CutPrefix(s, "T"); t && !inTime && rest != "" {
			inTime, s = true, rest
			continue
		}
		m := isoPart.FindStringSubmatch(s)
		if m == nil {
			return v, false
		}
		unit := map[string]int{"Y": fieldYear, "M": fieldMonth, "W": fieldWeek, "D": fieldDay}[m[2]]
		if inTime {
			unit = map[string]int{"H": fieldHour, "M": fieldMinute, "S": fieldSecond}[m[2]]
		}
		if unit == 0 || !v.addNumber(m[1], unit) {
			return v, false
		}
		s, ok = s[len(m[0]):], true
	}
	return v, ok
}

// limit is AdjustIntervalForTypmod.
func (v *span) limit(fields, precision int) bool {
	last := 0 // the smallest field that stays
	for _, field := range []int{fieldSecond, fieldMinute, fieldHour, fieldDay, fieldMonth, fieldYear} {
		if fields&field != 0 {
			last = field
			break
		}
	}
	switch last {
	case fieldYear:
		*v = span{months: v.months / 12 * 12}
	case fieldMonth:
		*v = span{months: v.months}
	case fieldDay:
		v.time = 0
	case fieldHour:
		v.time -= v.time % 3_600_000_000
	case fieldMinute:
		v.time -= v.time % 60_000_000
	case 0:
		return false
	}
	if precision < 6 {
		scale := int64(math.Pow10(6 - precision))
		if v.time >= 0 {
			v.time = (v.time + scale/2) / scale * scale
		} else {
			v.time = -((-v.time + scale/2) / scale * scale)
		}
	}
	return true
}

// String is EncodeInterval in the style postgres.
func (v span) String() string {
	var parts []string
	negative := false // the field before was
	for _, p := range []struct {
		n    int64
		unit string
	}{{v.months / 12, "year"}, {v.months % 12, "mon"}, {v.days, "day"}} {
		if p.n == 0 {
			continue
		}
		sign, plural := "", "s"
		if negative && p.n > 0 {
			sign = "+"
		}
		if p.n == 1 {
			plural = ""
		}
		parts = append(parts, fmt.Sprintf("%s%d %s%s", sign, p.n, p.unit, plural))
		negative = p.n < 0
	}
	if v.time != 0 || len(parts) == 0 {
		t := formatTime(max(v.time, -v.time))
		if v.time < 0 {
			t = "-" + t
		} else if negative {
			t = "+" + t
		}
		parts = append(parts, t)
	}
	return strings.Join(parts, " ")
}
