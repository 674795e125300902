package literal

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// dateTime is what a text says about a date and a time.
type dateTime struct {
	special          string // infinity, -infinity
	hasDate, hasTime bool
	joined           bool  // written 20200102 or with T, which the types without a date refuse or read in their own way
	halved           bool  // AM or PM is part of the word of the time
	year, month, day int   // astronomical year: 1 BC is 0
	time             int64 // microseconds of the day, up to a whole day
	zoned            bool
	offset           int64 // seconds east of UTC
}

const day = 24 * 60 * 60 * 1_000_000 // microseconds

// days is the number of days since 1970-01-01.
func (d dateTime) days() int64 { return daysFromCivil(d.year, d.month, d.day) }

// microseconds is the time since 1970-01-01, without regard to the zone.
func (d dateTime) microseconds() int64 { return d.days()*day + d.time }

func canonicalDate(text string) (string, bool) {
	d, ok := parseDateTime(text)
	switch {
	case !ok:
		return "", false
	case d.special != "":
		return d.special, true
	case !d.hasDate:
		return "", false
	}
	return formatDate(d.days()), true
}

// canonicalTimestamp ignores the zone, as PostgreSQL does.
func canonicalTimestamp(text string) (string, bool) {
	d, ok := parseDateTime(text)
	switch {
	case !ok:
		return "", false
	case d.special != "":
		return d.special, true
	case !d.hasDate:
		return "", false
	}
	return formatTimestamp(d.microseconds()), true
}

// canonicalTimestamptz takes a time without zone as one of UTC.
func canonicalTimestamptz(text string) (string, bool) {
	d, ok := parseDateTime(text)
	switch {
	case !ok:
		return "", false
	case d.special != "":
		return d.special, true
	case !d.hasDate:
		return "", false
	}
	s := formatTimestamp(d.microseconds() - d.offset*1_000_000)
	if s, bc := strings.CutSuffix(s, " BC"); bc {
		return s + "+00 BC", true
	}
	return s + "+00", true
}

func canonicalTime(text string) (string, bool) {
	d, ok := parseDateTime(text)
	if !ok || !d.hasTime || d.joined {
		return "", false
	}
	return formatTime(d.time), true
}

func canonicalTimetz(text string) (string, bool) {
	d, ok := parseDateTime(text)
	if !ok || !d.hasTime || d.joined {
		return "", false
	}
	sign, offset := "+", d.offset
	if offset < 0 {
		sign, offset = "-", -offset
	}
	zone := fmt.Sprintf("%s%02d", sign, offset/3600)
	if rest := offset % 3600; rest != 0 {
		zone += fmt.Sprintf(":%02d", rest/60)
		if rest%60 != 0 {
			zone += fmt.Sprintf(":%02d", rest%60)
		}
	}
	return formatTime(d.time) + zone, true
}

// formatTime prints hh:mm:ss, and the fraction without trailing zeros.
func formatTime(microseconds int64) string {
	seconds := microseconds / 1_000_000
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60) + formatFraction(microseconds%1_000_000)
}

func formatFraction(microseconds int64) string {
	if microseconds == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%06d", microseconds), "0")
}

func formatDate(days int64) string {
	year, month, day := civilFromDays(days)
	if year <= 0 {
		return fmt.Sprintf("%04d-%02d-%02d BC", 1-year, month, day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

func formatTimestamp(microseconds int64) string {
	days := microseconds / day
	if microseconds%day < 0 {
		days--
	}
	date, bc := strings.CutSuffix(formatDate(days), " BC")
	s := date + " " + formatTime(microseconds-days*day)
	if bc {
		s += " BC"
	}
	return s
}

// daysFromCivil counts the days from 1970-01-01 in the Gregorian calendar, extended to all times.
func daysFromCivil(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := (153*((m+9)%12)+2)/5 + int64(day) - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

func civilFromDays(days int64) (year, month, day int) {
	days += 719468
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	month = int((m+2)%12) + 1
	year = int(yearOfEra + era*400)
	if month <= 2 {
		year++
	}
	return year, month, int(dayOfYear-(153*m+2)/5) + 1
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func daysInMonth(year, month int) int {
	next := daysFromCivil(year, month+1, 1)
	if month == 12 {
		next = daysFromCivil(year+1, 1, 1)
	}
	return int(next - daysFromCivil(year, month, 1))
}

// parseSeconds reads ss or ss.ffffff, rounding to microseconds as ParseFractionalSecond does.
func parseSeconds(s string) (microseconds int64, ok bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.Atoi(whole)
	if err != nil || !allDigits(whole) || len(whole) > 2 || seconds > 60 || fraction != "" && !allDigits(fraction) {
		return 0, false
	}
	f, _ := strconv.ParseFloat("0."+fraction+"0", 64)
	return int64(seconds)*1_000_000 + int64(math.RoundToEven(f*1e6)), true
}
