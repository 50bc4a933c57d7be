package routers_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
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

// serveLimited serves file through limitRate, in a bubble of synctest, and
// returns how that ended, and after how long.
func serveLimited(ctx context.Context, bytesPerSecond int, file fs.File, opts response.Options) (got response.Outcome) {
	// The timer that flushes waits for a lock while the writer sleeps. That does
	// no harm, but the clock of a bubble stands still for it.
	opts.FlushInterval = -1
	opts.OnDone = func(_ *http.Request, outcome response.Outcome) { got = outcome }
	h := limitRate(bytesPerSecond)(response.New(file, opts))
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			panic(v)
		}
	}()
	h.ServeHTTP(&deadlineWriter{ResponseRecorder: httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	return got
}

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
				got := serveLimited(t.Context(), 64<<10, tt.open(), response.Options{})
				// The first 16 KiB are there at once.
				want := time.Duration(size-16<<10) * time.Second / (64 << 10)
				if got.Ending != response.Complete || got.Duration.Round(time.Millisecond) != want {
					t.Errorf("%+v, want it complete after %v", got, want)
				}
			})
		})
	}
}

// A client that leaves does not keep the handler waiting.
func TestLimitRateEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		time.AfterFunc(10*time.Second, cancel)
		got := serveLimited(ctx, 1<<10, files.NewContentFile(rows(1<<20), "a.txt"), response.Options{})
		if got.Ending == response.Complete || !errors.Is(got.Err, context.Canceled) || got.Duration != 10*time.Second {
			t.Errorf("%+v, want it canceled after 10s", got)
		}
	})
}

// A write deadline counts the time that the limit takes.
func TestLimitRateAndWriteTimeout(t *testing.T) {
	for _, tt := range []struct {
		timeout  time.Duration
		complete bool
		reason   string
	}{
		{3 * time.Second, false, "256 KiB take 4 s at 64 KiB/s"},
		{5 * time.Second, true, "and the timeout is for each 256 KiB"},
	} {
		synctest.Test(t, func(t *testing.T) {
			opts := response.Options{WriteTimeout: tt.timeout}
			got := serveLimited(t.Context(), 64<<10, files.NewContentFile(rows(1<<20), "a.txt"), opts)
			if (got.Ending == response.Complete) != tt.complete {
				t.Errorf("a WriteTimeout of %v: %+v: %s", tt.timeout, got, tt.reason)
			}
		})
	}
}
