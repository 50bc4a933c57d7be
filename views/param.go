package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
)

// PathParam returns a router's path parameter without escapes, once, whatever
// the router: [http.ServeMux], chi, or one that fills r.SetPathValue. It is ""
// if the router has no parameter of that name. The error is [fs.ErrNotExist]:
// the value is no part of a URL, so nothing can be there.
//
// r.PathValue(name) is not enough: ServeMux gives it without escapes, chi as it
// stands in the URL, if that has escapes which are not needed or an escaped
// slash (its URLParam is no better). To unescape twice would make a slash of
// "%252F", behind the back of a check that was made before.
func PathParam(r *http.Request, name string) (string, error) {
	value := r.PathValue(name)
	if !isEscaped(r, name, value) {
		return value, nil
	}
	unescaped, err := url.PathUnescape(value)
	if err != nil {
		return "", fmt.Errorf("path parameter %q: %w: %w", name, fs.ErrNotExist, err)
	}
	return unescaped, nil
}

// isEscaped reports whether a path parameter stands for a part of the URL's
// RawPath, not of its Path.
//
// No router says so, but r.Pattern tells which it was. Where it does not (other
// routers, older versions of chi, a router within a router), the value is
// looked for in the URL. In doubt it stays as it is: a name too many with a
// percent sign in it is not found, while one that is unescaped twice may be
// anything.
func isEscaped(r *http.Request, name, value string) bool {
	if !strings.Contains(value, "%") || !strings.Contains(r.URL.RawPath, value) {
		return false // it would make no difference, or it is no part of the RawPath
	}
	switch mux, chi := isMuxPattern(r.Pattern, name), isChiPattern(r.Pattern, name); {
	case mux && chi:
		// ServeMux cuts the EscapedPath, which is another if the RawPath has
		// characters that should be escaped.
		segment, err := url.PathUnescape(patternSegment(r.Pattern, name, r.URL.EscapedPath()))
		if err == nil && value == segment {
			return false
		}
		if value == patternSegment(r.Pattern, name, r.URL.RawPath) {
			return true
		}
	case mux, chi:
		return chi
	}
	return !strings.Contains(r.URL.Path, value)
}

// isMuxPattern reports whether pattern may be one of [http.ServeMux] with a
// wildcard of that name: "[METHOD ][HOST]/[PATH]", in which a wildcard is a whole
// segment, "{name}", or at the end "{name...}".
func isMuxPattern(pattern, name string) (has bool) {
	if strings.HasSuffix(pattern, "*") {
		return false
	}
	for segment := range strings.SplitSeq(pattern, "/") {
		wildcard, opens := strings.CutPrefix(segment, "{")
		wildcard, closes := strings.CutSuffix(wildcard, "}")
		if opens != closes || strings.ContainsAny(wildcard, "{}") {
			return false
		}
		has = has || opens && strings.TrimSuffix(wildcard, "...") == name
	}
	return has
}

// isChiPattern reports whether pattern may be one of chi with a parameter of
// that name: "{name}" or "{name:expression}" anywhere, or "*" at the end. It is a
// path, and what chi puts into r.Pattern has no final slash. A "*" behind a
// ":name" is echo's.
func isChiPattern(pattern, name string) bool {
	switch {
	case !strings.HasPrefix(pattern, "/"), strings.HasSuffix(pattern, "/"), strings.HasSuffix(pattern, "...}"):
		return false
	case name == "*":
		return strings.HasSuffix(pattern, "*") && !strings.Contains(pattern, "/:")
	}
	return strings.Contains(pattern, "{"+name+"}") || strings.Contains(pattern, "{"+name+":")
}

// patternSegment returns the segment of path that {name} in pattern stands for,
// or "". It is counted from the end, because prefixes get stripped.
func patternSegment(pattern, name, path string) string {
	wildcards := strings.Split(pattern, "/")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, wildcard := range wildcards {
		if at := len(segments) - len(wildcards) + i; wildcard == "{"+name+"}" && at >= 0 {
			return segments[at]
		}
	}
	return ""
}
