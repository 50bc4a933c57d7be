package downloadtest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"testing"
)

// Want is the download that a test expects. Fields with their zero value are not
// compared, except Inline.
type Want struct {
	// Name is the file name that clients see: filename* if the response has
	// one, else filename (RFC 6266 §4.3).
	Name string

	// Fallback is the parameter filename. Clients that do not know
	// filename*, such as curl, see this name.
	Fallback string

	// ContentType is the media type. Parameters are compared if there are
	// any in it: "text/csv" is content with "text/csv; charset=utf-8", and
	// "text/csv; charset=utf-8" with nothing else.
	ContentType string

	// Content is all of the content; to want none, set an empty slice.
	Content []byte

	// Inline: browsers show the content in the page. false: they save it, as
	// an attachment.
	Inline bool
}

// Assert reports, by t.Errorf, in what resp is not the download that is wanted.
// Whatever want says, resp must be a 200 with one well-formed
// Content-Disposition and a body that is complete.
//
// Assert closes the body, but leaves a copy in its place. In
// django-downloadview: assert_download_response.
func Assert(t testing.TB, resp *http.Response, want Want) {
	t.Helper()
	body := readBody(t, resp)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d, want 200; the body is %s", resp.StatusCode, quote(body))
		return
	}
	assertDisposition(t, resp.Header, want)
	if got := resp.Header.Get("Content-Type"); want.ContentType != "" && !isType(got, want.ContentType) {
		t.Errorf("Content-Type %s", diff(want.ContentType, got))
	}
	if want.Content != nil && !bytes.Equal(body, want.Content) {
		t.Errorf("content %s", diffBytes(want.Content, body))
	}
}

func assertDisposition(t testing.TB, h http.Header, want Want) {
	t.Helper()
	got, err := parseDisposition(h)
	if err != nil {
		t.Error(err)
		return
	}
	kind := "attachment"
	if want.Inline {
		kind = "inline"
	}
	if got.kind != kind {
		t.Errorf("disposition %s", diff(kind, got.kind))
	}
	if want.Name != "" && got.name != want.Name {
		t.Errorf("name %s", diff(want.Name, got.name))
	}
	if want.Fallback != "" && got.fallback != want.Fallback {
		t.Errorf("name for clients that know no filename* %s", diff(want.Fallback, got.fallback))
	}
}

// AssertNotModified reports, by t.Errorf, in what resp is not a good 304 Not
// Modified: one without a body, and without fields that describe one
// (RFC 9110 §15.4.5). It closes the body, but leaves a copy in its place.
func AssertNotModified(t testing.TB, resp *http.Response) {
	t.Helper()
	body := readBody(t, resp)
	if resp.StatusCode != http.StatusNotModified {
		t.Errorf("status %d, want 304", resp.StatusCode)
		return
	}
	if len(body) > 0 {
		t.Errorf("a 304 with a body: %s", quote(body))
	}
	for _, err := range notModifiedFaults(resp.Header) {
		t.Error(err)
	}
}

// AssertBroken reports, by t.Errorf, if resp is not a download that breaks off,
// visibly: status 200 or 206, and a body that ends in an error. Whatever fails
// once content has left must look like that, since a client would take anything
// else for the whole content.
//
// The response must come from a real server: an httptest.ResponseRecorder has no
// connection to break. AssertBroken closes the body, but leaves a copy of what
// came in its place.
func AssertBroken(t testing.TB, resp *http.Response) {
	t.Helper()
	body, err := copyBody(resp)
	switch {
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent:
		t.Errorf("status %d, want a download that breaks off (200 or 206); the body is %s", resp.StatusCode, quote(body))
	case err == nil:
		t.Errorf("status %d and %d bytes, which look complete: %s", resp.StatusCode, len(body), quote(body))
	}
}

// notModifiedFaults returns the faults in the header of a 304.
func notModifiedFaults(h http.Header) (faults []error) {
	for _, key := range []string{"Content-Disposition", "Content-Encoding", "Content-Range", "Content-Type"} {
		if value, ok := h[key]; ok {
			faults = append(faults, fmt.Errorf("a 304 describes content that it does not have: %s: %q", key, value))
		}
	}
	return faults
}

// readBody is [copyBody] of a body that must be complete.
func readBody(t testing.TB, resp *http.Response) []byte {
	t.Helper()
	body, err := copyBody(resp)
	if err != nil {
		t.Errorf("the download broke off after %d bytes: %v", len(body), err)
	}
	return body
}

// copyBody reads the body of resp, and puts a copy in its place.
func copyBody(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// isType reports whether got is the media type want.
func isType(got, want string) bool {
	gotType, gotParams, err := mime.ParseMediaType(got)
	if err != nil {
		return got == want
	}
	wantType, wantParams, err := mime.ParseMediaType(want)
	return err == nil && gotType == wantType && (len(wantParams) == 0 || maps.Equal(gotParams, wantParams))
}

// diff shows two values that differ.
func diff(want, got string) string {
	return fmt.Sprintf("(-want +got):\n- %q\n+ %q", want, got)
}

// diffBytes shows where two contents that differ begin to.
func diffBytes(want, got []byte) string {
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	from := max(at-10, 0)
	return fmt.Sprintf("differs at byte %d (-want +got):\n- %s\n+ %s", at, excerpt(want, from), excerpt(got, from))
}

// excerpt shows a few bytes of content.
func excerpt(content []byte, from int) string {
	s := quote(content[min(from, len(content)):])
	if from > 0 {
		s = "…" + s
	}
	return fmt.Sprintf("%s (%d bytes in all)", s, len(content))
}

// quote shows the beginning of content.
func quote(content []byte) string {
	const most = 60
	if len(content) > most {
		return fmt.Sprintf("%q…", content[:most])
	}
	return fmt.Sprintf("%q", content)
}
