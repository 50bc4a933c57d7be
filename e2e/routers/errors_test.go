package routers_test

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// documents serves /tagged, which can be compared, and errors elsewhere.
func documents() http.HandlerFunc {
	content := rows(100 << 10)
	routes := http.NewServeMux()
	routes.HandleFunc("/tagged", view(func() fs.File {
		file := producing(content, ends)
		file.ETag = `W/"v1"`
		return file
	}))
	routes.HandleFunc("/strong", view(func() fs.File { return files.NewContentFile(content, "report.txt") }))
	routes.HandleFunc("/fails", view(func() fs.File { return producing("", fails) }))
	routes.HandleFunc("/forbidden", views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
		return nil, fs.ErrPermission
	})))
	routes.HandleFunc("/missing", views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
		return nil, fs.ErrNotExist
	})))
	return routes.ServeHTTP
}

// describe is middleware that sets, before the view is called, what is about the
// file alone.
func describe(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, field := range ofTheFile {
			w.Header().Set(field, "max-age=3600")
		}
		h(w, r)
	}
}

var ofTheFile = []string{
	"Cdn-Cache-Control", "Surrogate-Control", "Repr-Digest", "Content-Digest", "Content-Md5", "Content-Language", "Expires",
}

// Error answers can be read behind whatever compresses: by itself, or, as
// gorilla's CompressHandler does, with a Content-Encoding that stands there
// before the view is called.
func TestErrorsBehindCompression(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		overEachProtocol(t, s.wrap(describe(documents())), func(t *testing.T, w *wire) {
			for _, tt := range []struct {
				method, path string
				header       []string
				status       int
			}{
				{"GET", "/missing", nil, http.StatusNotFound},
				{"GET", "/forbidden", nil, http.StatusForbidden},
				{"GET", "/fails", nil, http.StatusInternalServerError},
				{"GET", "/tagged", []string{"If-Match", `"other"`}, http.StatusPreconditionFailed},
				{"GET", "/strong", []string{"If-Match", `"other"`}, http.StatusPreconditionFailed},
				{"POST", "/tagged", nil, http.StatusMethodNotAllowed},
			} {
				got := w.do(t, tt.method, tt.path, append(tt.header, "Accept-Encoding", "gzip")...)
				text := strings.TrimSpace(got.text(t))
				if got.status != tt.status || got.err != nil || text != http.StatusText(tt.status) {
					t.Errorf("%s %s %q: %d %q, %v, want %d and its text", tt.method, tt.path, tt.header, got.status, text, got.err, tt.status)
				}
				for _, field := range ofTheFile {
					if got.header.Get(field) != "" {
						t.Errorf("%s %s: %d with %s", tt.method, tt.path, got.status, field)
					}
				}
			}
		})
	})
}

// A 304 behind what compresses has no body, and the connection is good for the
// next request.
func TestNotModifiedBehindCompression(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		overEachProtocol(t, s.wrap(documents()), func(t *testing.T, w *wire) {
			for _, path := range []string{"/tagged", "/strong"} {
				first := w.get(t, path, "Accept-Encoding", "gzip")
				first.mustBeWhole(t, rows(100<<10))
				tag := first.header.Get("Etag")
				got := w.get(t, path, "Accept-Encoding", "gzip", "If-None-Match", tag)
				if got.status != http.StatusNotModified || len(got.raw) != 0 || got.err != nil {
					t.Errorf("%s: %d, %q, %v, want 304", path, got.status, got.raw, got.err)
				}
				if got.header.Get("Etag") != tag {
					t.Errorf("%s: entity tag %s, want that of the 200, %s", path, got.header.Get("Etag"), tag)
				}
				w.get(t, path, "Accept-Encoding", "gzip").mustBeWhole(t, rows(100<<10))
			}
		})
	})
}

// A Content-Encoding that a handler sets for a file which is stored so has no
// place in an answer without that file.
func TestErrorOfAnEncodedFile(t *testing.T) {
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		documents()(w, r)
	}
	overEachProtocol(t, http.HandlerFunc(h), func(t *testing.T, w *wire) {
		got := w.get(t, "/missing", "Accept-Encoding", "gzip")
		if coding := got.header.Get("Content-Encoding"); coding != "" || string(got.raw) != "Not Found\n" {
			t.Errorf("%d %q with Content-Encoding %q", got.status, got.raw, coding)
		}
	})
}
