package response

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// precondition is what the conditions of a request come to.
type precondition int

const (
	proceed     precondition = iota // perform the method
	notModified                     // 304
	failed                          // 412
)

// checkPreconditions evaluates the conditions of a GET or HEAD in the order of
// RFC 9110 §13.2.2. If-Range, the last of them, is in checkIfRange.
func (d *DownloadResponse) checkPreconditions(h http.Header) precondition {
	if list, ok := field(h, "If-Match"); ok {
		if !matchesAny(list, d.etag, strongMatch) {
			return failed
		}
	} else if since, ok := dateField(h, "If-Unmodified-Since"); ok && files.IsModTime(d.modTime) {
		if d.modTime.Truncate(time.Second).After(since) {
			return failed
		}
	}
	if list, ok := field(h, "If-None-Match"); ok {
		if matchesAny(list, d.etag, weakMatch) {
			return notModified
		}
	} else if since, ok := dateField(h, "If-Modified-Since"); ok {
		// The view decides, even of content that has no Last-Modified: who
		// generates it may know without one.
		if !d.wasModifiedSince(since) {
			return notModified
		}
	}
	return proceed
}

// checkIfRange reports whether If-Range allows the Range field beside it to be
// looked at (RFC 9110 §13.1.5).
func (d *DownloadResponse) checkIfRange(h http.Header) bool {
	validator, ok := field(h, "If-Range")
	if !ok {
		return true
	}
	if isEntityTag(validator) {
		return strongMatch(validator, d.etag)
	}
	// An exact match: the date is not an order here, but the name of a version.
	// That it is a strong one (§8.8.2.2: not two versions in one second) is not
	// to be known here, and net/http takes it for granted as well.
	date, ok := parseDate(validator)
	return ok && files.IsModTime(d.modTime) && d.modTime.Truncate(time.Second).Equal(date)
}

// field returns the field of that (canonical) name. Repeated lines are one list
// (RFC 9110 §5.3). One without content counts as absent, as it does in net/http.
func field(h http.Header, name string) (string, bool) {
	lines := h[name]
	if len(lines) == 0 {
		return "", false
	}
	value := lines[0]
	if len(lines) > 1 {
		value = strings.Join(lines, ", ")
	}
	value = strings.Trim(value, " \t")
	return value, value != ""
}

// dateField returns the field of that name if it is a date. Anything else is to
// be ignored (RFC 9110 §13.1.3, §13.1.4).
func dateField(h http.Header, name string) (time.Time, bool) {
	value, ok := field(h, name)
	if !ok {
		return time.Time{}, false
	}
	return parseDate(value)
}

// parseDate parses a date in any of the three formats of RFC 9110 §5.6.7, which
// are all in GMT; http.ParseTime takes other zones in that of RFC 850.
func parseDate(value string) (time.Time, bool) {
	date, err := http.ParseTime(value)
	return date, err == nil && (strings.HasSuffix(value, " GMT") || !strings.Contains(value, "-"))
}

// matchesAny reports whether list, the value of If-Match or If-None-Match,
// matches tag ("" if there is none). RFC 9110 §13.1.1:
//
//	If-Match = "*" / #entity-tag
//
// Empty elements are allowed (§5.6.1.2). A list that goes wrong somewhere
// matches by what came before.
func matchesAny(list, tag string, match func(a, b string) bool) bool {
	if list == "*" {
		return true // there is a representation, or this would be a 404
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		candidate, rest := scanEntityTag(list)
		if candidate == "" {
			return false
		}
		rest = strings.TrimLeft(rest, " \t")
		if rest != "" && rest[0] != ',' {
			return false
		}
		if tag != "" && match(candidate, tag) {
			return true
		}
		list = rest
	}
}
