package literal

import (
	"strconv"
	"strings"
)

var months = map[string]int{
	"jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6, "june": 6,
	"jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10, "october": 10,
	"nov": 11, "november": 11, "dec": 12, "december": 12,
}

var weekdays = map[string]bool{
	"mon": true, "monday": true, "tue": true, "tues": true, "tuesday": true, "wed": true, "weds": true, "wednesday": true,
	"thu": true, "thur": true, "thurs": true, "thursday": true, "fri": true, "friday": true, "sat": true, "saturday": true,
	"sun": true, "sunday": true,
}

// parseDateTime reads a date, a time, a zone and BC, AM or PM, in this order but for a leading weekday. The date
// is written with its year first or its month first, or with the name of the month. Zones other than UTC are offsets.
func parseDateTime(text string) (d dateTime, ok bool) {
	s := strings.ToLower(trim(text))
	switch s {
	case "infinity", "+infinity":
		return dateTime{special: "infinity"}, true
	case "-infinity":
		return dateTime{special: "-infinity"}, true
	case "epoch":
		return dateTime{hasDate: true, year: 1970, month: 1, day: 1, zoned: true}, true
	case "allballs":
		return dateTime{hasTime: true, zoned: true}, true
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r < 128 && isSpace(byte(r)) })
	words, d.joined = splitT(words)
	if len(words) > 1 && weekdays[strings.TrimSuffix(words[0], ",")] && (isLetter(words[1][0]) || len(words[1]) <= 2) {
		words = words[1:]
	}
	words, ok = d.parseDate(words)
	if !ok {
		return d, false
	}
	return d, d.parseRest(words)
}

// splitT splits 2020-01-01T10:00.
func splitT(words []string) (_ []string, split bool) {
	if len(words) == 0 {
		return words, false
	}
	date, time, ok := strings.Cut(words[0], "t")
	if !ok || strings.Trim(date, "0123456789-/") != "" || date == "" || time == "" || !isDigit(time[0]) {
		return words, false
	}
	return append([]string{date, time}, words[1:]...), true
}

// parseDate reads a date from the first words, if there is one, and returns the other words.
func (d *dateTime) parseDate(words []string) (rest []string, ok bool) {
	if len(words) == 0 {
		return nil, false
	}
	switch w := words[0]; {
	case len(w) == 8 && allDigits(w):
		d.joined = true
		return words[1:], d.setDate(w[:4], w[4:6], w[6:])
	case strings.Count(w, "-") == 2 && !strings.Contains(w, ":"):
		return words[1:], d.dashed(strings.Split(w, "-"))
	case strings.Count(w, "/") == 2:
		parts := strings.Split(w, "/")
		if len(parts[0]) >= 4 {
			return words[1:], d.setDate(parts[0], parts[1], parts[2])
		}
		return words[1:], d.setDate(parts[2], parts[0], parts[1])
	case months[w] != 0 && len(words) > 2: // Jan 2, 2020
		return words[3:], d.setDate(words[2], strconv.Itoa(months[w]), strings.TrimSuffix(words[1], ","))
	case allDigits(w) && len(w) <= 2 && len(words) > 2 && months[words[1]] != 0: // 2 Jan 2020
		return words[3:], d.setDate(words[2], strconv.Itoa(months[words[1]]), w)
	}
	return words, true
}

// dashed reads 2020-01-02, 01-02-2020, 02-Jan-2020, Jan-02-2020 and 2020-Jan-02.
func (d *dateTime) dashed(p []string) bool {
	switch {
	case months[p[0]] != 0:
		return d.setDate(p[2], strconv.Itoa(months[p[0]]), p[1])
	case months[p[1]] != 0 && len(p[0]) <= 2:
		return d.setDate(p[2], strconv.Itoa(months[p[1]]), p[0])
	case months[p[1]] != 0:
		return d.setDate(p[0], strconv.Itoa(months[p[1]]), p[2])
	case len(p[0]) >= 4:
		return d.setDate(p[0], p[1], p[2])
	}
	return d.setDate(p[2], p[0], p[1])
}

// setDate takes a year of four digits only: those of two depend on the century.
func (d *dateTime) setDate(year, month, day string) bool {
	if len(year) != 4 || !allDigits(year) || !allDigits(month) || !allDigits(day) || len(month) > 2 || len(day) > 2 {
		return false
	}
	d.year, _ = strconv.Atoi(year)
	d.month, _ = strconv.Atoi(month)
	d.day, _ = strconv.Atoi(day)
	d.hasDate = d.year > 0 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= daysInMonth(4, d.month)
	return d.hasDate
}

// parseRest reads what comes after the date.
func (d *dateTime) parseRest(words []string) bool {
	half, bc := "", false
	for i, w := range words {
		switch {
		case i == 0 && isDigit(w[0]) && strings.Contains(w, ":"):
			if !d.parseTime(w) {
				return false
			}
		case i == 0:
			if w != "bc" && w != "ad" && (d.zoned || !d.hasDate) {
				return false
			}
			fallthrough
		default:
			switch {
			case (w == "am" || w == "pm") && half == "" && !d.halved && d.hasTime && i == 1:
				half = w
			case (w == "bc" || w == "ad") && d.hasDate && i == len(words)-1:
				bc = w == "bc"
			case !d.zoned && d.hasTime && (i == 1 || i == 2 && half != ""):
				if !d.parseZone(w) {
					return false
				}
			default:
				return false
			}
		}
	}
	return d.setHalf(half) && d.setEra(bc)
}

// parseTime reads hh:mm, hh:mm:ss and hh:mm:ss.ffffff, with a zone after it.
func (d *dateTime) parseTime(s string) bool {
	if i := strings.IndexAny(s, "+-z"); i >= 0 {
		if !d.parseZone(s[i:]) {
			return false
		}
		s = s[:i]
	}
	for _, half := range []string{"am", "pm"} {
		if rest, ok := strings.CutSuffix(s, half); ok && !d.zoned && !d.halved {
			d.halved = true
			return d.parseTime(rest) && d.setHalf(half)
		}
	}
	parts := strings.Split(s, ":")
	if len(parts) == 2 {
		parts = append(parts, "0")
	}
	if len(parts) != 3 || !allDigits(parts[0]) || !allDigits(parts[1]) || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return false
	}
	hour, _ := strconv.Atoi(parts[0])
	minute, _ := strconv.Atoi(parts[1])
	seconds, ok := parseSeconds(parts[2])
	d.time = int64(hour*60+minute)*60_000_000 + seconds
	d.hasTime = ok && minute < 60 && d.time <= day
	return d.hasTime
}

// parseZone reads UTC, or an offset hh, hhmm, hh:mm or hh:mm:ss with a sign.
func (d *dateTime) parseZone(s string) bool {
	d.zoned = true
	switch s {
	case "z", "zulu", "utc", "gmt", "ut":
		return true
	}
	sign := int64(1)
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return false
	}
	parts := strings.Split(s[1:], ":")
	if len(parts) == 1 && len(s) == 5 {
		parts = []string{s[1:3], s[3:]}
	}
	if len(parts) > 3 {
		return false
	}
	for i, unit := range []int64{3600, 60, 1} {
		if i >= len(parts) {
			break
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil || !allDigits(parts[i]) || len(parts[i]) > 2 || i == 0 && n > 15 || i > 0 && n > 59 {
			return false
		}
		d.offset += sign * unit * int64(n)
	}
	return true
}

// setHalf applies am or pm.
func (d *dateTime) setHalf(half string) bool {
	if half == "" {
		return true
	}
	hour := d.time / 3_600_000_000
	if hour > 12 || hour == 0 {
		return hour == 0 && half == "am"
	}
	if half == "am" && hour == 12 {
		d.time -= day / 2
	}
	if half == "pm" && hour < 12 {
		d.time += day / 2
	}
	return true
}

func (d *dateTime) setEra(bc bool) bool {
	if bc {
		d.year = 1 - d.year
	}
	return !d.hasDate || d.year > -4713 && d.day <= daysInMonth(d.year, d.month)
}
