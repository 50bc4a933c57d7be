package routers_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"golang.org/x/time/rate"
)

// deadlineWriter is a ResponseWriter that keeps its write deadline.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (w *deadlineWriter) SetWriteDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

func (w *deadlineWriter) Write(p []byte) (int, error) {
	if !w.deadline.IsZero() && time.Now().After(w.deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	return w.ResponseRecorder.Write(p)
}

// serveLimited serves file by limiter in a bubble of synctest, and returns how that
// ended, and after how long.
func serveLimited(ctx context.Context, limiter *rate.Limiter, file fs.File, opts response.Options) (got response.Outcome) {
	// The timer that flushes waits for a lock while the writer sleeps. That does
	// no harm, but the clock of a bubble stands still for it.
	opts.FlushInterval, opts.Limiter = -1, limiter
	opts.OnDone = func(_ *http.Request, outcome response.Outcome) { got = outcome }
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			panic(v)
		}
	}()
	response.New(file, opts).ServeHTTP(&deadlineWriter{ResponseRecorder: httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	return got
}

// A *rate.Limiter limits the content of every kind of file, and WriteTimeout does
// not count what it waits.
func TestLimitRate(t *testing.T) {
	const size = 1 << 20
	stored := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(stored, []byte(rows(size)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason string
		open   func() fs.File
	}{
		{"in memory, one piece larger than the burst", func() fs.File { return files.NewContentFile(rows(size), "a.txt") }},
		{"generated", func() fs.File { return producing(rows(size), ends) }},
		{"on disk: no sendfile past the limit", func() fs.File {
			file, err := os.Open(stored)
			if err != nil {
				t.Error(err)
			}
			return file
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := rate.NewLimiter(64<<10, 16<<10)
				got := serveLimited(t.Context(), limiter, tt.open(), response.Options{WriteTimeout: 100 * time.Millisecond})
				// The first 16 KiB are there at once.
				want := time.Duration(size-16<<10) * time.Second / (64 << 10)
				if got.Ending != response.Complete || got.Duration.Round(time.Millisecond) != want {
					t.Errorf("%+v, want it complete after %v", got, want)
				}
			})
		})
	}
}

// Downloads with one limiter share its speed.
func TestLimitRateIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := rate.NewLimiter(64<<10, 64<<10)
		var downloads sync.WaitGroup
		for range 4 {
			downloads.Go(func() {
				serveLimited(t.Context(), limiter, files.NewContentFile(rows(1<<20), "a.txt"), response.Options{})
			})
		}
		begun := time.Now()
		downloads.Wait()
		if got := time.Since(begun).Round(time.Millisecond); got != 63*time.Second {
			t.Errorf("4 MiB at 64 KiB/s took %v, want 63 s", got)
		}
	})
}

// A client that leaves does not keep a generator waiting. A context that ends
// before the limit would let the next piece pass is the end as well.
func TestLimitRateEndsWithTheRequest(t *testing.T) {
	for want, cancel := range map[response.Ending]func(context.Context) (context.Context, context.CancelFunc){
		response.ClientLeft: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Second, cancel)
			return ctx, cancel
		},
		response.TimedOut: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Second)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := cancel(t.Context())
			defer cancel()
			got := serveLimited(ctx, rate.NewLimiter(1<<10, 16<<10), producing(rows(1<<20), ends), response.Options{})
			if got.Ending != want || got.Duration > 10*time.Second {
				t.Errorf("%+v, want %v within 10s", got, want)
			}
		})
	}
}
