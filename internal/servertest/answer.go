package servertest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Answer is what a client has after a request.
type Answer struct {
	Status int // 0: there was no answer
	Header http.Header
	Length int64 // of the body, as announced; -1: it was not
	Body   string
	Err    error // why the client knows that the body is not complete, or that nothing came

	Trailer http.Header
}

// Record has h answer a request without a server; fields are names and values
// in turn. What ends a connection (http.ErrAbortHandler) panics here.
func Record(h http.Handler, method, target string, fields ...string) Answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, Request(method, target, fields...))
	return read(w.Result())
}

// Request returns a request as the server of net/http hands it over.
func Request(method, target string, fields ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	addFields(r, fields)
	return r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, new(http.Server)))
}

func read(resp *http.Response) Answer {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Answer{resp.StatusCode, resp.Header, resp.ContentLength, string(body), err, resp.Trailer}
}

// Check reports in what the answer is not a complete one of that status and
// body.
func (a Answer) Check(t testing.TB, status int, body string) {
	t.Helper()
	switch {
	case a.Status != status || a.Err != nil:
		t.Errorf("status %d (%v), want %d; the body is %.60q", a.Status, a.Err, status, a.Body)
	case a.Body != body:
		t.Errorf("%d bytes, want other %d: %.60q, not %.60q", len(a.Body), len(body), a.Body, body)
	}
}

// CheckError reports in what the answer is not the error answer of that status:
// its text for a body, nothing of a file in its header, and no leave to keep it.
func (a Answer) CheckError(t testing.TB, status int) {
	t.Helper()
	a.Check(t, status, http.StatusText(status)+"\n")
	a.CheckErrorHeader(t)
}

// CheckErrorHeader is CheckError for error pages of a program's own.
func (a Answer) CheckErrorHeader(t testing.TB) {
	t.Helper()
	for _, key := range []string{"Accept-Ranges", "Content-Disposition", "Etag", "Expires", "Last-Modified"} {
		if values, has := a.Header[key]; has {
			t.Errorf("an error answer with %s: %q", key, values)
		}
	}
	if _, has := a.Header["Content-Range"]; has && a.Status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("an error answer with Content-Range: %q", a.Header["Content-Range"])
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("an error answer with Cache-Control: %s", got)
	}
	if got := a.Header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("an error answer with X-Content-Type-Options: %q", got)
	}
}

// CheckBroken reports if the client could take the answer for a complete
// download of that status. It may have broken off before the status came.
func (a Answer) CheckBroken(t testing.TB, status int) {
	t.Helper()
	if a.Err == nil || a.Status != 0 && a.Status != status {
		t.Errorf("status %d with %d bytes (%v), want %d that breaks off", a.Status, len(a.Body), a.Err, status)
	}
}
