package origin

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

// Error is why a file at a URL could not be had. Where the origin has no
// such file (404 or 410), it is also [fs.ErrNotExist].
type Error struct {
	// URL is the file's, without credentials and query, which may be secret.
	URL string
	// StatusCode is what the origin answered; 0: no answer, or none that
	// could be used.
	StatusCode int
	// Err is what happened where StatusCode does not tell.
	Err error
}

// Error implements error. The text is for the log.
func (e *Error) Error() string {
	if e.StatusCode != 0 {
		return strings.TrimSpace(fmt.Sprintf("origin: %s: the origin answered %d %s", e.URL, e.StatusCode, http.StatusText(e.StatusCode)))
	}
	return fmt.Sprintf("origin: %s: %v", e.URL, e.Err)
}

// Unwrap returns [fs.ErrNotExist] if the origin has no such file, else Err.
func (e *Error) Unwrap() error {
	if e.missing() {
		return fs.ErrNotExist
	}
	return e.Err
}

func (e *Error) missing() bool {
	return e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusGone
}

// DownloadStatus is the status code for the client (RFC 9110 §15.6): 404 if the
// origin has no such file, 504 if it took too long, else 502.
func (e *Error) DownloadStatus() int {
	var t interface{ Timeout() bool }
	switch {
	case e.missing():
		return http.StatusNotFound
	case errors.As(e.Err, &t) && t.Timeout():
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}
