package routers_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gin-gonic/gin"
	"github.com/go-downloadview/downloadview/files"
	"golang.org/x/net/netutil"
)

// A download that breaks off never looks whole, whoever recovers the panic that
// ends it, and whatever the protocol.
func TestBrokenDownload(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		content := rows(s.size)
		tests := []struct {
			path   string
			reason string
			open   func() fs.File
		}{
			{"/fails", "a generator fails", func() fs.File { return producing(content, fails) }},
			{"/panics", "a generator panics", func() fs.File { return producing(content, panics) }},
			{"/short", "it is shorter than its declared size", func() fs.File {
				file := producing(content, ends)
				file.Size = int64(len(content)) + 1
				return file
			}},
			{"/reader", "a reader fails", func() fs.File {
				return files.NewVirtualFile(io.MultiReader(strings.NewReader(content), iotest.ErrReader(errBroken)), "a.txt")
			}},
			{"/early", "a generator fails after a little", func() fs.File { return producing(content[:64<<10], fails) }},
		}
		routes := http.NewServeMux()
		for _, tt := range tests {
			routes.HandleFunc(tt.path, view(tt.open))
		}
		routes.HandleFunc("/whole", view(func() fs.File { return producing(content, ends) }))
		overEachProtocol(t, s.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
			for _, tt := range tests {
				t.Run(tt.reason, func(t *testing.T) {
					w.get(t, tt.path, "Accept-Encoding", "gzip").mustBreak(t, content)
				})
			}
			w.get(t, "/whole", "Accept-Encoding", "gzip").mustBeWhole(t, content)
		})
	})
}

// What fails before its first byte is an error answer, with nothing of the file
// in it, and nothing that a recovery might append.
func TestFailureBeforeTheFirstByte(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		routes := http.NewServeMux()
		routes.HandleFunc("/fails", view(func() fs.File { return producing(rows(1000), fails) }))
		routes.HandleFunc("/panics", view(func() fs.File { return producing(rows(1000), panics) }))
		overEachProtocol(t, s.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
			for _, path := range []string{"/fails", "/panics"} {
				got := w.get(t, path, "Accept-Encoding", "gzip")
				if path == "/panics" && s.name == "nothing" && w.version == "HTTP/3.0" && got.err != nil {
					continue // the server resets the stream, and what is in it
				}
				if text := got.text(t); got.status != http.StatusInternalServerError || text != "Internal Server Error\n" {
					t.Errorf("%s: %d %q, %v", path, got.status, text, got.err)
				}
				if disposition := got.header.Get("Content-Disposition"); disposition != "" {
					t.Errorf("%s: Content-Disposition: %s", path, disposition)
				}
			}
		})
	})
}

// fickleWriter is a ResponseWriter that panics once so many bytes have passed.
type fickleWriter struct {
	http.ResponseWriter
	left int
}

func (w *fickleWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *fickleWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		w.left = 1 << 30 // once
		_, _ = w.ResponseWriter.Write(p)
		panic("a middleware is broken")
	}
	return w.ResponseWriter.Write(p)
}

// A generator that recovers the panic of a writer, and goes on, does not make the
// answer good again: what the writer had passed on must not come a second time.
func TestWriterPanicsUnderAGeneratorThatRecovers(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		content := rows(s.size)
		stubborn := view(func() fs.File {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				for piece := range pieces(content) {
					func() {
						defer func() { _ = recover() }()
						_, _ = io.WriteString(w, piece)
					}()
				}
				return nil
			}), "report.txt")
		})
		routes := http.NewServeMux()
		for path, after := range map[string]int{"/first": 0, "/later": 100 << 10} {
			routes.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { stubborn(&fickleWriter{w, after}, r) })
		}
		overEachProtocol(t, s.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
			for _, path := range []string{"/first", "/later"} {
				w.get(t, path, "Accept-Encoding", "gzip").mustBreak(t, content)
			}
		})
	})
}

// bodyWriter is how middleware for gin wraps a writer, with no Unwrap.
type bodyWriter struct {
	gin.ResponseWriter
	written int
}

func (w *bodyWriter) Write(p []byte) (int, error) {
	w.written += len(p)
	return w.ResponseWriter.Write(p)
}

func TestBrokenDownloadInAWriterWithoutUnwrap(t *testing.T) {
	content := rows(1 << 20)
	engine := gin.Default()
	engine.Use(func(c *gin.Context) {
		c.Writer = &bodyWriter{ResponseWriter: c.Writer}
		c.Next()
	})
	h := onGin(engine, gin.WrapF(view(func() fs.File { return producing(content, fails) })))
	overEachProtocol(t, h, func(t *testing.T, w *wire) {
		w.get(t, "/").mustBreak(t, content)
	})
}

// A listener may give the server connections of its own.
func TestBrokenDownloadByALimitedListener(t *testing.T) {
	content := rows(1 << 20)
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS=%v", secure), func(t *testing.T) {
			srv := httptest.NewUnstartedServer(view(func() fs.File { return producing(content, fails) }))
			srv.Config.ErrorLog = quiet
			srv.Listener = netutil.LimitListener(srv.Listener, 1)
			if secure {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			w := &wire{Server: srv}
			for range 3 { // each gives its connection back
				w.get(t, "/").mustBreak(t, content)
			}
		})
	}
}
