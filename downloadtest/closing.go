package downloadtest

import (
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/response"
)

// testClosing: whichever way a request takes, its file is closed once.
func testClosing(t *testing.T, s *subject) {
	w := &watch{view: s.view}
	server := s.serveWatched(t, w)
	for _, way := range []struct {
		name   string
		method string
		fields []string
	}{
		{"GET", http.MethodGet, nil},
		{"HEAD", http.MethodHead, nil},
		{"not_modified", http.MethodGet, []string{"If-None-Match", "*"}},
		{"precondition_failed", http.MethodGet, []string{"If-Match", other}},
		{"range", http.MethodGet, []string{"Range", "bytes=0-0"}},
		{"ranges", http.MethodGet, []string{"Range", "bytes=-1,0-0"}},
		{"unsatisfiable_range", http.MethodGet, []string{"Range", "bytes=-0"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			got := server.ask(t, way.method, way.fields...)
			server.wait(t)
			testClosed(t, w)
			switch {
			case got.status == http.StatusNotModified:
				testEnding(t, w, response.NotModified)
			case got.status >= 400:
				testEnding(t, w, response.Refused)
			default:
				testEnding(t, w, response.Complete)
			}
		})
	}
	t.Run("client_leaves", func(t *testing.T) {
		server.leave(t, int64(len(s.whole.body)/2))
		testClosed(t, w)
		if len(s.whole.body) > 0 { // else all of it was sent before
			testEnding(t, w, response.ClientLeft)
		}
	})
	if w.hasReused() {
		t.Error("GetFile returns one file for two requests: it is closed after the first, and both may read it at once")
	}
}

// testLeaving: a handler ends when its client leaves.
func testLeaving(t *testing.T, s *subject) {
	s.server.leave(t, int64(len(s.whole.body)/2))
}

// testClosed: each file that w has seen was closed once.
func testClosed(t *testing.T, w *watch) {
	t.Helper()
	for _, file := range w.seen() {
		if _, _, closed := file.done(); closed != 1 {
			t.Errorf("the file was closed %d times, want once", closed)
		}
	}
}

// testEnding: OnDone is told once how the download ended, and a Limiter has seen
// all of it.
func testEnding(t *testing.T, w *watch, want response.Ending) {
	t.Helper()
	endings, unlimited := w.ended()
	if len(endings) != 1 || endings[0] != want {
		t.Errorf("OnDone is told %v, want %v once", endings, want)
	}
	if unlimited {
		t.Error("content was sent past the Limiter")
	}
}
