package cache_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"

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
	whole := func(data []byte) []byte { return data }
	fails := func(context.Context) error { return errDown }
	longer := func(_ context.Context, f fs.File) (fs.File, error) {
		return lengthened{f, io.MultiReader(f, strings.NewReader("more"))}, nil
	}
	panics := func(context.Context) error { panic("a bug") }
	const rotted = "a bit of it has rotted"
	for _, tt := range []struct {
		reason string
		object func(data []byte) []byte // that is there; nil: none
		bucket *shelf
		sized  bool
		lines  int // that are logged
	}{
		{"it cannot be opened", whole, &shelf{open: func(context.Context, fs.File) (fs.File, error) { return nil, errDown }}, false, 1},
		{"it does not answer", whole, &shelf{open: func(ctx context.Context, _ fs.File) (fs.File, error) { return nil, hang(ctx) }}, false, 1},
		{"reading fails at once", whole, &shelf{open: readingFails(0, fails)}, false, 1},
		{"reading fails midway", whole, &shelf{open: readingFails(100_000, fails)}, false, 1},
		{"the same, with a size and at its last byte", whole, &shelf{open: readingFails(450_000, fails)}, true, 1},
		{"reading hangs midway", whole, &shelf{open: readingFails(100_000, hang)}, false, 1},
		{"reading panics midway", whole, &shelf{open: readingFails(100_000, panics)}, false, 1},
		{"the object ends early", whole, &shelf{open: readingFails(100_000, func(context.Context) error { return io.EOF })}, false, 1},
		{rotted, func(data []byte) []byte { data[300_000] ^= 1; return data }, &shelf{}, true, 1},
		{"it is longer than its Stat says", whole, &shelf{open: longer}, false, 1},
		{"the same, with a size", whole, &shelf{open: longer}, true, 1},
		{"it is no object of a cache", func([]byte) []byte { return []byte("mine") }, &shelf{}, false, 1},
		{"it has another size than is declared", func(data []byte) []byte { return data[:len(data)-10] }, &shelf{}, true, 1},
		{"nothing can be put there", nil, &shelf{put: fails}, false, 1},
		{"putting hangs", nil, &shelf{put: hang}, false, 1},
		{"putting panics", nil, &shelf{put: panics}, false, 1},
		{"it is empty", nil, &shelf{}, false, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			g := &recipe{content: content, sized: tt.sized}
			tt.bucket.objects = make(fstest.MapFS)
			if name, data := object(t, g); tt.object != nil {
				tt.bucket.objects[name] = &fstest.MapFile{Data: tt.object(data)}
			}
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				c := cacheIn(t, dir, cache.Options{Bucket: tt.bucket})
				if tt.reason == rotted {
					// A reader that has had rotten bytes before all are there would be
					// broken off.
					if err := c.Start(t.Context(), "k", g.open); err != nil {
						t.Error(err)
					}
					c.Settle()
				}
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
				// The first sweep may try to put the copy there once more.
				if got := count(logs, "bucket"); got < tt.lines || got > 2*tt.lines || tt.bucket.put == nil && got != tt.lines {
					t.Errorf("%d lines in the log, want %d:\n%v", got, tt.lines, logs)
				}
				if got := take(t, c, "k", g); got != content || g.runs.Load() != 1 {
					t.Errorf("then: %d runs, %d bytes", g.runs.Load(), len(got))
				}
			})
		})
	}
}

// lengthened is a file that has more bytes than its Stat says.
type lengthened struct {
	fs.File
	io.Reader
}

func (f lengthened) Read(p []byte) (int, error) { return f.Reader.Read(p) }

// object returns the object that the copy of g for "k" is in a bucket.
func object(t *testing.T, g *recipe) (name string, data []byte) {
	t.Helper()
	bucket := new(shelf)
	take(t, newCache(t, cache.Options{Bucket: bucket}), "k", &recipe{content: g.content, etag: g.etag, sized: g.sized})
	for name, object := range bucket.objects {
		return name, object.Data
	}
	t.Fatal("nothing was put into the bucket")
	return "", nil
}

// Half of one version is never joined to half of another. After a difference, the
// generator goes without the bucket; and where no reader has had a byte of what came
// from there, it just begins anew.
func TestBucketFailsAndTheBytesDiffer(t *testing.T) {
	old := &recipe{content: lines(50_000)}
	name, data := object(t, old)
	for _, tt := range []struct {
		reason  string
		content string
		had     int64 // bytes that a reader has had when the bucket fails
		broken  bool
	}{
		{"a byte of what a reader has had", old.content[:49_999] + "x" + old.content[50_000:], 50_000, true},
		{"it is shorter than that", old.content[:49_999], 50_000, true},
		{"a byte that no reader has had", old.content[:90_000] + "x" + old.content[90_001:], 50_000, false},
		{"nobody has had a byte", "other", 0, false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			had := make(chan struct{})
			bucket := &shelf{objects: fstest.MapFS{name: &fstest.MapFile{Data: data}}}
			bucket.open = func(_ context.Context, f fs.File) (fs.File, error) {
				return reading{f, func(_ []byte, at int64) error {
					if at < 100_000 {
						return nil
					}
					<-had
					return errLost
				}, new(int64)}, nil
			}
			c := newCache(t, cache.Options{Bucket: bucket})
			g := &recipe{content: tt.content}
			if tt.had == 0 {
				close(had)
				if err := c.Start(t.Context(), "k", g.open); err != nil {
					t.Fatal(err)
				}
				c.Settle()
			}
			f := mustFile(t, c, t.Context(), "k", g)
			head := make([]byte, tt.had)
			if _, err := io.ReadFull(f, head); err != nil {
				t.Fatal(err)
			}
			if tt.had > 0 {
				close(had)
				until(t, "the generator has begun", func() bool { return g.runs.Load() == 1 })
			}
			rest, err := io.ReadAll(f)
			if got := string(head) + string(rest); (err != nil) != tt.broken || err == nil && got != tt.content {
				t.Errorf("got %d bytes, %v; want an error: %v", len(got), err, tt.broken)
			}
			f.Close()
			c.Settle()
			if names, _ := copiesIn(t, c); (len(names) == 0) != tt.broken {
				t.Errorf("kept: %q", names)
			}
			if n := count(logs, "does not make the bytes"); (n == 1) != tt.broken {
				t.Errorf("logged %d times:\n%v", n, logs)
			}
			if got := take(t, c, "k", g); got != tt.content {
				t.Errorf("the next: %d bytes that are not the content", len(got))
			}
		})
	}
}
