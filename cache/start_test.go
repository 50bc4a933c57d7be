package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

func TestNew(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, tt := range []struct {
		reason string
		root   *os.Root
		opts   cache.Options
	}{
		{"no root", nil, cache.Options{}},
		{"a negative bound", root, cache.Options{MaxBytes: -1}},
		{"a negative age", root, cache.Options{MaxAge: -1}},
	} {
		if c, err := cache.New(tt.root, tt.opts); c != nil || err == nil {
			t.Errorf("%s: got %v, %v", tt.reason, c, err)
		}
	}
}

// How it stands with a key, from before its run to a failure; and that asking is no
// use of the copy and opens nothing.
func TestStartAndStatus(t *testing.T) {
	servertest.CaptureLog(t)
	c := newCache(t, cache.Options{Linger: 1})
	check := func(when string, want cache.Status) {
		t.Helper()
		got := c.Status("k")
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(cache.Status{}, "Began", "Ended"), cmpopts.EquateErrors()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		running := want.State == cache.Running || want.State == cache.Failed
		ended := want.State == cache.Kept || want.State == cache.Failed
		if time.Since(got.Began) < time.Minute != running || time.Since(got.Ended) < time.Minute != ended {
			t.Errorf("%s: began %v, ended %v", when, got.Began, got.Ended)
		}
	}
	start := func(g *recipe) {
		t.Helper()
		if err := c.Start(t.Context(), "k", g.open); err != nil {
			t.Fatal(err)
		}
	}
	check("before", cache.Status{Size: -1})
	g, openGate := gated(lines(10_000))
	start(g)
	until(t, "half is there", func() bool { return c.Status("k").Bytes == 50_000 })
	check("halfway", cache.Status{State: cache.Running, Bytes: 50_000, Size: -1})
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
		t.Fatal(err)
	}
	check("with a reader", cache.Status{State: cache.Running, Bytes: 50_000, Size: -1, Readers: 1})
	start(g)
	f.Close()
	openGate()
	c.Settle()
	start(g)
	for range 3 {
		check("at its end", cache.Status{State: cache.Kept, Bytes: 100_000, Size: 100_000})
	}
	if s := c.Stats(); s.Hits != 0 || s.Misses != 1 || g.runs.Load() != 1 || g.closed.Load() != g.opened.Load() {
		t.Errorf("%+v, %d runs; asking counts as a use", s, g.runs.Load())
	}

	bad := &recipe{etag: `"v2"`, produce: func(_ context.Context, w io.Writer) error {
		io.WriteString(w, "half")
		return errLost
	}}
	start(bad)
	c.Settle()
	check("failed", cache.Status{State: cache.Failed, Bytes: 4, Size: -1, Err: errLost})
	gate := make(chan struct{})
	slow := &recipe{etag: `"v2"`, produce: func(context.Context, io.Writer) error { <-gate; return errLost }}
	start(slow)
	check("the next run", cache.Status{State: cache.Running, Size: -1})
	close(gate)
	c.Settle()
	if err := c.Remove("k"); err != nil {
		t.Fatal(err)
	}
	check("removed", cache.Status{Size: -1})
	if err := c.Start(t.Context(), "k", func(context.Context) (fs.File, error) { return nil, errLost }); !errors.Is(err, errLost) {
		t.Errorf("Start, when open fails: %v", err)
	}
	c.Close()
	if err := c.Start(t.Context(), "k", g.open); err == nil {
		t.Error("Start, after Close: no error")
	}
	for state, want := range []string{"none", "running", "kept", "failed"} {
		if got := cache.State(state).String(); got != want {
			t.Errorf("State(%d) is %s, want %s", state, got, want)
		}
	}
}

// A run that a post has started goes on when a download of it comes and goes.
func TestStartGoesOn(t *testing.T) {
	c := newCache(t, cache.Options{Linger: 1})
	g, openGate := gated(lines(10_000))
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context(), "k", g.open); err != nil {
		t.Fatal(err)
	}
	f.Close()
	openGate()
	c.Settle()
	if s := c.Status("k"); s.State != cache.Kept {
		t.Errorf("%+v, want it kept", s)
	}
}

// A sweep that takes long, for so many copies or a slow disk, holds nobody up: not
// New, nor those whose copies it does not look at right now.
func TestSweepHoldsNobodyUp(t *testing.T) {
	l := larder{newCache(t), map[string]*recipe{}}
	l.take(t, "abcdefgh")
	names, _ := copiesIn(t, l.Cache)
	release := l.HoldDir(names[0])
	again := larder{cacheIn(t, l.Root().Name(), cache.Options{}), l.recipes}
	held := 0
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if s := again.Status(key); s.State != cache.Kept {
			t.Errorf("%s: %v, before the sweep", key, s.State)
		}
		done := make(chan struct{})
		go func() {
			f, err := again.File(t.Context(), key, l.recipe(key).open)
			if err != nil {
				t.Error(err)
			} else {
				f.Close()
			}
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(100 * time.Millisecond): // it is the one, or shares its lock
			held++
			defer func() { <-done }()
		}
	}
	if held > 4 {
		t.Errorf("%d of 8 wait for the sweep", held)
	}
	release()
}

// Clear has patience for each step of the bucket, and not for all.
func TestClearOfALargeBucket(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		bucket := &shelf{objects: fstest.MapFS{}}
		for i := range 3000 {
			bucket.objects[fmt.Sprintf("copies/%d", i)] = &fstest.MapFile{}
		}
		bucket.page = func(ctx context.Context) error {
			select {
			case <-time.After(100 * 30 * time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		c := cacheIn(t, dir, cache.Options{Bucket: bucket})
		if err := c.Clear(); err != nil || len(bucket.objects) > 0 {
			t.Errorf("%v, %d objects left", err, len(bucket.objects))
		}
	})
}

// A few uploads run at a time. What a killed process did not upload the next one
// does; what the bucket has is not uploaded again.
func TestUploads(t *testing.T) {
	servertest.CaptureLog(t)
	dir := t.TempDir()
	down := &shelf{put: func(context.Context) error { return errLost }}
	one := cacheIn(t, dir, cache.Options{Bucket: down})
	for i := range 20 {
		take(t, one, fmt.Sprint(i), &recipe{content: lines(100)})
	}
	if len(down.objects) > 0 {
		t.Fatal("uploaded nevertheless")
	}
	var mu sync.Mutex
	running, most := 0, 0
	up := &shelf{}
	up.put = func(context.Context) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		for range 10 {
			runtime.Gosched()
		}
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	}
	for range 2 {
		again := cacheIn(t, dir, cache.Options{Bucket: up})
		again.Settle()
	}
	if len(up.objects) != 20 || most > 2 {
		t.Errorf("%d objects, %d uploads at a time", len(up.objects), most)
	}
}

// A bucket that does not answer is waited for once, and then not for a while.
func TestBucketIsDown(t *testing.T) {
	servertest.CaptureLog(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		bucket := &shelf{objects: fstest.MapFS{}, put: hang}
		bucket.ask = hang
		c := cacheIn(t, dir, cache.Options{Bucket: bucket})
		begun := time.Now()
		for i := range 10 {
			f := mustFile(t, c, t.Context(), fmt.Sprint(i), &recipe{content: lines(10)})
			if _, err := io.ReadAll(f); err != nil {
				t.Error(err)
			}
			f.Close()
		}
		if took := time.Since(begun); took > cache.FetchPatience {
			t.Errorf("ten misses have waited for %v", took)
		}
	})
}

// A generator whose Close panics keeps no reader in the run.
func TestCloseOfAJoiningGeneratorPanics(t *testing.T) {
	servertest.CaptureLog(t)
	c := newCache(t, cache.Options{Linger: 1})
	g, _ := gated(lines(10_000))
	first := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.CopyN(io.Discard, first, 1000); err != nil {
		t.Fatal(err)
	}
	second, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) {
		return badClose{files.NewVirtualFile(files.NewWriterIO(func(io.Writer) error { return nil }), "content.txt"), func() error { panic(errLost) }}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, second, 1000); err != nil {
		t.Fatal(err)
	}
	second.Close()
	first.Close()
	c.Settle()
	if s := c.Stats(); s.Abandoned != 1 || s.Joined != 1 {
		t.Errorf("%+v, want the run abandoned", s)
	}
}

// Content that alone is larger than MaxBytes is shared by all who ask while it is
// made, and nothing goes for it.
func TestTooLargeIsShared(t *testing.T) {
	servertest.CaptureLog(t)
	l := larder{newCache(t, cache.Options{MaxBytes: 3000}), map[string]*recipe{}}
	for round := range 2 {
		l.take(t, "ab")
		g, openGate := gated(lines(10_000))
		var readers sync.WaitGroup
		for range 50 {
			f := mustFile(t, l.Cache, t.Context(), "large", g)
			if _, err := io.CopyN(io.Discard, f, 10); err != nil {
				t.Fatal(err)
			}
			readers.Go(func() {
				if n, err := io.Copy(io.Discard, f); n != 100_000-10 || err != nil {
					t.Errorf("%d bytes, %v", n, err)
				}
				f.Close()
			})
		}
		openGate()
		readers.Wait()
		l.Settle()
		if s := l.Stats(); g.runs.Load() != 1 || s.Evicted != 0 || s.Copies != 2 {
			t.Errorf("round %d: %d runs, %+v", round, g.runs.Load(), s)
		}
		if s := l.Status("large"); s.State != cache.Failed {
			t.Errorf("round %d: %+v", round, s)
		}
	}
	if err := l.Remove("large"); err != nil {
		t.Fatal(err)
	}
	small := &recipe{content: lines(10)} // under the same identity
	take(t, l.Cache, "large", small)
	take(t, l.Cache, "large", small)
	if small.runs.Load() != 1 {
		t.Error("what was too large once is never kept")
	}
}

// The example's page leads back to itself, whatever is escaped in its path.
func TestExportsLeadBack(t *testing.T) {
	mux := http.NewServeMux()
	g := &recipe{content: "content"}
	Exports{newCache(t), func(ctx context.Context, _ string) (fs.File, error) { return g.open(ctx) }}.Register(mux)
	for _, path := range []string{"/acme/export", "/%2Fother.example/export", "/a%2Fb/export"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("POST", path, nil))
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != path {
			t.Errorf("POST %s: status %d, Location: %s", path, w.Code, got)
		}
	}
}
