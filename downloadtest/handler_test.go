package downloadtest_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// sending is a handler that makes its response itself.
func sending(file func(r *http.Request) fs.File) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response.New(file(r), response.Options{}).ServeHTTP(w, r)
	})
}

func TestGoodHandlers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(path, bytes.Repeat([]byte("0123456789"), 30_000), 0o600); err != nil {
		t.Fatal(err)
	}
	content := func(*http.Request) fs.File { return files.NewContentFile("Hello world!", "hello.txt") }
	var left atomic.Int64
	left.Store(1000)
	router := chi.NewRouter()
	router.Use(middleware.Recoverer)
	views.Mount(router, "/invoices/{id}", text("Invoice", "invoice.txt"))
	for _, tc := range []struct {
		name    string
		reason  string
		handler http.Handler
		opts    []downloadtest.Option
	}{
		{"response", "in memory, and POST is answered like GET", sending(content), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"generated", "HEAD does not know a length, GET learns it", sending(func(*http.Request) fs.File {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				_, err := io.WriteString(w, "Hello world!")
				return err
			}), "hello.txt")
		}), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"generated_long", "more than fits into a buffer", sending(func(*http.Request) fs.File {
			return files.NewVirtualFile(files.NewStringIteratorIO(generate), "rows.txt")
		}), nil},
		{"dated", "If-Modified-Since decides", sending(func(*http.Request) fs.File {
			file := files.NewContentFile("Hello world!", "hello.txt")
			file.ModTime = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
			return file
		}), nil},
		{"SendFile", "from the disk", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			views.SendFile(w, r, path, response.Options{})
		}), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"router", "a whole router, at its own path", router, []downloadtest.Option{downloadtest.At("/", "/invoices/7")}},
		{"signed", "what says how long it may be kept counts down", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seconds := left.Add(-1)
			w.Header().Set("Cache-Control", fmt.Sprintf("private, max-age=%d", seconds))
			w.Header().Set("Expires", time.Unix(1e9-seconds, 0).UTC().Format(http.TimeFormat))
			sending(content).ServeHTTP(w, r)
		}), nil},
		{"key", "requests are prepared", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Key") == "" {
				http.Error(w, "no key", http.StatusForbidden)
				return
			}
			sending(content).ServeHTTP(w, r)
		}), []downloadtest.Option{downloadtest.EachRequest(func(r *http.Request) { r.Header.Set("X-Key", "1") })}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			downloadtest.TestHandler(t, tc.handler, tc.opts...)
		})
	}
}

// brokenHandlers are no good downloads; see [fault].
func brokenHandlers() []fault {
	hello := []byte("Hello world!")
	return []fault{
		{name: "handler_missing", what: http.NotFoundHandler(), want: []string{""}},
		{name: "handler_of_ServeContent", what: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Disposition", `attachment; filename="hello.txt"`)
			w.Header().Set("Etag", `"1"`)
			http.ServeContent(w, r, "hello.txt", time.Time{}, bytes.NewReader(hello))
		}), want: []string{"headers", "conditions/*", "ranges/*"}},
		{name: "handler_with_405_but_no_Allow", what: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			sending(func(*http.Request) fs.File { return files.NewContentFile(hello, "hello.txt") }).ServeHTTP(w, r)
		}), want: []string{"POST"}},
		{name: "handler_with_304_of_another", what: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-Modified-Since") != "" {
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(http.StatusNotModified)
				return
			}
			sending(func(*http.Request) fs.File { return files.NewContentFile(hello, "hello.txt") }).ServeHTTP(w, r)
		}), want: []string{"conditions/If-Modified-Since*", "conditions/If-None-Match_before_date"}},
	}
}

// breaking sends some content, and then ends as end does.
func breaking(end func(w http.ResponseWriter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Length") != "" {
			w.Header().Set("Content-Length", "1000")
		}
		io.WriteString(w, "half of it")
		if err := http.NewResponseController(w).Flush(); err != nil {
			panic(err)
		}
		end(w)
	})
}

func TestAssertBroken(t *testing.T) {
	abort := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	reset := func(w http.ResponseWriter) { // what a client of HTTP/1.0 sees
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		conn.(interface{ SetLinger(sec int) error }).SetLinger(0)
		conn.Close()
	}
	ends := func(http.ResponseWriter) {}
	for _, tc := range []struct {
		name      string
		reason    string
		protocols []string
		handler   http.Handler
		fields    []string
		want      []string
	}{
		{"aborted", "chunks, or a stream, that do not end", servertest.Protocols, breaking(abort), nil, nil},
		{"shorter", "than its length", servertest.Protocols, breaking(abort), []string{"X-Length", "1"}, nil},
		{"reset", "the connection is", []string{servertest.HTTP10, servertest.HTTP11}, breaking(reset), nil, nil},
		{"complete", "nobody could tell", []string{servertest.HTTP10, servertest.HTTP11, servertest.HTTP2}, breaking(ends), nil,
			[]string{`status 200 and 10 bytes, which look complete: "half of it"`}},
		{"aborted_in_HTTP10", "the end of the connection is the end of the body", []string{servertest.HTTP10}, breaking(abort), nil,
			[]string{`status 200 and 10 bytes, which look complete: "half of it"`}},
		{"error", "an error answer is not broken off", servertest.Protocols, http.NotFoundHandler(), nil,
			[]string{`status 404, want a download that breaks off (200 or 206); the body is "404 page not found\n"`}},
	} {
		for _, protocol := range tc.protocols {
			t.Run(tc.name+"/"+protocol, func(t *testing.T) {
				srv := servertest.Start(t, protocol, tc.handler)
				r, err := http.NewRequest("GET", srv.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(tc.fields); i += 2 {
					r.Header.Set(tc.fields[i], tc.fields[i+1])
				}
				resp, err := srv.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				var rec recorder
				downloadtest.AssertBroken(&rec, resp)
				if fmt.Sprint(rec.failures) != fmt.Sprint(tc.want) {
					t.Errorf("%s: failures %q, want %q", tc.reason, rec.failures, tc.want)
				}
				if body, err := io.ReadAll(resp.Body); err != nil || len(body) == 0 {
					t.Errorf("the body is not left: %q, %v", body, err)
				}
			})
		}
	}
}

// A protocol that this module does not know is tested by a server of the test's own.
func TestOver(t *testing.T) {
	var asked atomic.Int64
	start := func(t testing.TB, h http.Handler) (string, *http.Client) {
		srv := servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			h.ServeHTTP(w, r)
		}))
		return srv.URL, srv.Client()
	}
	downloadtest.TestView(t, text("Invoice", "invoice.txt"), downloadtest.Over("another", start))
	if asked.Load() < 50 {
		t.Errorf("the server was asked %d times", asked.Load())
	}
}
