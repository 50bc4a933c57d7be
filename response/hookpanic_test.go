package response_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// begins answers with the beginning of something, and panics.
func begins(w http.ResponseWriter) {
	_, _ = io.WriteString(w, strings.Repeat("replacement ", 10_000))
	panic("midway")
}

// An answer that a hook has begun is broken off if the hook panics, whoever
// recovers that, and gets nothing added.
func TestHookPanicsMidway(t *testing.T) {
	for _, tt := range []struct {
		reason    string
		intercept response.Interceptor
		onError   func(http.ResponseWriter, *http.Request, error)
	}{
		{
			reason: "an Interceptor",
			intercept: func(w http.ResponseWriter, _ *http.Request, _ *response.Representation) bool {
				begins(w)
				return true
			},
		},
		{
			reason:  "HandleError",
			onError: func(w http.ResponseWriter, _ *http.Request, _ error) { begins(w) },
		},
	} {
		for _, protocol := range []string{servertest.HTTP10, servertest.HTTP11, servertest.HTTP2} {
			t.Run(tt.reason+"/"+protocol, func(t *testing.T) {
				logs := servertest.CaptureLog(t)
				var outcome response.Outcome
				h := swallow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if tt.intercept != nil {
						r = r.WithContext(response.WithInterceptor(r.Context(), tt.intercept))
					}
					file := files.NewVirtualFile(files.NewWriterIO(func(io.Writer) error { return errors.New("broken") }), "a.txt")
					resp := response.New(file, response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }})
					resp.HandleError = tt.onError
					resp.ServeHTTP(w, r)
				}))
				got := servertest.Start(t, protocol, h).Do(t, "GET", "/")
				got.CheckBroken(t, 200)
				if strings.Contains(got.Body, "Error") {
					t.Errorf("the answer ends in %q", got.Body[len(got.Body)-40:])
				}
				if outcome.Status != 200 || outcome.Ending == response.Complete || outcome.Ending == response.HandedOver || outcome.Err == nil {
					t.Errorf("outcome %+v, want a 200 that is not complete", outcome)
				}
				if lines := logs.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "midway") {
					t.Errorf("log %q, want one line with the panic", lines)
				}
			})
		}
	}
}

// Outcome.Status is the status that was sent, however a hook sends it.
func TestStatusOfAHook(t *testing.T) {
	for _, tt := range []struct {
		reason string
		answer func(http.ResponseWriter)
		want   int
	}{
		{"nothing is written", func(http.ResponseWriter) {}, 200},
		{"a body", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "Hello") }, 200},
		{"a status", func(w http.ResponseWriter) { w.WriteHeader(404) }, 404},
		{"an informational one before it", func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(404) }, 404},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			var outcome response.Outcome
			servertest.OverEach(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx := response.WithInterceptor(r.Context(), func(w http.ResponseWriter, _ *http.Request, _ *response.Representation) bool {
					tt.answer(w)
					return true
				})
				opts := response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }}
				response.New(files.NewContentFile("Hello", "a.txt"), opts).ServeHTTP(w, r.WithContext(ctx))
			}), func(t *testing.T, srv *servertest.Server) {
				if got := srv.Do(t, "GET", "/"); got.Status != tt.want || outcome.Status != tt.want {
					t.Errorf("status %d, and %d in the outcome; want %d", got.Status, outcome.Status, tt.want)
				}
			})
		})
	}
}
