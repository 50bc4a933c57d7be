package files

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// version is what tells one version of a file from another.
type version struct {
	etag    string
	modTime time.Time
	size    int64 // -1: not known
}

// is reports whether other may be the same version, by all that is known of v: a
// 304 need not tell everything.
func (v version) is(other version) bool {
	return (v.size < 0 || v.size == other.size) &&
		(v.etag == "" || v.etag == other.etag) &&
		(v.modTime.IsZero() || v.modTime.Equal(other.modTime) || isStrongTag(v.etag))
}

// isStrong reports whether no other version, at any time, has the validators of
// v, which the origin sent on date (RFC 9110 §8.8.2.2).
func (v version) isStrong(date time.Time) bool {
	return isStrongTag(v.etag) || !v.modTime.IsZero() && date.Sub(v.modTime) >= strongAge
}

// strongAge is how much older than its answer a file must be for Last-Modified to
// be a strong validator. RFC 9110 §8.8.2.2 demands a second, for within one a
// file may change twice, and enough more that two clocks make no difference:
// origins often take the time of a file from another machine. RFC 7232 §2.2.2
// had a number for it.
const strongAge = 60 * time.Second

// answer is what the origin says of the file, and the part of it that stands in
// the body: all of it in a 200, none in a 304.
type answer struct {
	status int
	version
	contentType string
	encoding    string
	ranges      bool // the origin serves parts, and they can be put together
	undated     bool // what it says of Last-Modified is no time
	body        *body
}

// newAnswer understands the head of resp, the answer to a request with the
// fields of asked.
func newAnswer(resp *http.Response, asked http.Header, body *body) *answer {
	h := resp.Header
	a := &answer{status: resp.StatusCode, version: version{size: -1}, body: body}
	switch a.status {
	case http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		return a // what else it says is about the error page
	}
	a.etag, a.contentType, a.encoding = h.Get("Etag"), contentType(h), h.Get("Content-Encoding")
	if t, err := http.ParseTime(h.Get("Last-Modified")); err == nil && rfc9110.IsModTime(t) {
		a.modTime = t
	}
	switch a.status {
	case http.StatusOK:
		a.size, body.end = resp.ContentLength, resp.ContentLength
		// Who sends everything when asked for a part serves none, whatever
		// it says; unless If-Range demanded it.
		ignored := asked["Range"] != nil && asked["If-Range"] == nil
		a.ranges = a.size >= 0 && !ignored && strings.EqualFold(h.Get("Accept-Ranges"), "bytes")
	case http.StatusPartialContent:
		body.pos, body.end, a.size, a.ranges = parseContentRange(h.Get("Content-Range"))
	case http.StatusNotModified:
		a.undated = h.Get("Last-Modified") != "" && a.modTime.IsZero()
		if list := asked["If-None-Match"]; a.etag == "" && len(list) == 1 && !strings.ContainsAny(list[0], ",*") {
			a.etag = list[0] // which other could have matched?
		}
	}
	// Parts of several answers go together only if nobody can take two
	// versions for one (RFC 9110 §15.3.7.3).
	date, _ := http.ParseTime(h.Get("Date"))
	a.ranges = a.ranges && a.isStrong(date)
	return a
}

// contentType returns the origin's word for what the content is, empty if that
// says no more than bytes.
func contentType(h http.Header) string {
	if t := h.Get("Content-Type"); !rfc9110.IsUnknownType(t) {
		return t
	}
	return ""
}

// describes reports whether a, the answer to a request with the fields of
// asked, tells enough of the file to come to the same verdict as the origin. A
// 304 or 412 need not have validators, and a 416 does not tell whether the file has.
func (a *answer) describes(asked http.Header) bool {
	tagged := a.etag != ""
	switch a.status {
	case http.StatusOK:
		return true
	case http.StatusPartialContent:
		return asked["Range"] != nil && a.size >= 0
	case http.StatusNotModified:
		if asked["If-None-Match"] != nil {
			return tagged
		}
		return asked["If-Modified-Since"] != nil && !a.undated && (tagged || asked["If-Match"] == nil)
	case http.StatusPreconditionFailed:
		return asked["If-Match"] != nil // without a tag, none matches
	}
	return false
}

// hasContent reports whether the body of a, which is not the answer to HEAD, can
// be used: a part, if others can be put to it.
func (a *answer) hasContent() bool {
	return a.status == http.StatusOK || a.status == http.StatusPartialContent && a.ranges
}

// parseContentRange parses the Content-Range of a 206 (RFC 9110 §14.4), with
// end being that of a slice. Anything but a part of a known whole is refused:
//
//	Content-Range = "bytes" SP first-pos "-" last-pos "/" complete-length
func parseContentRange(s string) (start, end, size int64, ok bool) {
	unit, s, _ := strings.Cut(s, " ")
	part, whole, _ := strings.Cut(s, "/")
	first, last, _ := strings.Cut(part, "-")
	start, end, size = parsePos(first), parsePos(last)+1, parsePos(whole)
	if !strings.EqualFold(unit, "bytes") || start < 0 || start >= end || end > size {
		return 0, -1, -1, false
	}
	return start, end, size, true
}
