package files

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// passedOn returns what of r is passed on to the origin, and the ranges that r
// asks for. The header has all that can spare the origin, and the client, the
// content; cookies and credentials of r are for this server alone.
//
// What is malformed is not passed on: it is to be ignored (RFC 9110 §13.1.3,
// §13.1.4, §14.2), and origins differ.
func passedOn(r *http.Request) (http.Header, []byteRange) {
	h := make(http.Header)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return h, nil
	}
	for _, key := range []string{"If-Match", "If-None-Match"} {
		if lines, ok := r.Header[key]; ok {
			h[key] = lines
		}
	}
	for _, key := range []string{"If-Modified-Since", "If-Unmodified-Since"} {
		if lines := r.Header[key]; len(lines) == 1 && isDate(lines[0]) {
			h[key] = lines
		}
	}
	if r.Method != http.MethodGet {
		return h, nil
	}
	ifRange, conditional := r.Header["If-Range"]
	if conditional && (len(ifRange) != 1 || !isStrongTag(ifRange[0]) && !isDate(ifRange[0])) {
		return h, nil // the condition is false (§13.1.5)
	}
	ranges := parseRanges(r.Header["Range"])
	if len(ranges) > 0 {
		// The first only: several would come as multipart/byteranges. The
		// answer tells how long the file is, and the others are asked for one by one.
		h.Set("Range", ranges[0].String())
		if conditional {
			h["If-Range"] = ifRange
		}
	}
	return h, ranges
}

// isDate reports whether s is a date in one of the formats of RFC 9110 §5.6.7,
// which are in GMT all; http.ParseTime takes other zones in that of RFC 850.
func isDate(s string) bool {
	_, err := http.ParseTime(s)
	return err == nil && (strings.HasSuffix(s, " GMT") || !strings.Contains(s, "-"))
}

// isStrongTag reports whether s looks like an entity tag that is no weak one.
func isStrongTag(s string) bool {
	return len(s) > 1 && strings.HasPrefix(s, `"`) && strings.HasSuffix(s, `"`)
}

// byteRange is a part of a file that is asked for: from first to last, both
// included; to the end if last is -1; the last so many bytes if first is.
type byteRange struct{ first, last int64 }

// maxRanges is how many ranges of one request are taken seriously.
const maxRanges = 64

// parseRanges parses Range fields (RFC 9110 §14.1.1, §14.1.2, §14.2). It returns
// none if a member is malformed or larger than any file, or if there are too
// many. Elements of the list may be empty.
//
//	Range = "bytes=" 1#( first-pos "-" [ last-pos ] / "-" suffix-length )
func parseRanges(lines []string) (ranges []byteRange) {
	unit, set, _ := strings.Cut(strings.Join(lines, ","), "=")
	if !strings.EqualFold(unit, "bytes") {
		return nil
	}
	for spec := range strings.SplitSeq(set, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		first, last, ok := strings.Cut(spec, "-")
		r := byteRange{parsePos(first), parsePos(last)}
		switch {
		case !ok, r.first < 0 && first != "", r.last < 0 && last != "", // not numbers
			r.first < 0 && r.last < 0,
			0 <= r.last && r.last < r.first,
			len(ranges) == maxRanges:
			return nil
		}
		ranges = append(ranges, r)
	}
	return ranges
}

// parsePos parses 1*DIGIT; -1: that is not what s is.
func parsePos(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

// String returns r as the value of a Range field.
func (r byteRange) String() string {
	switch {
	case r.first < 0:
		return fmt.Sprintf("bytes=-%d", r.last)
	case r.last < 0:
		return fmt.Sprintf("bytes=%d-", r.first)
	}
	return fmt.Sprintf("bytes=%d-%d", r.first, r.last)
}

// in returns where r starts and ends, as a slice does, in a file of size bytes.
func (r byteRange) in(size int64) (start, end int64) {
	switch {
	case r.first < 0:
		return max(size-r.last, 0), size
	case r.last < 0 || r.last >= size:
		return r.first, size
	}
	return r.first, r.last + 1
}
