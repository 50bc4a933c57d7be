package cache_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// Whatever fails about the bucket costs work, and never an answer.
func TestBucketFails(t *testing.T) {
	errDown := errors.New("the bucket is down")
	content := lines(50_000)
	hang := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	readingFails := func(after int64, failure func(context.Context) error) func(context.Context, fs.File) (fs.File, error) {
		return func(ctx context.Context, f fs.File) (fs.File, error) {
			return reading{f, func(_ []byte, at int64) error {
				if at >= after {
					return failure(ctx)
				}
				return nil
			}, new(int64)}, nil
		}
	}
	fails := func(context.Context) error { return errDown }
	panics := func(context.Context) error { panic("a bug") }
	for _, tt := range []struct {
		reason string
		object string // that is there
		bucket *shelf
		sized  bool
		lines  int // that are logged
	}{
		{"it cannot be opened", content, &shelf{open: func(context.Context, fs.File) (fs.File, error) { return nil, errDown }}, false, 1},
		{"it does not answer", content, &shelf{open: func(ctx context.Context, _ fs.File) (fs.File, error) { return nil, hang(ctx) }}, false, 1},
		{"reading fails at once", content, &shelf{open: readingFails(0, fails)}, false, 1},
		{"reading fails midway", content, &shelf{open: readingFails(100_000, fails)}, false, 1},
		{"the same, with a size and at its last byte", content, &shelf{open: readingFails(450_000, fails)}, true, 1},
		{"reading hangs midway", content, &shelf{open: readingFails(100_000, hang)}, false, 1},
		{"reading panics midway", content, &shelf{open: readingFails(100_000, panics)}, false, 1},
		{"the object ends early", content, &shelf{open: readingFails(100_000, func(context.Context) error { return io.EOF })}, false, 1},
		{"it has another size than is declared", content[10:], &shelf{}, true, 1},
		{"nothing can be put there", "", &shelf{put: fails}, false, 1},
		{"putting hangs", "", &shelf{put: hang}, false, 1},
		{"putting panics", "", &shelf{put: panics}, false, 1},
		{"it is empty", "", &shelf{}, false, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			g := &recipe{content: content, sized: tt.sized}
			tt.bucket.objects = make(fstest.MapFS)
			if tt.object != "" {
				name := objectName(t, g)
				tt.bucket.objects[name] = &fstest.MapFile{Data: []byte(tt.object), ModTime: time.Now()}
			}
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				c := cacheIn(t, dir)
				c.Bucket = tt.bucket
				var readers sync.WaitGroup
				for range 2 {
					f := mustFile(t, c, t.Context(), "k", g)
					readers.Go(func() {
						if got, err := io.ReadAll(f); err != nil || string(got) != content {
							t.Errorf("got %d bytes that are not the content, %v", len(got), err)
						}
					})
				}
				readers.Wait()
				c.Settle()
				if got := g.runs.Load(); got != 1 {
					t.Errorf("%d runs, want one", got)
				}
				if got := count(logs, "bucket"); got != tt.lines {
					t.Errorf("%d lines in the log, want %d:\n%v", got, tt.lines, logs)
				}
				if got := take(t, c, "k", g); got != content || g.runs.Load() != 1 {
					t.Errorf("then: %d runs, %d bytes", g.runs.Load(), len(got))
				}
			})
		})
	}
}

// objectName returns the name that the copy of g for "k" has in a bucket.
func objectName(t *testing.T, g *recipe) string {
	t.Helper()
	c := newCache(t)
	take(t, c, "k", &recipe{content: g.content, etag: g.etag, sized: g.sized})
	names, _ := copiesIn(t, c)
	return cache.ObjectName(names[0])
}

// Half of one version is never joined to half of another.
func TestBucketFailsAndTheBytesDiffer(t *testing.T) {
	logs := servertest.CaptureLog(t)
	bucket := new(shelf)
	one := newCache(t)
	one.Bucket = bucket
	old := &recipe{content: lines(50_000)}
	take(t, one, "k", old)
	bucket.open = func(_ context.Context, f fs.File) (fs.File, error) {
		return reading{f, func(_ []byte, at int64) error {
			if at >= 50_000 {
				return errLost
			}
			return nil
		}, new(int64)}, nil
	}
	for reason, content := range map[string]string{
		"a byte of what is there": old.content[:49_999] + "x" + old.content[50_000:],
		"it is shorter than that": old.content[:49_999],
	} {
		other := newCache(t)
		other.Bucket = bucket
		f := mustFile(t, other, t.Context(), "k", &recipe{content: content})
		if got, err := io.ReadAll(f); err == nil {
			t.Errorf("%s: got %d bytes, and no error", reason, len(got))
		}
		f.Close()
		other.Settle()
		if names, _ := copiesIn(t, other); len(names) > 0 {
			t.Errorf("%s: kept: %q", reason, names)
		}
	}
	if n := count(logs, "does not make the bytes"); n != 2 {
		t.Errorf("logged %d times, want twice:\n%v", n, logs)
	}
}
