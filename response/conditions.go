package response

import (
	"net/http"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// answerConditions answers with 304 or 412 if the conditions in h, all of r's or
// some, decide so. It returns the status that it sent, or 0.
func answerConditions(w http.ResponseWriter, r *http.Request, h http.Header, rep *representation) int {
	var p rfc9110.Preconditions
	p.IfMatch, _ = rfc9110.Field(h["If-Match"])
	p.IfUnmodifiedSince, _ = rfc9110.Field(h["If-Unmodified-Since"])
	p.IfNoneMatch, _ = rfc9110.Field(h["If-None-Match"])
	p.IfModifiedSince, _ = rfc9110.Field(h["If-Modified-Since"])
	switch p.Evaluate(rep.etag, rep.modTime, rep.wasModifiedSince) {
	case rfc9110.NotModified:
		notModified(w, r, rep)
		return http.StatusNotModified
	case rfc9110.Failed:
		refuse(w, r, http.StatusPreconditionFailed)
		return http.StatusPreconditionFailed
	}
	return 0
}

// notModified sends a 304, with the fields of RFC 9110 §15.4.5 and none that
// describe content: a 304 has no content.
func notModified(w http.ResponseWriter, r *http.Request, rep *representation) {
	h := w.Header()
	for _, key := range []string{
		"Accept-Ranges", "Content-Digest", "Content-Disposition", "Content-Language", "Content-Length",
		"Content-Md5", "Content-Range", "Content-Type", "Digest", "Repr-Digest",
	} {
		h.Del(key)
	}
	if !isEncodedInFront(w, r) {
		h.Del("Content-Encoding")
	}
	hd := head{status: http.StatusNotModified}
	rep.fillValidators(&hd, h)
	hd.send(w)
}
