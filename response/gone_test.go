package response_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"go.uber.org/goleak"
)

func TestClientThatLeaves(t *testing.T) {
	piece := text(1000)
	endless := func(yield func(string) bool) { // or nearly: a test that fails must end, too
		for begun := time.Now(); time.Since(begun) < 10*time.Second && yield(piece); {
		}
	}
	for _, tt := range []struct {
		reason string
		// file is told when the client has gone, and calls stopped when its
		// producer returns.
		file func(ctx context.Context, stopped func()) *files.VirtualFile
	}{
		{"a busy generator", func(_ context.Context, stopped func()) *files.VirtualFile {
			return generated(func(yield func(string) bool) {
				defer stopped()
				endless(yield)
			})
		}},
		{"a generator that waits for the request's context", func(ctx context.Context, stopped func()) *files.VirtualFile {
			return generated(func(yield func(string) bool) {
				defer stopped()
				yield(piece)
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
				}
				endless(yield)
			})
		}},
		{"a function", func(_ context.Context, stopped func()) *files.VirtualFile {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				defer stopped()
				var err error
				endless(func(piece string) bool {
					_, err = io.WriteString(w, piece)
					return err == nil
				})
				return err
			}), "a.txt")
		}},
		{"a generator that is read, not pushed", func(_ context.Context, stopped func()) *files.VirtualFile {
			reader := files.NewStringIteratorIO(func(yield func(string) bool) {
				defer stopped()
				endless(yield)
			})
			return files.NewVirtualFile(struct{ io.ReadCloser }{reader}, "a.txt")
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			running := goleak.IgnoreCurrent()
			servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
				stopped := make(chan struct{})
				var file *servertest.CountedFile
				srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					file = servertest.Count(tt.file(r.Context(), func() { close(stopped) }))
					send(file, response.Options{}).ServeHTTP(w, r)
				})
				resp, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.CopyN(io.Discard, resp.Body, 100); err != nil {
					t.Fatal(err)
				}
				resp.Body.Close() // a body that is not at its end: the client leaves
				select {
				case <-stopped:
				case <-time.After(time.Second):
					t.Fatal("the producer still runs a second later")
				}
				srv.Wait()
				if file.Closed() != 1 {
					t.Errorf("the file was closed %d times", file.Closed())
				}
				for _, line := range logs.Lines() {
					if !strings.Contains(line, "level=DEBUG") {
						t.Errorf("clients leave all the time, but the log says %s", line)
					}
				}
			})
			goleak.VerifyNone(t, running)
		})
	}
}

// A client can be gone before the server knows.
func TestClientThatCannotBeWrittenTo(t *testing.T) {
	logs := servertest.CaptureLog(t)
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panic: %v, want http.ErrAbortHandler", got)
		}
		if lines := logs.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "level=DEBUG") || !strings.Contains(lines[0], "broken pipe") {
			t.Errorf("log: %q, want one line for those who debug", lines)
		}
	}()
	send(generated(chunks(text(1000), 10)), response.Options{}).ServeHTTP(goneWriter{httptest.NewRecorder()}, servertest.Request("GET", "/"))
}

type goneWriter struct{ http.ResponseWriter }

func (goneWriter) Write([]byte) (int, error) { return 0, syscall.EPIPE }
