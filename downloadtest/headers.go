package downloadtest

import (
	"bytes"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testHeaders: the header of a download has type and name, and leaves nothing to
// guess.
func testHeaders(t *testing.T, s *subject) {
	h := s.whole.header
	d, err := parseDisposition(h)
	if err != nil {
		t.Error(err)
	} else {
		if d.kind != "attachment" && d.kind != "inline" {
			t.Errorf("Content-Disposition is %q, want attachment or inline (RFC 6266 §4.2)", d.kind)
		}
		if err := checkName(d.name); err != nil {
			t.Errorf("the file name %q is not safe: %v", d.name, err)
		}
		if err := checkFallback(d.fallback); err != nil {
			t.Errorf("the filename %q: %v", d.fallback, err)
		}
		if d.fallback == "" {
			t.Error("there is no filename beside filename*, which not all clients know (RFC 6266 §4.3)")
		}
	}
	if _, _, err := mime.ParseMediaType(s.whole.contentType()); err != nil {
		t.Errorf("Content-Type: %q: %v", s.whole.contentType(), err)
	}
	if got := h.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options is %q, want nosniff: browsers would guess the type", got)
	}
	if tag := s.whole.etag(); tag != "" && !isEntityTag(tag) {
		t.Errorf("Etag: %s is not an entity tag (RFC 9110 §8.8.3): the quotes belong to it", tag)
	}
	if date := s.whole.lastModified(); date != "" {
		if _, err := http.ParseTime(date); err != nil {
			t.Errorf("Last-Modified: %v", err)
		}
	}
}

// isEntityTag reports whether s looks like an entity tag.
func isEntityTag(s string) bool {
	opaque := strings.TrimPrefix(s, "W/")
	return len(opaque) >= 2 && opaque[0] == '"' && strings.IndexByte(opaque[1:], '"') == len(opaque)-2
}

// isStrong reports whether the entity tag is a strong validator (RFC 9110 §8.8.1).
func isStrong(tag string) bool { return strings.HasPrefix(tag, `"`) }

// testHead: HEAD has the header of GET (RFC 9110 §9.3.2) without the work.
// That it has no body is net/http's business.
func testHead(t *testing.T, s *subject) {
	got := s.server.ask(t, http.MethodHead)
	if got.status != s.whole.status {
		t.Errorf("HEAD has status %d, GET has %d", got.status, s.whole.status)
	}
	unknown := s.view == nil || testHeadWork(t, s)
	want, head := comparableFields(s.whole.header, s.changing), comparableFields(got.header, s.changing)
	if _, ok := head["Content-Length"]; !ok && unknown {
		delete(want, "Content-Length") // GET may have learned it in the end
	}
	all := maps.Clone(want)
	maps.Copy(all, head)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !slices.Equal(want[key], head[key]) {
			t.Errorf("HEAD and GET differ in %s (-GET +HEAD):\n- %q\n+ %q", key, want[key], head[key])
		}
	}
}

// testHeadWork: HEAD reads nothing, unless it is in memory. It returns whether
// the size of the content is not known ahead.
func testHeadWork(t *testing.T, s *subject) (unknown bool) {
	t.Helper()
	w := &watch{view: s.view}
	server := s.serveWatched(t, w)
	server.ask(t, http.MethodHead)
	server.wait(t)
	for _, file := range w.seen() {
		ofUnknownSize, read, _ := file.done()
		if read && !file.InMemory() {
			t.Error("HEAD reads the content, which nobody sees")
		}
		unknown = unknown || ofUnknownSize
	}
	return unknown
}

// comparableFields returns the fields of h that two answers have in common: of
// content that changes, only which fields there are. What says how long an answer
// may be kept counts down.
func comparableFields(h http.Header, changing bool) http.Header {
	h = h.Clone()
	h.Del("Date")
	for _, key := range []string{"Age", "Cache-Control", "Cdn-Cache-Control", "Surrogate-Control", "Expires"} {
		for i, value := range h[key] {
			h[key][i] = seconds.ReplaceAllString(value, "…")
		}
	}
	if changing {
		for key := range h {
			h[key] = []string{"…"}
		}
	}
	return h
}

// seconds are a number of them, or a date.
var seconds = regexp.MustCompile(`\d+|^\w+, .* GMT$`)

// testPost: a method that the view does not have is refused, and the answer
// says which it has (RFC 9110 §15.5.6). A handler may have it.
func testPost(t *testing.T, s *subject) {
	got := s.server.ask(t, http.MethodPost)
	if s.view == nil && got.status != http.StatusMethodNotAllowed {
		return
	}
	if got.status != http.StatusMethodNotAllowed {
		t.Fatalf("POST has status %d, want 405", got.status)
	}
	allow := strings.Join(got.header.Values("Allow"), ", ")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if !strings.Contains(allow, method) {
			t.Errorf("Allow is %q, without %s", allow, method)
		}
	}
}

// testSameContent: clients that resume or cache a download put together the
// bytes of several answers.
func testSameContent(t *testing.T, s *subject) {
	again := s.server.ask(t, http.MethodGet)
	if again.status != http.StatusOK {
		t.Fatalf("a second GET has status %d, want 200", again.status)
	}
	same := bytes.Equal(again.body, s.whole.body)
	tag := s.whole.etag()
	switch {
	case isStrong(tag) && tag == again.etag() && !same:
		t.Errorf("two contents under the one strong entity tag %s: content %s", tag, diffBytes(s.whole.body, again.body))
	case s.changing:
	case !same:
		t.Errorf("a second GET has another content (if that is meant: downloadtest.Changing): content %s",
			diffBytes(s.whole.body, again.body))
	case tag != again.etag():
		t.Errorf("the entity tag of the same content %s", diff(tag, again.etag()))
	}
}

// statusFault returns a fault in the status or the header of an answer to a GET.
func statusFault(a answer, want int) error {
	if a.status != want {
		return fmt.Errorf("status %d, want %d", a.status, want)
	}
	if name := a.header.Get("Content-Disposition"); a.status >= 400 && name != "" {
		// Browsers start a download, which fails without a word.
		return fmt.Errorf("status %d with a Content-Disposition: %s", a.status, name)
	}
	return nil
}
