package rfc9110

import (
	"math"
	"strconv"
	"strings"
)

// ContentRange returns the value of Content-Range for a part of size bytes. §14.4:
//
//	Content-Range     = range-unit SP ( range-resp / unsatisfied-range )
//	range-resp        = incl-range "/" ( complete-length / "*" )
//	incl-range        = first-pos "-" last-pos
//	unsatisfied-range = "*/" complete-length
func (r Range) ContentRange(size int64) string {
	b := make([]byte, 0, 64)
	b = append(b, "bytes "...)
	b = strconv.AppendInt(b, r.Start, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, r.End()-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// UnsatisfiedRange returns the value of Content-Range in a 416.
func UnsatisfiedRange(size int64) string { return "bytes */" + strconv.FormatInt(size, 10) }

// ParseContentRange parses the Content-Range of a part of a known whole. An
// unsatisfied-range is a part of length 0. It reports false for anything else:
// other units, a complete length that is not known, a part that is not within it.
func ParseContentRange(value string) (part Range, size int64, ok bool) {
	unit, rest, _ := strings.Cut(value, " ")
	incl, whole, _ := strings.Cut(rest, "/")
	size, ok = parsePos(whole)
	if !ok || size == math.MaxInt64 || !strings.EqualFold(unit, "bytes") {
		return Range{}, -1, false
	}
	if incl == "*" {
		return Range{}, size, true
	}
	first, last, _ := strings.Cut(incl, "-")
	start, ok1 := parsePos(first)
	end, ok2 := parsePos(last)
	if !ok1 || !ok2 || start > end || end >= size {
		return Range{}, -1, false
	}
	return Range{start, end + 1 - start}, size, true
}
