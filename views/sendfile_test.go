package views_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// sendingFile is a handler that sends one file.
func sendingFile(path string, opts response.Options) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { views.SendFile(w, r, path, opts) }
}

func TestSendFile(t *testing.T) {
	for _, size := range storedSizes {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			content := storedContent(size)
			dir := storedDir(t, "content.txt", content)
			testStored(t, sendingFile(filepath.Join(dir, "content.txt"), response.Options{}), "/", content, storedTraits{})
			if open := openFiles(t, dir); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}

// Conditions and ranges are for GET: the answer to a POST is always whole.
func TestSendFileAfterPOST(t *testing.T) {
	content := storedContent(300 << 10)
	path := filepath.Join(storedDir(t, "content.txt", content), "content.txt")
	servertest.OverEach(t, sendingFile(path, response.Options{}), func(t *testing.T, srv *servertest.Server) {
		for _, fields := range [][]string{nil, {"Range", "bytes=0-1"}, {"If-None-Match", "*"}, {"If-Match", `"other"`}} {
			srv.Do(t, "POST", "/", fields...).Check(t, 200, content)
		}
	})
}

func TestSendFileOptions(t *testing.T) {
	path := filepath.Join(storedDir(t, "content.txt", "content"), "content.txt")
	var outcomes []response.Outcome
	srv := servertest.Start(t, "HTTP/1.1", sendingFile(path, response.Options{
		Inline: true, Basename: "report.pdf", ContentType: "text/html", Encoding: "br",
		OnDone: func(_ *http.Request, o response.Outcome) { outcomes = append(outcomes, o) },
	}))
	got := srv.Do(t, "GET", "/")
	got.Check(t, 200, "content")
	want := map[string]string{
		"Content-Disposition": `inline; filename="report.pdf"`, "Content-Type": "text/html", "Content-Encoding": "br",
	}
	for key := range want {
		if got := got.Header.Get(key); got != want[key] {
			t.Errorf("%s: %q, want %q", key, got, want[key])
		}
	}
	if len(outcomes) != 1 || outcomes[0].Ending != response.Complete || outcomes[0].Bytes != 7 || outcomes[0].Status != 200 {
		t.Errorf("outcomes %+v, want one, of 7 bytes", outcomes)
	}
}

// What the handler said before stays, unless the file cannot be sent.
func TestSendFileInAHandler(t *testing.T) {
	dir := storedDir(t, "content.txt", "content")
	srv := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private")
		w.Header().Set("X-Handler", "mine")
		views.SendFile(w, r, filepath.Join(dir, r.URL.Path), response.Options{})
	}))
	for target, want := range map[string][3]string{
		"/content.txt": {"200", "private", "mine"},
		"/missing.txt": {"404", "no-store", "mine"},
	} {
		got := srv.Do(t, "GET", target)
		have := [3]string{fmt.Sprint(got.Status), got.Header.Get("Cache-Control"), got.Header.Get("X-Handler")}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
}

func TestSendFileErrors(t *testing.T) {
	dir := storedDir(t, "content.txt", "content")
	for _, tt := range []struct{ path, reason string }{
		{filepath.Join(dir, "missing.txt"), "missing"},
		{dir, "a directory"},
		{filepath.Join(dir, "content.txt") + "/", "a file with a slash"},
		{filepath.Join(dir, "content.txt") + "\x00.png", "NUL"},
		{os.DevNull, "a device"},
		{"", "no path"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for _, method := range []string{"GET", "POST"} {
				servertest.Start(t, "HTTP/1.1", sendingFile(tt.path, response.Options{})).
					Do(t, method, "/").CheckError(t, 404)
			}
		})
	}
}

func TestSendFileClosesAfterAPanic(t *testing.T) {
	dir := storedDir(t, "content.txt", "content")
	wrong := errors.New("wrong")
	srv := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != wrong {
				t.Errorf("panic %v, want %v", v, wrong)
			}
		}()
		views.SendFile(panickyWriter{w, wrong}, r, filepath.Join(dir, "content.txt"), response.Options{})
	}))
	srv.Do(t, "GET", "/")
	if open := openFiles(t, dir); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
}

// panickyWriter is the mistake of another middleware.
type panickyWriter struct {
	http.ResponseWriter
	value any
}

func (w panickyWriter) Header() http.Header { panic(w.value) }
