package response

import (
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// isWrapped reports whether somebody in front of w may compress the answer to r.
func isWrapped(w http.ResponseWriter, r *http.Request) bool {
	return acceptsCoding(r.Header["Accept-Encoding"]) && !isServerOwn(w)
}

// acceptsCoding reports whether Accept-Encoding has another coding than identity.
// Weights do not count: chi's Compress takes "gzip;q=0" for gzip.
func acceptsCoding(lines []string) bool {
	value, _ := rfc9110.Field(lines)
	for element := range strings.SplitSeq(value, ",") {
		coding, _, _ := strings.Cut(element, ";")
		if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
			return true
		}
	}
	return false
}

// isCompressed reports whether content of a type is compressed already, so that
// middleware leaves it alone: sound, pictures, films, archives, PDF.
func isCompressed(contentType string) bool {
	mediaType, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	kind, _, _ := strings.Cut(mediaType, "/")
	switch {
	case kind == "audio", kind == "video", mediaType == "application/pdf":
		return true
	case kind == "image":
		return !strings.HasSuffix(mediaType, "+xml")
	}
	for _, format := range []string{"zip", "zstd", "vnd.rar", "x-xz", "compressed"} { // gzip, +zip, 7z, bzip2
		if kind == "application" && strings.Contains(mediaType, format) {
			return true
		}
	}
	return false
}

// isInGzhttp reports whether klauspost's gzhttp may be around w. It alone
// compresses pictures and PDF unless it is told otherwise, and has a field for
// that, which it takes away.
func isInGzhttp(w http.ResponseWriter) bool {
	for w := range body.Unwrapped(w) {
		// The writer of http.TimeoutHandler hides the writers around it.
		if pkg := packageOf(w); path.Base(pkg) == "gzhttp" || pkg == "net/http" && !isServerOwn(w) {
			return true
		}
	}
	return false
}

// isEncodedInFront reports whether a writer around the server's own encodes what
// passes through, and has said so ahead in w's header, as gorilla/handlers
// does. It takes Accept-Encoding out of the request; others leave it.
func isEncodedInFront(w http.ResponseWriter, r *http.Request) bool {
	coding := w.Header().Get("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") || isNetHTTP(w) {
		return false
	}
	accepted := r.Header.Get("Accept-Encoding")
	return accepted == "" || strings.Contains(strings.ToLower(accepted), strings.ToLower(coding))
}

// isServerOwn reports whether w is the writer that the server gave its handler,
// for any protocol, and not one around it.
func isServerOwn(w http.ResponseWriter) bool {
	// The writer of http.TimeoutHandler is a wrapper of package net/http. It has
	// fewer methods than the server's own.
	if _, ok := w.(interface{ SetWriteDeadline(time.Time) error }); !ok {
		return false
	}
	return isNetHTTP(w)
}

// isNetHTTP reports whether the type of w is from package net/http or one of
// the packages below it, or a writer of an HTTP/3 server.
func isNetHTTP(w http.ResponseWriter) bool {
	if hook, ok := w.(*statusWriter); ok {
		w = hook.ResponseWriter
	}
	pkg := packageOf(w)
	return pkg == "net/http" || strings.HasPrefix(pkg, "net/http/") || body.IsHTTP3(w)
}

// packageOf returns the path of the package that the type of w is from.
func packageOf(w http.ResponseWriter) string {
	t := reflect.TypeOf(w)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}
