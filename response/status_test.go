package response_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// refuse returns a handler that answers with err.
func refuse(err error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { response.Error(w, r, err) }
}

func TestError(t *testing.T) {
	ofTheFile := http.Header{}
	for _, key := range []string{"Etag", "Last-Modified", "Content-Disposition", "Accept-Ranges", "Content-Encoding", "Content-Length"} {
		ofTheFile.Set(key, "of the file")
	}
	for _, tt := range []struct {
		reason string
		err    error
		want   int
		level  string
	}{
		{"not there", fs.ErrNotExist, http.StatusNotFound, "DEBUG"},
		{"not there, says the system", &fs.PathError{Op: "open", Path: "/secret", Err: fs.ErrNotExist}, http.StatusNotFound, "DEBUG"},
		{"not there, wrapped", fmt.Errorf("secret: %w", fs.ErrNotExist), http.StatusNotFound, "DEBUG"},
		{"not allowed", fmt.Errorf("secret: %w", fs.ErrPermission), http.StatusForbidden, "DEBUG"},
		{"no such row", sql.ErrNoRows, http.StatusNotFound, "DEBUG"},
		{"no such row, wrapped", fmt.Errorf("document 7: %w", sql.ErrNoRows), http.StatusNotFound, "DEBUG"},
		{"an old link", response.WithStatus(errBroken, http.StatusGone), http.StatusGone, "DEBUG"},
		{"a mistake of the client's that is rare", response.WithStatus(errBroken, http.StatusConflict), http.StatusConflict, "INFO"},
		{"anything else", errBroken, http.StatusInternalServerError, "ERROR"},
		{"a context that is not the request's", context.Canceled, http.StatusInternalServerError, "ERROR"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			checkError(t, servertest.Record(after(ofTheFile, refuse(tt.err)), "GET", "/path"), tt.want)
			lines := logs.Lines()
			if len(lines) != 1 || !strings.Contains(lines[0], tt.err.Error()) ||
				!strings.Contains(lines[0], "level="+tt.level) || !strings.Contains(lines[0], "/path") {
				t.Errorf("log: %q, want one line of level %s with the error and the path", lines, tt.level)
			}
		})
	}
}

func TestWithStatus(t *testing.T) {
	conflict := errors.New("the export is still running")
	for _, tt := range []struct {
		reason string
		err    error
		want   int
	}{
		{"as said", response.WithStatus(conflict, 409), 409},
		{"wrapped", fmt.Errorf("report 7: %w", response.WithStatus(conflict, 503)), 503},
		{"better than what the error is", response.WithStatus(fs.ErrNotExist, 410), 410},
		{"the outer one holds", response.WithStatus(response.WithStatus(conflict, 404), 429), 429},
		{"joined", errors.Join(conflict, response.WithStatus(conflict, 402)), 402},
		{"no error's status", response.WithStatus(conflict, 200), 500},
	} {
		if got := response.Status(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.reason, got, tt.want)
		}
		if !errors.Is(tt.err, conflict) && !errors.Is(tt.err, fs.ErrNotExist) {
			t.Errorf("%s: the error is not wrapped", tt.reason)
		}
	}
	if response.WithStatus(nil, 404) != nil {
		t.Error("no error became one")
	}
	servertest.CaptureLog(t)
	servertest.Record(refuse(response.WithStatus(conflict, 409)), "GET", "/").CheckError(t, 409)
}

func TestStatThatFails(t *testing.T) {
	for _, tt := range []struct {
		reason string
		err    error
		want   int
	}{
		{"in whatever way", errBroken, http.StatusInternalServerError},
		{"because the file has gone", fs.ErrNotExist, http.StatusNotFound},
		{"because it may not be read", &fs.PathError{Op: "stat", Path: "/secret", Err: fs.ErrPermission}, http.StatusForbidden},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			checkError(t, servertest.Record(send(statless{err: tt.err}, response.Options{}), "GET", "/"), tt.want)
		})
	}
}

// What a caller said of a file leaves with it.
func TestErrorsHaveNothingOfTheFile(t *testing.T) {
	servertest.CaptureLog(t)
	ofTheFile := http.Header{}
	for _, key := range []string{
		"CDN-Cache-Control", "Surrogate-Control", "Repr-Digest", "Content-Digest", "Digest", "Content-MD5", "Cache-Control",
		"ETag", "Content-Encoding", "Content-Range", "Last-Modified",
	} {
		ofTheFile.Set(key, "of the file")
	}
	ofTheFile.Set("X-Request-Id", "7")
	got := servertest.Record(after(ofTheFile, refuse(errBroken)), "GET", "/")
	want := http.Header{
		"Cache-Control": {"no-store"}, "Content-Length": {"22"}, "Content-Type": {"text/plain; charset=utf-8"},
		"X-Content-Type-Options": {"nosniff"}, "X-Request-Id": {"7"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// A client that escapes the "?" of a signed link has its signature in the path.
func TestNoSignatureOfThePathInTheLog(t *testing.T) {
	logs := servertest.CaptureLog(t)
	response.Error(httptest.NewRecorder(), httptest.NewRequest("GET", "/a.txt%3Fsignature=secret", nil), fs.ErrNotExist)
	if got := logs.String(); !strings.Contains(got, "path=/a.txt") || strings.Contains(got, "secret") {
		t.Errorf("log: %s", got)
	}
}
