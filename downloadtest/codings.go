package downloadtest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// testCodings: content that is sent in a content coding to clients that accept it
// stays the same content, and neither caches nor clients mix up the forms.
func testCodings(t *testing.T, s *subject) {
	if s.changing || s.whole.coding() != "" { // there is no form to compare with, or only this one
		return
	}
	for _, coding := range []string{"br", "zstd", "gzip"} {
		if got := s.server.ask(t, http.MethodGet, "Accept-Encoding", coding); got.coding() != "" {
			t.Run(coding, func(t *testing.T) { testCoding(t, s, coding, got) })
		}
	}
}

// coding returns the content coding of an answer, "" if it is in none.
func (a answer) coding() string {
	if coding := a.header.Get("Content-Encoding"); !strings.EqualFold(coding, "identity") {
		return coding
	}
	return ""
}

func testCoding(t *testing.T, s *subject, coding string, got answer) {
	if got.status != http.StatusOK || got.coding() != coding {
		t.Fatalf("Accept-Encoding: %s: status %d in the coding %q, want 200", coding, got.status, got.coding())
	}
	if coding == "gzip" {
		if content, err := unzip(got.body); err != nil || !bytes.Equal(content, s.whole.body) {
			t.Errorf("unpacked (%v), the content %s", err, diffBytes(s.whole.body, content))
		}
	}
	for _, key := range []string{"Content-Type", "Content-Disposition"} {
		if got, want := got.header.Get(key), s.whole.header.Get(key); got != want {
			t.Errorf("%s %s", key, diff(want, got))
		}
	}
	wantVary(t, "the answer in a coding", got)
	refused := s.server.ask(t, http.MethodGet, "Accept-Encoding", coding+";q=0")
	if isStrong(got.etag()) { // else middleware may have coded it, whose business the other answers are
		wantVary(t, "the answer in no coding", s.whole)
		if refused.coding() == coding {
			t.Errorf("%s is sent to a client that refuses it (RFC 9110 §12.5.3)", coding)
		}
		testForms(t, s, coding, got)
	}
}

// testForms: each form has an entity tag that no other form has, and parts of its
// bytes.
func testForms(t *testing.T, s *subject, coding string, got answer) {
	ask := func(fields ...string) answer {
		return s.server.ask(t, http.MethodGet, append(fields, "Accept-Encoding", coding)...)
	}
	if got.etag() == s.whole.etag() {
		t.Fatalf("the two forms have the same strong entity tag %s (RFC 9110 §8.8.3.3)", got.etag())
	}
	same := ask("If-None-Match", got.etag())
	if same.status != http.StatusNotModified {
		t.Errorf("the client has this form: status %d, want 304", same.status)
	}
	wantVary(t, "the 304", same)
	if tag := s.whole.etag(); tag != "" {
		if other := ask("If-None-Match", tag); other.status != http.StatusOK {
			t.Errorf("the client has the other form: status %d, want 200", other.status)
		}
	}
	if !got.takesRanges() {
		return
	}
	for _, validator := range []string{got.etag(), s.whole.etag(), s.whole.lastModified()} {
		part := ask("Range", "bytes=0-0", "If-Range", validator)
		want := got.body
		if validator == got.etag() {
			want = want[:1]
		} else if part.status == http.StatusPartialContent {
			t.Errorf("If-Range: %s, which the other form has, gets a part of this one", validator)
			continue
		}
		if !bytes.Equal(part.body, want) || part.coding() != coding {
			t.Errorf("If-Range: %s: status %d in the coding %q, content %s", validator, part.status, part.coding(), diffBytes(want, part.body))
		}
	}
}

// wantVary fails the test if a cache may give an answer to clients with any
// Accept-Encoding (RFC 9110 §12.5.5).
func wantVary(t *testing.T, which string, a answer) {
	t.Helper()
	vary := strings.ToLower(strings.Join(a.header.Values("Vary"), ","))
	if !strings.Contains(vary, "accept-encoding") && vary != "*" {
		t.Errorf("%s has the Vary %q, without Accept-Encoding", which, vary)
	}
}

// unzip returns what b is the gzip of.
func unzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxContent+1))
}
