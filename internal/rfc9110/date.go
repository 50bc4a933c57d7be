package rfc9110

import "time"

// parseDate parses a date of a field, and reports whether it is one. §5.6.7:
//
//	HTTP-date    = IMF-fixdate / obs-date
//	obs-date     = rfc850-date / asctime-date
//
// All three are in GMT.
func parseDate(value string) (time.Time, bool) {
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
