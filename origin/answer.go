package origin

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
		(v.modTime.IsZero() || v.modTime.Equal(other.modTime) || rfc9110.IsStrong(v.etag))
}

// isStrong reports whether no other version, at any time, has the validators of
// v, which the origin sent on date (RFC 9110 §8.8.2.2).
func (v version) isStrong(date time.Time) bool {
	return rfc9110.IsStrong(v.etag) || !v.modTime.IsZero() && date.Sub(v.modTime) >= strongAge
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
	ranges      bool  // the origin serves parts, and they can be put together
	undated     bool  // Last-Modified is there, but no time
	body        *body // nil: dropped
}

// newAnswer understands the head of resp, the answer to q.
func newAnswer(resp *http.Response, q request, body *body) *answer {
	h := resp.Header
	a := &answer{status: resp.StatusCode, version: version{size: -1}, body: body}
	part, size, ok := rfc9110.ParseContentRange(h.Get("Content-Range"))
	switch a.status {
	case http.StatusRequestedRangeNotSatisfiable:
		if ok && part.Length == 0 {
			a.size, a.ranges = size, true
		}
		return a // what else it says is about the error page
	case http.StatusPreconditionFailed:
		return a
	}
	a.describe(h)
	// Parts of several answers go together only if two versions cannot be
	// taken for one (RFC 9110 §15.3.7.3).
	date, _ := rfc9110.ParseDate(h.Get("Date"))
	strong := a.isStrong(date)
	switch a.status {
	case http.StatusOK:
		a.size, body.end = resp.ContentLength, resp.ContentLength
		// A server that sends the whole file when asked for a part has no
		// parts, whatever it says; unless If-Range demanded that.
		ignored := q.header["Range"] != nil && q.header["If-Range"] == nil
		a.ranges = strong && a.size >= 0 && !ignored && strings.EqualFold(h.Get("Accept-Ranges"), "bytes")
	case http.StatusNonAuthoritativeInfo:
		// The content was changed on its way, and the tag may be older.
		a.status, a.etag = http.StatusOK, ""
		a.size, body.end = resp.ContentLength, resp.ContentLength
	case http.StatusPartialContent:
		if ok && part.Length > 0 && (resp.ContentLength < 0 || resp.ContentLength == part.Length) {
			body.pos, body.end, a.size, a.ranges = part.Start, part.End(), size, strong
		}
	case http.StatusNotModified:
		a.undated = h.Get("Last-Modified") != "" && a.modTime.IsZero()
		if list := q.header["If-None-Match"]; a.etag == "" && len(list) == 1 && rfc9110.IsEntityTag(list[0]) {
			a.etag = list[0] // which other could have matched?
		}
	}
	return a
}

// describe notes what the fields of h say of the file.
func (a *answer) describe(h http.Header) {
	if tag := h.Get("Etag"); rfc9110.IsEntityTag(tag) {
		a.etag = tag
	}
	if t, ok := rfc9110.ParseDate(h.Get("Last-Modified")); ok && rfc9110.IsModTime(t) {
		a.modTime = t
	}
	a.encoding = h.Get("Content-Encoding")
	if t := h.Get("Content-Type"); !rfc9110.IsUnknownType(t) {
		a.contentType = t
	}
}

// tellsEnough reports whether a, the answer to q, tells enough of the file for the
// response to reach the origin's verdict, and has content that can be used if any.
func (a *answer) tellsEnough(q request) bool {
	tagged := a.etag != ""
	switch a.status {
	case http.StatusOK:
		return a.size != 0 || q.method != http.MethodHead // some say 0 to HEAD, whatever the file is
	case http.StatusPartialContent:
		return a.hasContent(q.asked.In(a.size).Start) && (a.ranges || a.body.end-a.body.pos == a.size)
	case http.StatusNotModified: // need not have validators
		if q.header["If-None-Match"] != nil {
			return tagged
		}
		return q.header["If-Modified-Since"] != nil && !a.undated && (tagged || q.header["If-Match"] == nil)
	case http.StatusPreconditionFailed:
		return q.header["If-Match"] != nil // without a tag, none matches
	case http.StatusRequestedRangeNotSatisfiable:
		// It does not tell which version it is of.
		return a.size >= 0 && q.asked.In(a.size).Length == 0 && q.header["Range"] != nil && len(q.ranges) <= 1 && q.header["If-Match"] == nil && q.header["If-Range"] == nil
	}
	return false
}

// hasContent reports whether the body has the content at pos, soon at least: it is
// the whole file, or a part that may be larger than was asked for.
func (a *answer) hasContent(pos int64) bool {
	return (a.status == http.StatusOK || a.status == http.StatusPartialContent && a.size >= 0) &&
		a.body != nil && a.body.reaches(pos)
}

// dropBody closes the body.
func (a *answer) dropBody() {
	if a.body != nil {
		a.body.Close()
		a.body = nil
	}
}
