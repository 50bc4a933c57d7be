package response

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxRanges is how many ranges one request may ask for. Those of honest clients
// are a handful; a request with more gets the whole file (RFC 9110 §17.15).
const maxRanges = 64

// window is a range of bytes within the content; its length is never 0.
type window struct{ start, length int64 }

func (w window) end() int64 { return w.start + w.length }

// contentRange returns the value of Content-Range (RFC 9110 §14.4).
func (w window) contentRange(size int64) string {
	b := make([]byte, 0, 64)
	b = append(b, "bytes "...)
	b = strconv.AppendInt(b, w.start, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, w.end()-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// parseRange returns the windows of size bytes that value, a Range field, asks
// for, in its order, those that overlap being one. It reports false if the
// field is to be ignored: another unit, malformed in any of its members, or too
// many of them. No windows and true: none of the ranges can be satisfied.
//
// RFC 9110 §14.1.1, §14.1.2 and §14.2, where elements of a list may be empty:
//
//	Range           = ranges-specifier
//	ranges-specifier = range-unit "=" range-set
//	range-set       = 1#range-spec
//	range-spec      = int-range / suffix-range / other-range
//	int-range       = first-pos "-" [ last-pos ]
//	suffix-range    = "-" suffix-length
func parseRange(value string, size int64) (windows []window, ok bool) {
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
		w, ok := parseRangeSpec(spec, size)
		if !ok {
			return nil, false
		}
		if w.length > 0 {
			windows = append(windows, w)
		}
	}
	return coalesce(windows), specs > 0
}

// parseRangeSpec returns the window of size bytes that spec asks for, of length
// 0 if there is none, and reports whether spec is well formed.
func parseRangeSpec(spec string, size int64) (window, bool) {
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return window{}, false
	}
	if first == "" { // the last so many bytes
		n, ok := parsePos(last)
		n = min(n, size)
		return window{size - n, n}, ok
	}
	start, ok := parsePos(first)
	if !ok {
		return window{}, false
	}
	end := size
	if last != "" {
		lastPos, ok := parsePos(last)
		if !ok || lessDigits(last, first) {
			return window{}, false
		}
		if lastPos < size {
			end = lastPos + 1
		}
	}
	return window{start, max(end-start, 0)}, true
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

// coalesce makes one window of those that overlap, in the place of the first of
// them (RFC 9110 §15.3.7.2). So no byte of the file is sent twice.
func coalesce(windows []window) []window {
	if len(windows) < 2 {
		return windows
	}
	type ranked struct {
		window
		rank int
	}
	sorted := make([]ranked, len(windows))
	for i, w := range windows {
		sorted[i] = ranked{w, i}
	}
	slices.SortFunc(sorted, func(a, b ranked) int { return cmp.Compare(a.start, b.start) })
	merged := sorted[:1]
	for _, w := range sorted[1:] {
		last := &merged[len(merged)-1]
		if w.start >= last.end() {
			merged = append(merged, w)
			continue
		}
		last.length = max(last.end(), w.end()) - last.start
		last.rank = min(last.rank, w.rank)
	}
	slices.SortFunc(merged, func(a, b ranked) int { return a.rank - b.rank })
	windows = windows[:len(merged)]
	for i, w := range merged {
		windows[i] = w.window
	}
	return windows
}
