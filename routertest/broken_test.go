package routertest_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-downloadview/downloadview/files"
)

// A download that breaks off never looks whole, whoever recovers the panic that
// ends it, and whatever the protocol.
func TestBrokenDownload(t *testing.T) {
	content := rows(1 << 20)
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
	for _, stack := range slices.Concat(stacks, compressing) {
		t.Run(stack.name, func(t *testing.T) {
			routes := http.NewServeMux()
			for _, tt := range tests {
				routes.HandleFunc(tt.path, view(tt.open))
			}
			routes.HandleFunc("/whole", view(func() fs.File { return producing(content, ends) }))
			overEachProtocol(t, stack.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
				for _, tt := range tests {
					t.Run(tt.reason, func(t *testing.T) {
						w.get(t, tt.path, "Accept-Encoding", "gzip").mustBreak(t, content)
						w.get(t, "/whole", "Accept-Encoding", "gzip").mustBeWhole(t, content)
					})
				}
			})
		})
	}
}

// What fails before its first byte is an error answer, with nothing of the file
// in it, and nothing that a recovery might append.
func TestFailureBeforeTheFirstByte(t *testing.T) {
	for _, stack := range slices.Concat(stacks, compressing) {
		for _, tt := range []struct {
			reason string
			end    func() error
		}{
			{"fails", fails},
			{"panics", panics},
		} {
			t.Run(stack.name+"/"+tt.reason, func(t *testing.T) {
				h := stack.wrap(view(func() fs.File { return producing(rows(1000), tt.end) }))
				overEachProtocol(t, h, func(t *testing.T, w *wire) {
					got := w.get(t, "/", "Accept-Encoding", "gzip")
					if text := got.text(t); got.status != http.StatusInternalServerError || text != "Internal Server Error\n" {
						t.Errorf("%d %q, %v", got.status, text, got.err)
					}
					if disposition := got.header.Get("Content-Disposition"); disposition != "" {
						t.Errorf("Content-Disposition: %s", disposition)
					}
				})
			})
		}
	}
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
	content := rows(1 << 20)
	stubborn := func() fs.File {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			for row := range strings.SplitAfterSeq(content, "\n") {
				func() {
					defer func() { _ = recover() }()
					_, _ = io.WriteString(w, row)
				}()
			}
			return nil
		}), "report.txt")
	}
	for _, stack := range stacks {
		for _, after := range []int{0, 100 << 10} {
			t.Run(fmt.Sprintf("%s/after %d bytes", stack.name, after), func(t *testing.T) {
				h := stack.wrap(func(w http.ResponseWriter, r *http.Request) {
					view(stubborn)(&fickleWriter{w, after}, r)
				})
				overEachProtocol(t, h, func(t *testing.T, w *wire) {
					w.get(t, "/").mustBreak(t, content)
				})
			})
		}
	}
}
