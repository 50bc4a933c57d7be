package rfc9110

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxRanges is how many ranges one request may ask for. Those of honest clients
// are a handful; a request with more gets the whole file (§17.15).
const maxRanges = 64

// Range is a range of bytes within the content. Those that are parsed are not
// empty.
type Range struct{ Start, Length int64 }

// End returns where the range ends, and the next byte is.
func (r Range) End() int64 { return r.Start + r.Length }

// ParseRange returns the ranges of size bytes that value, a Range field, asks for,
// in its order, those that overlap being one. It reports false if the field is to
// be ignored: another unit, malformed in any of its members, or too many of them.
// No ranges and true: none can be satisfied.
//
// §14.1.1, §14.1.2 and §14.2, where elements of a list may be empty:
//
//	Range           = ranges-specifier
//	ranges-specifier = range-unit "=" range-set
//	range-set       = 1#range-spec
//	range-spec      = int-range / suffix-range / other-range
//	int-range       = first-pos "-" [ last-pos ]
//	suffix-range    = "-" suffix-length
func ParseRange(value string, size int64) (ranges []Range, ok bool) {
	unit, set, ok := strings.Cut(value, "=")
	if !ok || !strings.EqualFold(unit, "bytes") { // units are case-insensitive, §14.1
		return nil, false
	}
	specs := 0
	for spec := range strings.SplitSeq(set, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		if specs++; specs > maxRanges {
			return nil, false
		}
		r, ok := parseRangeSpec(spec, size)
		if !ok {
			return nil, false
		}
		if r.Length > 0 {
			ranges = append(ranges, r)
		}
	}
	return coalesce(ranges), specs > 0
}

// parseRangeSpec returns the range of size bytes that spec asks for, of length 0
// if there is none, and reports whether spec is well formed.
func parseRangeSpec(spec string, size int64) (Range, bool) {
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return Range{}, false
	}
	if first == "" { // the last so many bytes
		n, ok := parsePos(last)
		n = min(n, size)
		return Range{size - n, n}, ok
	}
	start, ok := parsePos(first)
	if !ok {
		return Range{}, false
	}
	end := size
	if last != "" {
		lastPos, ok := parsePos(last)
		if !ok || lessDigits(last, first) {
			return Range{}, false
		}
		if lastPos < size {
			end = lastPos + 1
		}
	}
	return Range{start, max(end-start, 0)}, true
}

// parsePos parses 1*DIGIT: no sign, no spaces. What is more than an int64 can
// hold is a number all the same, and beyond the end of any file.
func parsePos(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n = math.MaxInt64
	}
	return n, s != ""
}

// lessDigits reports whether the decimal number a is less than b, of any length.
func lessDigits(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// coalesce makes one range of those that overlap, in the place of the first of
// them (§15.3.7.2). So no byte of the file is sent twice.
func coalesce(ranges []Range) []Range {
	if len(ranges) < 2 {
		return ranges
	}
	type ranked struct {
		Range
		rank int
	}
	sorted := make([]ranked, len(ranges))
	for i, r := range ranges {
		sorted[i] = ranked{r, i}
	}
	slices.SortFunc(sorted, func(a, b ranked) int { return cmp.Compare(a.Start, b.Start) })
	merged := sorted[:1]
	for _, r := range sorted[1:] {
		last := &merged[len(merged)-1]
		if r.Start >= last.End() {
			merged = append(merged, r)
			continue
		}
		last.Length = max(last.End(), r.End()) - last.Start
		last.rank = min(last.rank, r.rank)
	}
	slices.SortFunc(merged, func(a, b ranked) int { return a.rank - b.rank })
	ranges = ranges[:len(merged)]
	for i, r := range merged {
		ranges[i] = r.Range
	}
	return ranges
}

// ContentRange returns the value of Content-Range for a part of size bytes. §14.4:
//
//	Content-Range = range-unit SP ( range-resp / unsatisfied-range )
//	range-resp    = incl-range "/" ( complete-length / "*" )
//	incl-range    = first-pos "-" last-pos
func (r Range) ContentRange(size int64) string {
	b := make([]byte, 0, 64)
	b = append(b, "bytes "...)
	b = strconv.AppendInt(b, r.Start, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, r.End()-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// UnsatisfiedRange returns the value of Content-Range in a 416. §14.4:
//
//	unsatisfied-range = "*/" complete-length
func UnsatisfiedRange(size int64) string { return "bytes */" + strconv.FormatInt(size, 10) }
