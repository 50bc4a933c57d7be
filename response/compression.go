package response

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// identity returns the Content-Encoding of an answer that is not encoded, "" for
// none.
//
// Middleware that compresses what passes through leaves alone what has one.
// That is the only sign that all of it understands, so it is given where
// compression would do harm: a part of a file would become a part of nothing,
// and what a client may resume with (a strong entity tag, or a date where there
// are ranges) would stand on bytes that it does not describe, so that the client
// puts two encodings into one file.
// RFC 9110 §8.4 says that "identity" should not be sent; it changes nothing for
// clients, and a broken file is worse. It is left out where no middleware can
// be in front.
func (d *DownloadResponse) identity(w http.ResponseWriter, r *http.Request, status int) string {
	resumable := isStrong(d.etag) || d.acceptRanges && files.IsModTime(d.modTime)
	if status != http.StatusPartialContent && !resumable {
		return ""
	}
	if r.Header.Get("Accept-Encoding") == "" || isServerOwn(w) {
		return ""
	}
	return "identity"
}

// isEncodedInFront reports whether a writer around the server's own encodes what
// passes through, and has said so ahead in w's header, as that of gorilla/handlers
// does. It takes Accept-Encoding out of the request; others leave it.
func isEncodedInFront(w http.ResponseWriter, r *http.Request) bool {
	coding := w.Header().Get("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") || isNetHTTP(w) {
		return false
	}
	accepted := r.Header.Get("Accept-Encoding")
	return accepted == "" || strings.Contains(strings.ToLower(accepted), strings.ToLower(coding))
}

// isServerOwn reports whether w is the writer that the server of package
// net/http gave its handler, for either protocol, and not one around it.
func isServerOwn(w http.ResponseWriter) bool {
	// That of http.TimeoutHandler is a wrapper, though it is from there. It
	// cannot do what the server's own can.
	if _, ok := w.(interface{ SetWriteDeadline(time.Time) error }); !ok {
		return false
	}
	return isNetHTTP(w)
}

// isNetHTTP reports whether the type of w is from package net/http or one of
// those below it.
func isNetHTTP(w http.ResponseWriter) bool {
	t := reflect.TypeOf(w)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == "net/http" || strings.HasPrefix(t.PkgPath(), "net/http/")
}
