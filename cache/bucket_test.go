package cache_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/google/go-cmp/cmp"
)

// shelf is a bucket in memory.
type shelf struct {
	mu      sync.Mutex
	objects fstest.MapFS

	// What goes wrong; nil: nothing.
	open   func(ctx context.Context, f fs.File) (fs.File, error)
	put    func(ctx context.Context) error
	remove func() error
}

var _ cache.Bucket = (*shelf)(nil)

func (s *shelf) Open(ctx context.Context, name string) (fs.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.objects.Open(name)
	if err == nil && s.open != nil {
		return s.open(ctx, f)
	}
	return f, err
}

func (s *shelf) Put(ctx context.Context, name string, content io.Reader) error {
	if s.put != nil {
		if err := s.put(ctx); err != nil {
			return err
		}
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = make(fstest.MapFS)
	}
	if s.objects[name] == nil {
		s.objects[name] = &fstest.MapFile{Data: data, ModTime: time.Now()}
	}
	return nil
}

func (s *shelf) Remove(_ context.Context, prefix string) error {
	if s.remove != nil {
		return s.remove()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.objects, func(name string, _ *fstest.MapFile) bool { return strings.HasPrefix(name, prefix) })
	return nil
}

// contents returns the contents of all objects.
func (s *shelf) contents() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		all = append(all, string(s.objects[name].Data))
	}
	return all
}

// What one machine has generated, another one takes from the bucket; and its tag
// is the same there.
func TestBucket(t *testing.T) {
	bucket := new(shelf)
	g := &recipe{content: lines(50_000)}
	var tags []string
	for range 3 { // machines
		c := newCache(t)
		c.Bucket = bucket
		if got := take(t, c, "k", g); got != g.content {
			t.Errorf("got %d bytes that are not the content", len(got))
		}
		srv := serve(t, "HTTP1", c, g)
		take(t, c, "/", g)
		tags = append(tags, get(t, srv, t.Context(), "/").Header.Get("Etag"))
	}
	if got := g.runs.Load(); got != 2 {
		t.Errorf("%d runs for two keys, on three machines", got)
	}
	if len(tags[0]) < 20 || tags[0] != tags[1] || tags[0] != tags[2] {
		t.Errorf("tags: %q, want the same", tags)
	}
	if got := bucket.contents(); len(got) != 2 || got[0] != g.content || got[1] != g.content {
		t.Errorf("%d objects in the bucket, want two", len(got))
	}
}

// While a copy comes from the bucket, everybody reads it, as one that is
// generated.
func TestBucketOneFetchForAll(t *testing.T) {
	bucket := new(shelf)
	g := &recipe{content: lines(50_000)}
	one := newCache(t)
	one.Bucket = bucket
	take(t, one, "k", g)
	gate := make(chan struct{})
	fetches := 0
	bucket.open = func(_ context.Context, f fs.File) (fs.File, error) {
		fetches++
		return reading{f, func(_ []byte, at int64) error {
			if at > 0 {
				<-gate
			}
			return nil
		}, new(int64)}, nil
	}
	other := newCache(t)
	other.Bucket = bucket
	var readers [3]fs.File
	for i := range readers {
		readers[i] = mustFile(t, other, t.Context(), "k", g)
		if _, err := io.CopyN(io.Discard, readers[i], 10); err != nil {
			t.Fatal(err)
		}
	}
	close(gate)
	for _, f := range readers {
		if rest, err := io.ReadAll(f); err != nil || string(rest) != g.content[10:] {
			t.Errorf("got %d bytes that are not the rest, %v", len(rest), err)
		}
	}
	other.Settle()
	if s := other.Stats(); fetches != 1 || g.runs.Load() != 1 || s.Fetched != 1 || s.Misses != 1 || s.Joined != 2 {
		t.Errorf("%d fetches, %d runs, %+v", fetches, g.runs.Load(), s)
	}
}

// reading is a file that asks before it is read at a position.
type reading struct {
	fs.File
	ask func(p []byte, at int64) error
	at  *int64
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ask(p, *r.at); err != nil {
		return 0, err
	}
	n, err := r.File.Read(p[:min(len(p), 50_000)])
	*r.at += int64(n)
	return n, err
}

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
		{"the object ends early", content, &shelf{open: readingFails(100_000, func(context.Context) error { return io.EOF })}, false, 1},
		{"it has another size than is declared", content[10:], &shelf{}, true, 1},
		{"nothing can be put there", "", &shelf{put: fails}, false, 1},
		{"putting hangs", "", &shelf{put: hang}, false, 1},
		{"it is empty", "", &shelf{}, false, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := captureLogs(t)
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
				if got := logs.count("bucket"); got != tt.lines {
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
	logs := captureLogs(t)
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
	if n := logs.count("does not make the bytes"); n != 2 {
		t.Errorf("logged %d times, want twice:\n%v", n, logs)
	}
}

// MaxAge counts from when the copy was made, wherever that was.
func TestBucketMaxAge(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		bucket := new(shelf)
		g := &recipe{content: lines(100)}
		c := cacheIn(t, one)
		c.Bucket, c.MaxAge = bucket, time.Hour
		take(t, c, "k", g)
		time.Sleep(40 * time.Minute)
		elsewhere := cacheIn(t, other)
		elsewhere.Bucket, elsewhere.MaxAge = bucket, time.Hour
		take(t, elsewhere, "k", g)
		if got := g.runs.Load(); got != 1 {
			t.Errorf("%d runs, want one", got)
		}
		time.Sleep(20 * time.Minute)
		take(t, elsewhere, "k", g)
		take(t, c, "k", g) // from the bucket
		if got := g.runs.Load(); got != 2 {
			t.Errorf("%d runs after an hour, want two", got)
		}
	})
}

func TestBucketRemove(t *testing.T) {
	bucket := new(shelf)
	c := newCache(t)
	c.Bucket = bucket
	take(t, c, "a", &recipe{content: "a"})
	take(t, c, "b", &recipe{content: "b"})
	bucket.objects["mine"] = &fstest.MapFile{Data: []byte("mine")}
	if err := c.Remove("a"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"b", "mine"}, bucket.contents()); diff != "" {
		t.Errorf("after Remove (-want +got):\n%s", diff)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"mine"}, bucket.contents()); diff != "" {
		t.Errorf("after Clear (-want +got):\n%s", diff)
	}
	bucket.remove = func() error { return errLost }
	if err := c.Remove("a"); !errors.Is(err, errLost) {
		t.Errorf("Remove: got %v, want %v", err, errLost)
	}
}

// A copy that is removed while it is put into the bucket does not stay there.
func TestBucketRemoveWhileItIsPut(t *testing.T) {
	removed := make(chan struct{})
	putting := make(chan struct{})
	bucket := &shelf{put: func(context.Context) error {
		close(putting)
		<-removed
		return nil
	}}
	c := newCache(t)
	c.Bucket = bucket
	f := mustFile(t, c, t.Context(), "k", &recipe{content: "old"})
	if _, err := io.ReadAll(f); err != nil {
		t.Fatal(err)
	}
	<-putting
	if err := c.Remove("k"); err != nil {
		t.Error(err)
	}
	close(removed)
	c.Settle()
	if got := bucket.contents(); len(got) > 0 {
		t.Errorf("in the bucket: %q", got)
	}
}
