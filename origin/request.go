package origin

import (
	"net/http"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// request is what the origin is asked.
type request struct {
	method string
	header http.Header
	asked  rfc9110.Spec   // in Range, if that is there
	ranges []rfc9110.Spec // that the client wants
}

// askFor returns a request for a range.
func askFor(first, last int64) request {
	spec := rfc9110.Spec{First: first, Last: last}
	return request{method: http.MethodGet, header: http.Header{"Range": {spec.String()}}, asked: spec}
}

// passedOn returns what of r is passed on to the origin. The header has all that
// can spare the origin, and the client, the content; cookies and credentials of r
// are for this server alone.
//
// A malformed field stays here: it must be ignored (RFC 9110 §13.1.3, §13.1.4,
// §14.2), and origins differ.
func passedOn(r *http.Request) request {
	q := request{method: http.MethodGet, header: make(http.Header)}
	switch r.Method {
	case http.MethodGet:
	case http.MethodHead:
		q.method = http.MethodHead
	default:
		return q
	}
	for _, key := range []string{"If-Match", "If-None-Match"} {
		if lines, ok := r.Header[key]; ok {
			q.header[key] = lines
		}
	}
	for _, key := range []string{"If-Modified-Since", "If-Unmodified-Since"} {
		if value, ok := rfc9110.Field(r.Header[key]); ok && isDate(value) {
			q.header.Set(key, value)
		}
	}
	if q.method == http.MethodHead {
		return q
	}
	ifRange, conditional := rfc9110.Field(r.Header["If-Range"])
	if conditional && !isDate(ifRange) && !(rfc9110.IsEntityTag(ifRange) && rfc9110.IsStrong(ifRange)) {
		return q // the condition is false (§13.1.5)
	}
	value, _ := rfc9110.Field(r.Header["Range"])
	if ranges, ok := rfc9110.ParseRanges(value); ok {
		// The first only: several would come as multipart/byteranges. The
		// answer tells how long the file is, and the others are asked for one by one.
		q.ranges, q.asked = ranges, ranges[0]
		if q.asked.Last == 0 && q.asked.First < 0 {
			q.asked.First = 0 // the last 0 bytes: net/http has a 206 for them
		}
		q.header.Set("Range", q.asked.String())
		if conditional {
			q.header.Set("If-Range", ifRange)
		}
	}
	return q
}

func isDate(s string) bool {
	_, ok := rfc9110.ParseDate(s)
	return ok
}
