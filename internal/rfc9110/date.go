package rfc9110

import (
	"errors"
	"time"
)

// IsModTime reports whether t can be when some content was modified, so that a
// validator may be made of it (§8.8.2). Stores that know no such time give
// another, the same for all versions: the zero time, the Unix epoch or the second
// after it (Nix), the time in a ZIP without times (1979-11-30), the first day that
// a ZIP can tell (reproducible builds, in any time zone). So the times up to
// 1980-01-02, that day included, say nothing; nor do the times that builders of
// packages give to all files.
func IsModTime(t time.Time) bool {
	switch t.Unix() {
	case bazelTime, npmTime, yarnTime:
		return false
	}
	return t.Unix() >= firstModTime
}

const (
	firstModTime = 315_705_600 // 1980-01-03T00:00:00Z
	yarnTime     = 456_789_000 // 1984-06-22T21:50:00Z
	npmTime      = 499_162_500 // 1985-10-26T08:15:00Z
	bazelTime    = 946_684_800 // 2000-01-01T00:00:00Z
)

// ModifiedSince reports whether content that was modified at modTime has changed
// after since. The error is [errors.ErrUnsupported] if modTime cannot tell. Dates of
// fields have no fractions of a second (§5.6.7), so modTime loses its own before they
// are compared.
func ModifiedSince(modTime, since time.Time) (bool, error) {
	if !IsModTime(modTime) {
		return false, errors.ErrUnsupported
	}
	return modTime.Truncate(time.Second).After(since), nil
}

// ParseDate parses a date of a field, and reports whether it is one. §5.6.7:
//
//	HTTP-date    = IMF-fixdate / obs-date
//	obs-date     = rfc850-date / asctime-date
//
// All three are in GMT.
func ParseDate(value string) (time.Time, bool) {
	if value == "" {
		return time.Time{}, false // most requests have none
	}
	for _, layout := range layouts {
		if date, err := time.Parse(layout, value); err == nil {
			return date, true
		}
	}
	return time.Time{}, false
}

// layouts: "GMT" stands in them to the letter. With time.RFC850, as in
// http.ParseTime, any other zone would be taken for one of the same offset.
var layouts = []string{
	"Mon, 02 Jan 2006 15:04:05 GMT",  // Sun, 06 Nov 1994 08:49:37 GMT
	"Monday, 02-Jan-06 15:04:05 GMT", // Sunday, 06-Nov-94 08:49:37 GMT
	time.ANSIC,                       // Sun Nov  6 08:49:37 1994
}
