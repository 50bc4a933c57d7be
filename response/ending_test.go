package response_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// Clients that leave in the middle are told from files that fail, by whatever road
// the bytes go. sendfile(2) tells them by a bare errno.
func TestEndingOfClientsThatLeave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(path, make([]byte, 32<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for kind, file := range map[string]func() fs.File{
		"on disk":   func() fs.File { return open(t, path) },
		"in memory": func() fs.File { return files.NewContentFile(make([]byte, 32<<20), "a.bin") },
		"generated": func() fs.File { return zeroFile(32 << 20) },
	} {
		t.Run(kind, func(t *testing.T) {
			servertest.CaptureLog(t)
			outcomes := make(chan response.Outcome, 1)
			srv := servertest.Start(t, servertest.HTTP11, response.Observe(download(file), func(_ *http.Request, o response.Outcome) {
				outcomes <- o
			}))
			for range 40 {
				resp, err := srv.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.CopyN(io.Discard, resp.Body, 100_000); err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if o := <-outcomes; o.Ending != response.ClientLeft {
					t.Fatalf("%v (%v), want client left", o.Ending, o.Err)
				}
			}
		})
	}
}

// All observers are told, in the order from inside out, also of what there is no
// file for, and although one of them panics.
func TestObserve(t *testing.T) {
	var told []string
	observe := func(next http.Handler, name string) http.Handler {
		return response.Observe(next, func(r *http.Request, o response.Outcome) {
			told = append(told, name+": "+o.Ending.String())
			if name == "inner" {
				panic(http.ErrAbortHandler)
			}
		})
	}
	for _, tt := range []struct {
		reason string
		resp   func() *response.DownloadResponse
		want   []string
	}{
		{"a file", func() *response.DownloadResponse {
			return response.New(files.NewContentFile("a", "a"), response.Options{OnDone: func(*http.Request, response.Outcome) {
				told = append(told, "own")
			}})
		}, []string{"own", "inner: complete", "outer: complete"}},
		{"no file", func() *response.DownloadResponse {
			return &response.DownloadResponse{Err: fs.ErrNotExist}
		}, []string{"inner: refused", "outer: refused"}},
		{"a failure", func() *response.DownloadResponse {
			return &response.DownloadResponse{Err: errBroken}
		}, []string{"inner: failed", "outer: failed"}},
		{"another file in place of the one that failed", func() *response.DownloadResponse {
			return &response.DownloadResponse{Err: fs.ErrNotExist, HandleError: func(w http.ResponseWriter, r *http.Request, _ error) {
				response.New(files.NewContentFile("a", "a"), response.Options{}).ServeHTTP(w, r)
			}}
		}, []string{"inner: refused", "outer: refused"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			told = nil
			h := observe(observe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tt.resp().ServeHTTP(w, r)
			}), "inner"), "outer")
			func() {
				defer func() { _ = recover() }()
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			}()
			if len(told) != len(tt.want) {
				t.Fatalf("told %q, want %q", told, tt.want)
			}
			for i := range told {
				if told[i] != tt.want[i] {
					t.Errorf("told %q, want %q", told, tt.want)
				}
			}
		})
	}
}

// limiter lets everything pass, and remembers what.
type limiter struct {
	burst int
	most  int // the largest piece
	total int64
	err   error
	wait  func()
}

func (l *limiter) Burst() int { return l.burst }

func (l *limiter) WaitN(ctx context.Context, n int) error {
	l.most = max(l.most, n)
	l.total += int64(n)
	if l.wait != nil {
		l.wait()
	}
	return errors.Join(l.err, ctx.Err())
}

func TestLimiter(t *testing.T) {
	const size = 1 << 20
	path := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	for kind, file := range map[string]func() fs.File{
		"on disk":   func() fs.File { return open(t, path) },
		"in memory": func() fs.File { return files.NewContentFile(make([]byte, size), "a.bin") },
		"generated": func() fs.File { return zeroFile(size) },
	} {
		t.Run(kind, func(t *testing.T) {
			l := &limiter{}
			srv := servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				response.New(file(), response.Options{Limiter: l}).ServeHTTP(w, r)
			}))
			for _, tt := range []struct {
				reason, ranges string
				burst          int
				want           int64
			}{
				{"all of it", "", 10_000, size},
				{"no burst: any piece", "", 0, size},
				{"a range", "bytes=100000-299999", 50_000, 200_000},
			} {
				*l = limiter{burst: tt.burst}
				if got := srv.Do(t, "GET", "/", "Range", tt.ranges); len(got.Body) != int(tt.want) && kind != "generated" || got.Err != nil {
					t.Errorf("%s: %d bytes, %v", tt.reason, len(got.Body), got.Err)
				} else if l.total != int64(len(got.Body)) || l.burst > 0 && l.most > l.burst {
					t.Errorf("%s: asked for %d bytes of %d, %d at once", tt.reason, l.total, len(got.Body), l.most)
				}
			}
		})
	}
}

// A Limiter that gives up breaks the download off. What it waits is not the
// client's time.
func TestLimiterThatFails(t *testing.T) {
	servertest.CaptureLog(t)
	l := &limiter{burst: 1000, err: errBroken}
	var outcome response.Outcome
	serve := func(ctx context.Context) {
		defer func() { _ = recover() }()
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		l.wait = func() {
			if !w.at.IsZero() {
				t.Error("the client's time runs while the Limiter waits")
			}
		}
		response.New(zeroFile(1<<20), response.Options{
			Limiter: l, WriteTimeout: time.Hour,
			OnDone: func(_ *http.Request, o response.Outcome) { outcome = o },
		}).ServeHTTP(w, r)
	}
	serve(t.Context())
	if outcome.Ending != response.Failed || !errors.Is(outcome.Err, errBroken) {
		t.Errorf("%v (%v), want failed", outcome.Ending, outcome.Err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	serve(ctx) // as *rate.Limiter does if the wait would be longer than that
	if outcome.Ending != response.TimedOut || !errors.Is(outcome.Err, errBroken) {
		t.Errorf("%v (%v), want timed out", outcome.Ending, outcome.Err)
	}
	l.err = nil
	serve(t.Context())
	if outcome.Ending != response.Complete {
		t.Errorf("%v (%v), want complete", outcome.Ending, outcome.Err)
	}
}

type deadlines struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (w *deadlines) SetWriteDeadline(at time.Time) error { w.at = at; return nil }
