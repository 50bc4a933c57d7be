// Package rfc9110 has the rules of RFC 9110, HTTP Semantics, that decide how a
// request for a file is answered. They are functions of strings, numbers and times:
// nothing here reads, writes, or knows what a request is.
//
//	contentrange.go   §14.4, where a part stands
//	ranges.go         §14, ranges of bytes
//	preconditions.go  §13, in the order of §13.2.2
//	entitytag.go      §8.8.3, entity tags and lists of them
//	date.go           §5.6.7, dates
//	acceptencoding.go §12.5.3, which content codings a client takes
//	content.go        §8, fields that describe content
//	escape.go         §4.1, escapes in URIs
//	field.go          §5.3, the lines of a field
package rfc9110

import (
	"net/textproto"
	"slices"
	"strings"
)

// Field returns the value of a field with these lines, and whether there is one.
// Repeated lines are one list (§5.3). A field without content counts as absent, as
// it does in net/http.
func Field(lines []string) (string, bool) {
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

// Unify gives the fields of h the canonical form of their names, which middleware
// may have set in another ("ETag"). net/http would send both.
func Unify(h map[string][]string) {
	for key, lines := range h {
		if canonical := textproto.CanonicalMIMEHeaderKey(key); canonical != key {
			delete(h, key)
			h[canonical] = slices.Concat(h[canonical], lines)
		}
	}
}
