package signing

import "net/http"

// refusal is an error of Verify. There are no others than these, so nothing that
// a client sent becomes part of the text.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return "signing: " + e.text }

// DownloadStatus returns the status code for the error.
func (e *refusal) DownloadStatus() int { return e.status }

// ErrExpired is the error of Verify for a link that was good once: 410 Gone.
var ErrExpired error = expired

var (
	expired      = &refusal{http.StatusGone, "the link has expired"}
	errMethod    = &refusal{http.StatusForbidden, "a link is for GET and HEAD"}
	errContent   = &refusal{http.StatusForbidden, "a link is for requests without content"}
	errUnsigned  = &refusal{http.StatusForbidden, "the URL is not signed"}
	errMalformed = &refusal{http.StatusForbidden, "the URL is not one that Sign makes"}
	errMismatch  = &refusal{http.StatusForbidden, "the signature does not fit the URL"}
)
