package rfc9110

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxRanges is how many ranges one request may ask for. Clients that patch files
// ask for hundreds, and go on with the whole file where they get it (§17.15).
const maxRanges = 200

// Spec is one range-spec of a Range field: the bytes from First to Last, both
// included; to the end if Last is -1; the last Last bytes if First is -1.
type Spec struct{ First, Last int64 }

// ParseRanges returns what value, a Range field, asks for. It reports false if the
// field must be ignored: another unit, malformed in any of its members, or too many
// of them.
//
// §14.1.1, §14.1.2 and §14.2, where elements of a list may be empty:
//
//	Range           = ranges-specifier
//	ranges-specifier = range-unit "=" range-set
//	range-set       = 1#range-spec
//	range-spec      = int-range / suffix-range / other-range
//	int-range       = first-pos "-" [ last-pos ]
//	suffix-range    = "-" suffix-length
func ParseRanges(value string) (specs []Spec, ok bool) {
	unit, set, ok := strings.Cut(value, "=")
	if !ok || !strings.EqualFold(unit, "bytes") { // units are case-insensitive, §14.1
		return nil, false
	}
	for element := range strings.SplitSeq(set, ",") {
		element = strings.Trim(element, " \t")
		if element == "" {
			continue
		}
		spec, ok := parseSpec(element)
		if !ok || len(specs) == maxRanges {
			return nil, false
		}
		specs = append(specs, spec)
	}
	return specs, len(specs) > 0
}

func parseSpec(s string) (Spec, bool) {
	first, last, ok := strings.Cut(s, "-")
	if !ok || first == "" && last == "" || last != "" && first != "" && lessDigits(last, first) {
		return Spec{}, false
	}
	spec := Spec{-1, -1}
	if first != "" {
		spec.First, ok = parsePos(first)
	}
	if last != "" && ok {
		spec.Last, ok = parsePos(last)
	}
	return spec, ok
}

// parsePos parses 1*DIGIT: no sign, no spaces. A number that an int64 cannot hold
// is beyond the end of any file, and becomes the largest one.
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

// String returns the value of a Range field that asks for s alone.
func (s Spec) String() string {
	b := append(make([]byte, 0, 48), "bytes="...)
	if s.First >= 0 {
		b = strconv.AppendInt(b, s.First, 10)
	}
	b = append(b, '-')
	if s.Last >= 0 && (s.First < 0 || s.Last < math.MaxInt64) { // the largest means the end
		b = strconv.AppendInt(b, s.Last, 10)
	}
	return string(b)
}

// Range is a range of bytes within the content.
type Range struct{ Start, Length int64 }

// End returns the position after the last byte of the range.
func (r Range) End() int64 { return r.Start + r.Length }

// In returns the bytes that s means in content of size bytes; Length is 0 if it
// means no byte.
func (s Spec) In(size int64) Range {
	if s.First < 0 {
		n := min(s.Last, size)
		return Range{size - n, n}
	}
	end := size
	if 0 <= s.Last && s.Last < size {
		end = s.Last + 1
	}
	return Range{s.First, max(end-s.First, 0)}
}

// Resolve returns the ranges that specs mean in content of size bytes, in their
// order. Ranges that overlap become one. None: the specs cannot be satisfied.
func Resolve(specs []Spec, size int64) (ranges []Range) {
	for _, s := range specs {
		if r := s.In(size); r.Length > 0 {
			ranges = append(ranges, r)
		}
	}
	return coalesce(ranges)
}

// coalesce makes one range of several that overlap, in the place of the first
// (§15.3.7.2). So no byte of the file is sent twice.
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
