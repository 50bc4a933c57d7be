package response

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// head is what goes ahead of the body. It is kept apart from the
// http.ResponseWriter until the first byte of the body is there: if none ever
// comes, the answer is an error without a trace of the file.
type head struct {
	status int

	// The header fields. Their values become slices of one array, for one
	// allocation instead of one a field.
	n      int
	keys   [12]string
	values [12]string
}

// set records a field; key is in canonical form.
func (hd *head) set(key, value string) {
	hd.keys[hd.n], hd.values[hd.n] = key, value
	hd.n++
}

// setField records a field that has a value, unless the caller has set it in h.
func (hd *head) setField(h http.Header, key, value string) {
	if _, ok := h[key]; !ok && value != "" {
		hd.set(key, value)
	}
}

func (hd *head) setLength(n int64) { hd.set("Content-Length", strconv.FormatInt(n, 10)) }

// apply sets the fields in h. Fields of several lines, which are lists (RFC 9110
// §5.3), become one line: nginx before 1.23 hands on the first alone.
func (hd *head) apply(h http.Header) {
	for key, lines := range h {
		if len(lines) > 1 && key != "Set-Cookie" {
			h[key] = []string{strings.Join(lines, ", ")}
		}
	}
	for i := range hd.n {
		h[hd.keys[i]] = hd.values[i : i+1 : i+1]
	}
}

// send sends the head.
func (hd *head) send(w http.ResponseWriter) {
	hd.apply(w.Header())
	w.WriteHeader(hd.status)
}

// fill records all fields of an answer with the content, or part of it.
func (rep *representation) fill(hd *head, w http.ResponseWriter, r *http.Request, contentType string) {
	h := w.Header()
	delete(h, "Content-Range") // only this answer knows its range
	if hd.status == http.StatusPartialContent {
		// These are made of the whole, and this is a part (RFC 9530 §2, RFC 1864).
		delete(h, "Content-Digest")
		delete(h, "Content-Md5")
		delete(h, "Content-Type")
	}
	rep.fillDescription(hd, h, contentType)
	if rep.encoding == "" && rep.mustNotBeCompressed(hd.status) && isWrapped(w, r) {
		switch {
		case !isCompressed(rep.contentType):
			hd.setField(h, "Content-Encoding", "identity")
		case isInGzhttp(w):
			hd.set("No-Gzip-Compression", "1")
		}
	}
	if rep.acceptRanges {
		hd.setField(h, "Accept-Ranges", "bytes")
	} else {
		hd.setField(h, "Accept-Ranges", "none")
	}
}

// mustNotBeCompressed reports whether middleware would do harm that compresses an
// answer of that status: a part of a file would become a part of nothing, and what
// a client may resume with (a strong entity tag, or a date where there are ranges)
// would stand on bytes that it does not describe, so that the client puts two
// encodings into one file.
//
// Such an answer has a Content-Encoding: it is the only sign that all such
// middleware understands. RFC 9110 §8.4 says that "identity" should not be sent;
// it changes nothing for most clients, and a broken file is worse. It is left out
// where no middleware can be in front, and for content that is compressed already:
// Chromium's viewer of PDF would load no parts.
func (rep *representation) mustNotBeCompressed(status int) bool {
	return status == http.StatusPartialContent || rfc9110.IsStrong(rep.etag) || rep.acceptRanges && !rep.modTime.IsZero()
}

// fillDescription records the fields that describe the file, and say how it is to
// be taken.
func (rep *representation) fillDescription(hd *head, h http.Header, contentType string) {
	hd.setField(h, "Content-Type", contentType)
	hd.setField(h, "X-Content-Type-Options", "nosniff")
	if _, ok := h["Content-Disposition"]; !ok {
		hd.set("Content-Disposition", rep.disposition())
	}
	hd.setField(h, "Content-Encoding", rep.encoding)
	rep.fillValidators(hd, h)
}

// fillValidators records the fields that 200, 206 and 304 have in common.
func (rep *representation) fillValidators(hd *head, h http.Header) {
	hd.setField(h, "Etag", rep.etag)
	if _, ok := h["Last-Modified"]; !ok && !rep.modTime.IsZero() {
		hd.set("Last-Modified", rep.modTime.UTC().Format(http.TimeFormat))
	}
	if rep.varies {
		addVary(hd, h)
	}
}

// addVary says that which bytes are sent depends on the codings that the client
// accepts (RFC 9110 §12.5.5).
func addVary(hd *head, h http.Header) {
	fields := strings.Join(h["Vary"], ", ")
	switch {
	case fields == "":
		hd.set("Vary", "Accept-Encoding")
	case fields != "*" && !strings.Contains(strings.ToLower(fields), "accept-encoding"):
		hd.set("Vary", fields+", Accept-Encoding")
	}
}

// saysNoRanges reports whether the caller has switched ranges off in h.
func saysNoRanges(h http.Header) bool {
	return strings.EqualFold(h.Get("Accept-Ranges"), "none")
}
