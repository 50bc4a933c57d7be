package downloadtest

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"
)

// condition is a request with conditions, and the status that is due.
type condition struct {
	name   string
	reason string
	fields []string
	want   int
}

// other is an entity tag that no content has.
const other = `"downloadtest-other"`

var (
	longAgo = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
	future  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
)

// anyContent are conditions of which every content makes the same.
var anyContent = []condition{
	{"If-None-Match_any", "there is a representation, RFC 9110 §13.1.2", []string{"If-None-Match", "*"}, 304},
	{"If-None-Match_other", "the client has another content", []string{"If-None-Match", other}, 200},
	{"If-Match_any", "there is a representation, RFC 9110 §13.1.1", []string{"If-Match", "*"}, 200},
	{"If-Match_other", "the client wants another content", []string{"If-Match", other}, 412},
	{"If-Modified-Since_nonsense", "what is not a date is ignored, RFC 9110 §13.1.3", []string{"If-Modified-Since", "yesterday"}, 200},
	{"If-None-Match_before_date", "If-Modified-Since is ignored beside it, RFC 9110 §13.1.3", []string{"If-None-Match", other, "If-Modified-Since", future}, 200},
	{"If-Match_before_If-None-Match", "the order of RFC 9110 §13.2.2", []string{"If-Match", other, "If-None-Match", "*"}, 412},
}

// ofTag are conditions on the entity tag that the content has.
func ofTag(tag string) []condition {
	conditions := []condition{
		{"If-None-Match_own", "the client has this content", []string{"If-None-Match", tag}, 304},
		{"If-None-Match_list", "one of a list is enough, RFC 9110 §13.1.2", []string{"If-None-Match", other + ", " + tag}, 304},
	}
	if !isStrong(tag) {
		return append(conditions,
			condition{"If-Match_weak", "the strong comparison of RFC 9110 §13.1.1", []string{"If-Match", tag}, 412})
	}
	return append(conditions,
		condition{"If-None-Match_weak", "the weak comparison of RFC 9110 §13.1.2", []string{"If-None-Match", "W/" + tag}, 304},
		condition{"If-Match_own", "the client wants this content", []string{"If-Match", tag}, 200},
		condition{"If-Match_weak", "the strong comparison of RFC 9110 §13.1.1", []string{"If-Match", "W/" + tag}, 412},
	)
}

// ofDate are conditions on the modification date that the content has.
func ofDate(date time.Time) []condition {
	before := date.Add(-time.Hour).UTC().Format(http.TimeFormat)
	return []condition{
		{"If-Unmodified-Since_own", "RFC 9110 §13.1.4", []string{"If-Unmodified-Since", date.UTC().Format(http.TimeFormat)}, 200},
		{"If-Unmodified-Since_before", "RFC 9110 §13.1.4", []string{"If-Unmodified-Since", before}, 412},
	}
}

// ofRange are conditions on a range of content that has some, and that tag.
func ofRange(tag string) []condition {
	ifRange := func(validator string) []string { return []string{"Range", "bytes=0-0", "If-Range", validator} }
	conditions := []condition{
		{"If-Range_other", "the part of another content is of no use", ifRange(other), 200},
		{"If-Range_date", "a date that is not the content's is another content, RFC 9110 §13.1.5", ifRange(longAgo), 200},
	}
	if !isStrong(tag) {
		return conditions
	}
	return append(conditions,
		condition{"If-Range_own", "the client has the rest of this content", ifRange(tag), 206},
		condition{"If-Range_weak", "the strong comparison of RFC 9110 §13.1.5", ifRange("W/" + tag), 200})
}

// conditions returns the conditions that fit the content of s.
func (s *subject) conditions() []condition {
	conditions := slices.Clone(anyContent)
	tag := s.whole.etag()
	if s.changing {
		tag = "" // it is already another
	}
	if tag != "" {
		conditions = append(conditions, ofTag(tag)...)
	}
	if date, err := http.ParseTime(s.whole.lastModified()); err == nil && !s.changing {
		conditions = append(conditions, ofDate(date)...)
	}
	if s.whole.takesRanges() {
		conditions = append(conditions, ofRange(tag)...)
	}
	return conditions
}

// testConditions: the answers that save a transfer, or prevent a wrong one.
func testConditions(t *testing.T, s *subject) {
	for _, c := range s.conditions() {
		t.Run(c.name, func(t *testing.T) {
			got := s.server.ask(t, http.MethodGet, c.fields...)
			if err := statusFault(got, c.want); err != nil {
				t.Fatalf("%q: %v (%s)", c.fields, err, c.reason)
			}
			testConditional(t, s, got)
		})
	}
	t.Run("If-Modified-Since", func(t *testing.T) {
		for _, date := range s.dates() {
			if s.view == nil {
				testSince(t, s, date)
			} else {
				testModifiedSince(t, s, date)
			}
		}
	})
}

// testConditional tests an answer whose status is right.
func testConditional(t *testing.T, s *subject, got answer) {
	t.Helper()
	switch got.status {
	case http.StatusOK:
		if !s.changing && !bytes.Equal(got.body, s.whole.body) {
			t.Errorf("content %s", diffBytes(s.whole.body, got.body))
		}
	case http.StatusNotModified:
		for _, err := range notModifiedFaults(got.header) {
			t.Error(err)
		}
		if !s.changing && got.etag() != s.whole.etag() {
			t.Errorf("the entity tag of the 304 (RFC 9110 §15.4.5) %s", diff(s.whole.etag(), got.etag()))
		}
	}
}

// dates are what If-Modified-Since is tested with.
func (s *subject) dates() []string {
	dates := []string{longAgo, future}
	if date := s.whole.lastModified(); date != "" {
		dates = append(dates, date)
	}
	return dates
}

// testModifiedSince: the view's WasModifiedSince decides, and nothing else.
func testModifiedSince(t *testing.T, s *subject, date string) {
	t.Helper()
	w := &watch{view: s.view}
	s.serveWatched(t, w).ask(t, http.MethodGet, "If-Modified-Since", date)
	modified, asked := w.verdict()
	if !asked {
		t.Errorf("If-Modified-Since: %s: the view's WasModifiedSince is not asked", date)
		return
	}
	want := http.StatusOK
	if !modified {
		want = http.StatusNotModified
	}
	got := s.server.ask(t, http.MethodGet, "If-Modified-Since", date)
	if got.status != want {
		t.Errorf("If-Modified-Since: %s: status %d, but WasModifiedSince says %t, which is %d", date, got.status, modified, want)
	}
}

// testSince: only the handler knows whether its content was modified. Both
// answers are right.
func testSince(t *testing.T, s *subject, date string) {
	t.Helper()
	got := s.server.ask(t, http.MethodGet, "If-Modified-Since", date)
	if got.status != http.StatusOK && got.status != http.StatusNotModified {
		t.Errorf("If-Modified-Since: %s: status %d, want 200 or 304", date, got.status)
		return
	}
	testConditional(t, s, got)
}
