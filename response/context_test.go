package response_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// deadline is a context whose time is over when the test says so.
type deadline struct {
	context.Context
	done chan struct{}
}

func (d deadline) Done() <-chan struct{} { return d.done }

func (d deadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// timeouts are what a generator makes of a context that ended.
var timeouts = []struct {
	reason string
	end    func(ctx context.Context, yield func(string, error) bool)
}{
	{"and the generator says so", func(ctx context.Context, yield func(string, error) bool) { yield("", ctx.Err()) }},
	{"and the generator does not care", func(_ context.Context, yield func(string, error) bool) {
		for yield("more", nil) {
		}
	}},
	{"and the generator returns without a word", func(context.Context, func(string, error) bool) {}},
}

func TestContextThatEndsEarly(t *testing.T) {
	logs := servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, tt := range timeouts {
			for _, size := range []int{0, 10, 1 << 20} {
				t.Run(fmt.Sprintf("%s/after %d bytes", tt.reason, size), func(t *testing.T) {
					logs.Reset()
					srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						ctx := deadline{r.Context(), make(chan struct{})}
						file := files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string, error) bool) {
							if yield(text(size), nil) {
								close(ctx.done)
								tt.end(ctx, yield)
							}
						}), "a.txt")
						send(file, response.Options{FlushInterval: time.Hour}).ServeHTTP(w, r.WithContext(ctx))
					})
					got := srv.Do(t, "GET", "/")
					if size <= bufferSize && got.Status != http.StatusInternalServerError {
						t.Errorf("before the first byte: %d %q, %v", got.Status, got.Body, got.Err)
					}
					if size > bufferSize && (got.Status != http.StatusOK || got.Err == nil) {
						t.Errorf("after the first byte: %d, %d bytes, %v, want an error", got.Status, len(got.Body), got.Err)
					}
					if want := context.DeadlineExceeded.Error(); len(logs.Lines()) != 1 || !strings.Contains(logs.Lines()[0], want) {
						t.Errorf("log: %q, want one line with %q", logs.Lines(), want)
					}
				})
			}
		}
	})
}

func TestChiTimeout(t *testing.T) {
	servertest.CaptureLog(t)
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, tt := range timeouts {
			t.Run(tt.reason, func(t *testing.T) {
				srv.Handler = middleware.Timeout(20 * time.Millisecond)(
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						file := files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string, error) bool) {
							yield("some", nil)
							<-r.Context().Done()
							tt.end(r.Context(), yield)
						}), "a.txt")
						send(file, response.Options{FlushInterval: time.Millisecond}).ServeHTTP(w, r)
					}))
				got := srv.Do(t, "GET", "/")
				// How much has left by then is a matter of the machine.
				if got.Status != http.StatusInternalServerError && got.Err == nil {
					t.Errorf("%d %q, as if complete", got.Status, got.Body)
				}
			})
		}
	})
}
