package signing

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// target returns the path, escaped as it came, and the query of what r asks for.
// It reports false if they do not mean the same to everybody.
func target(r *http.Request) (path, query string, ok bool) {
	u := r.URL
	if r.RequestURI != "" {
		var err error
		if u, err = url.ParseRequestURI(r.RequestURI); err != nil {
			return "", "", false
		}
	}
	path = u.EscapedPath()
	// Of a path with a character in it that no URL has, a bare quotation mark
	// for example, EscapedPath escapes the unescaped path anew, and "%2F" becomes
	// "/". Some routers go by it, and others by RawPath.
	if u.RawPath != "" && strings.Count(u.RawPath, "/") != strings.Count(path, "/") {
		return "", "", false
	}
	return path, u.RawQuery, true
}

// canonicalPath returns the one spelling of an escaped path (RFC 3986 §6.2.2):
// in each segment all is escaped but unreserved characters, §2.3. A slash in a
// segment stays "%2F", so no two different paths have the same spelling.
//
// What clients would change on the way has none: "//" at the beginning, which is
// taken for a host, and the segments "." and "..", which are resolved, however
// they are escaped.
func canonicalPath(escaped string) (string, error) {
	if !strings.HasPrefix(escaped, "/") || strings.HasPrefix(escaped, "//") {
		return "", fmt.Errorf("the path %q does not begin with one slash", escaped)
	}
	b := make([]byte, 0, len(escaped)+16)
	for segment := range strings.SplitSeq(escaped[1:], "/") {
		name, err := url.PathUnescape(segment)
		if err != nil {
			return "", errors.New("the path has a malformed escape")
		}
		if name == "." || name == ".." {
			return "", fmt.Errorf("the path %q has a segment %q", escaped, name)
		}
		b = rfc9110.AppendEscaped(append(b, '/'), name, rfc9110.IsUnreserved)
	}
	return string(b), nil
}
