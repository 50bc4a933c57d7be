package response

import (
	"net/http"
	"reflect"
	"strings"
	"time"
)

// isWrapped reports whether somebody in front of w may compress the answer to r.
func isWrapped(w http.ResponseWriter, r *http.Request) bool {
	return r.Header.Get("Accept-Encoding") != "" && !isServerOwn(w)
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
