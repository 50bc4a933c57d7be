package downloadtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

// part is one range of content, as an answer has it.
type part struct {
	first, last, size int64 // of Content-Range (RFC 9110 §14.4); the last byte is part of it
	contentType       string
	content           []byte
}

func (p part) String() string { return fmt.Sprintf("%d-%d", p.first, p.last) }

// parts returns the parts of a 206: one, or several in a multipart/byteranges.
func parts(h http.Header, body []byte) ([]part, error) {
	mediaType, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if mediaType != "multipart/byteranges" {
		p, err := newPart(textproto.MIMEHeader(h), body)
		return []part{p}, err
	}
	if h.Get("Content-Range") != "" {
		return nil, errors.New("a multipart/byteranges with a Content-Range of its own (RFC 9110 §15.3.7.2)")
	}
	var all []part
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		raw, err := r.NextRawPart()
		if err == io.EOF && len(all) > 0 {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("multipart/byteranges: %w", err)
		}
		content, err := io.ReadAll(raw)
		if err != nil {
			return nil, fmt.Errorf("multipart/byteranges: %w", err)
		}
		p, err := newPart(raw.Header, content)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

func newPart(h textproto.MIMEHeader, content []byte) (part, error) {
	p := part{contentType: h.Get("Content-Type"), content: content}
	value := h.Get("Content-Range")
	_, err := fmt.Sscanf(value, "bytes %d-%d/%d", &p.first, &p.last, &p.size)
	if err != nil || value != fmt.Sprintf("bytes %d-%d/%d", p.first, p.last, p.size) {
		return p, fmt.Errorf("Content-Range: %q is not as in RFC 9110 §14.4", value)
	}
	return p, nil
}

// fault returns in what p is not a part of whole.
func (p part) fault(whole []byte) error {
	switch {
	case p.size != int64(len(whole)):
		return fmt.Errorf("range %v of %d bytes, want of %d", p, p.size, len(whole))
	case p.first < 0 || p.last < p.first || p.last >= p.size:
		return fmt.Errorf("range %v is not within %d bytes", p, p.size)
	case !bytes.Equal(p.content, whole[p.first:p.last+1]):
		return fmt.Errorf("range %v: content %s", p, diffBytes(whole[p.first:p.last+1], p.content))
	}
	return nil
}

// AssertPartial reports, by t.Errorf, in what resp is not a 206 Partial Content
// that agrees with the whole content. If there are ranges, each like "0-499"
// (first and last byte), resp must have these, in this order.
// AssertPartial closes the body, but leaves a copy in its place.
func AssertPartial(t testing.TB, resp *http.Response, whole []byte, ranges ...string) {
	t.Helper()
	body := readBody(t, resp)
	if resp.StatusCode != http.StatusPartialContent {
		t.Errorf("status %d, want 206; the body is %s", resp.StatusCode, quote(body))
		return
	}
	got, err := parts(resp.Header, body)
	if err != nil {
		t.Error(err)
		return
	}
	var names []string
	for _, p := range got {
		names = append(names, p.String())
		if err := p.fault(whole); err != nil {
			t.Error(err)
		}
	}
	want, have := strings.Join(ranges, ", "), strings.Join(names, ", ")
	if len(ranges) > 0 && want != have {
		t.Errorf("ranges %s", diff(want, have))
	}
}

// rangeCase is a Range and its right answer: parts (206), none (416), or all of the
// content because the field is ignored.
type rangeCase struct {
	name   string
	value  string
	ranges string // "0-0, 5-7"; "": none of them can be satisfied
	ignore bool
}

// rangeCases returns those for content of n bytes, which are not none.
func rangeCases(n int) []rangeCase {
	last := n - 1
	spec := func(first, last int) string { return fmt.Sprintf("%d-%d", first, last) }
	all, end := spec(0, last), spec(last, last)
	cases := []rangeCase{
		{name: "first_byte", value: "0-0", ranges: "0-0"},
		{name: "last_byte", value: end, ranges: end},
		{name: "middle", value: spec(n/3, 2*n/3), ranges: spec(n/3, min(2*n/3, last))},
		{name: "open_ended", value: fmt.Sprintf("%d-", n/2), ranges: spec(n/2, last)},
		{name: "suffix", value: "-1", ranges: end},
		{name: "suffix_too_long", value: fmt.Sprintf("-%d", n+10), ranges: all},
		{name: "beyond_the_end", value: fmt.Sprintf("0-%d", n+10), ranges: all},
		{name: "beyond_int64", value: "0-99999999999999999999", ranges: all},
		{name: "unsatisfiable", value: fmt.Sprintf("%d-", n)},
		{name: "suffix_of_nothing", value: "-0"},
		{name: "malformed", value: "first-last", ignore: true},
		{name: "malformed_member", value: "0-0,x", ignore: true},
		{name: "backward", value: "1-0", ignore: true},
	}
	if n >= 3 { // two ranges that are apart
		cases = append(cases,
			rangeCase{name: "several", value: "0-0," + end, ranges: "0-0, " + end},
			rangeCase{name: "several_backward", value: end + ",0-0", ranges: end + ", 0-0"},
			rangeCase{name: "several_overlapping", value: "0-1,1-1,0-0", ranges: "0-1"},
			rangeCase{name: "one_satisfiable", value: fmt.Sprintf("0-0,%d-", n), ranges: "0-0"})
	}
	return cases
}

// testRanges: Accept-Ranges is true, and all ranges agree with the whole
// (RFC 9110 §14).
func testRanges(t *testing.T, s *subject) {
	accepts := s.whole.header.Get("Accept-Ranges")
	if s.ranges != nil && *s.ranges != s.whole.takesRanges() {
		t.Fatalf("Accept-Ranges is %q, want ranges: %t", accepts, *s.ranges)
	}
	switch {
	case accepts != "bytes" && accepts != "none":
		t.Fatalf("Accept-Ranges is %q, want bytes or none", accepts)
	case s.whole.takesRanges() && len(s.whole.body) == 0:
		t.Fatal("Accept-Ranges is bytes, of content that has none")
	case accepts == "none":
		testNoRange(t, s, http.MethodGet, "bytes=0-0")
		return
	}
	t.Run("HEAD", func(t *testing.T) { testNoRange(t, s, http.MethodHead, "bytes=0-0") })
	t.Run("other_unit", func(t *testing.T) { testNoRange(t, s, http.MethodGet, "lines=0-0") })
	for _, c := range rangeCases(len(s.whole.body)) {
		if s.changing && c.name != "first_byte" {
			continue // the others depend on the length
		}
		t.Run(c.name, func(t *testing.T) {
			if c.ignore {
				testNoRange(t, s, http.MethodGet, "bytes="+c.value)
			} else {
				testRange(t, s, c)
			}
		})
	}
}

// testNoRange: a Range is ignored.
func testNoRange(t *testing.T, s *subject, method, value string) {
	t.Helper()
	got := s.server.ask(t, method, "Range", value)
	if err := statusFault(got, http.StatusOK); err != nil {
		t.Fatalf("%s with Range: %s: %v: the field is to be ignored", method, value, err)
	}
	testWhole(t, s, method, value, got)
}

// testWhole: got is the whole content.
func testWhole(t *testing.T, s *subject, method, value string, got answer) {
	t.Helper()
	if method == http.MethodGet && !s.changing && !bytes.Equal(got.body, s.whole.body) {
		t.Errorf("Range: %s: a 200 without the whole content %s", value, diffBytes(s.whole.body, got.body))
	}
}

// testRange: a Range is answered as it should be.
func testRange(t *testing.T, s *subject, c rangeCase) {
	value := "bytes=" + c.value
	got := s.server.ask(t, http.MethodGet, "Range", value)
	if c.ranges == "" {
		if err := statusFault(got, http.StatusRequestedRangeNotSatisfiable); err != nil {
			t.Fatalf("Range: %s: %v", value, err)
		}
		if length := fmt.Sprintf("bytes */%d", len(s.whole.body)); got.header.Get("Content-Range") != length {
			t.Errorf("Range: %s: Content-Range (RFC 9110 §15.5.17) %s", value, diff(length, got.header.Get("Content-Range")))
		}
		return
	}
	if got.status == http.StatusOK && strings.Contains(c.value, ",") {
		// Generated content may be unable to go back.
		testWhole(t, s, http.MethodGet, value, got)
		return
	}
	if err := statusFault(got, http.StatusPartialContent); err != nil {
		t.Fatalf("Range: %s: %v", value, err)
	}
	all, err := parts(got.header, got.body)
	if err != nil {
		t.Fatalf("Range: %s: %v", value, err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.String())
		if p.contentType != s.whole.contentType() {
			t.Errorf("Range: %s: Content-Type %s", value, diff(s.whole.contentType(), p.contentType))
		}
		if err := p.fault(s.whole.body); err != nil && !s.changing {
			t.Errorf("Range: %s: %v", value, err)
		}
	}
	if have := strings.Join(names, ", "); have != c.ranges {
		t.Errorf("Range: %s: ranges %s", value, diff(c.ranges, have))
	}
	if !s.changing && got.etag() != s.whole.etag() {
		t.Errorf("Range: %s: the entity tag %s", value, diff(s.whole.etag(), got.etag()))
	}
}
