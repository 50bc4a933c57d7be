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

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/cache"
)

// shelf is a bucket in memory.
type shelf struct {
	mu      sync.Mutex
	objects fstest.MapFS

	// What goes wrong; nil: nothing.
	open   func(ctx context.Context, f fs.File) (fs.File, error)
	put    func(ctx context.Context) error
	remove func() error
	ask    func(ctx context.Context) error // of any question
	page   func(ctx context.Context) error // of removing a hundred
}

var _ cache.Bucket = (*shelf)(nil)

func (s *shelf) Open(ctx context.Context, name string) (fs.File, error) {
	if s.ask != nil {
		if err := s.ask(ctx); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.objects.Open(name)
	if err == nil && s.open != nil {
		return s.open(ctx, f)
	}
	return f, err
}

func (s *shelf) Put(ctx context.Context, name string, content io.Reader, size int64) error {
	if s.put != nil {
		if err := s.put(ctx); err != nil {
			return err
		}
	}
	data, err := io.ReadAll(content)
	if err == nil && int64(len(data)) != size {
		err = io.ErrUnexpectedEOF
	}
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

func (s *shelf) Remove(ctx context.Context, prefix string) (more bool, err error) {
	if s.remove != nil {
		return false, s.remove()
	}
	if s.page != nil {
		if err := s.page(ctx); err != nil {
			return false, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	removed := 0
	maps.DeleteFunc(s.objects, func(name string, _ *fstest.MapFile) bool {
		if !strings.HasPrefix(name, prefix) || removed == 100 {
			return false
		}
		removed++
		return true
	})
	return removed == 100, nil
}

// contents returns the contents of all objects.
func (s *shelf) contents() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		data := s.objects[name].Data
		if strings.HasPrefix(name, "copies/") {
			data = data[cache.HeaderSize:]
		}
		all = append(all, string(data))
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
		c := newCache(t, cache.Options{Bucket: bucket})
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
	one := newCache(t, cache.Options{Bucket: bucket})
	take(t, one, "k", g)
	gate := make(chan struct{})
	fetches := 0
	bucket.open = func(_ context.Context, f fs.File) (fs.File, error) {
		fetches++
		return reading{f, func(_ []byte, at int64) error {
			if at > 50_000 {
				<-gate
			}
			return nil
		}, new(int64)}, nil
	}
	other := newCache(t, cache.Options{Bucket: bucket})
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

// MaxAge counts from when the copy was made, wherever that was.
func TestBucketMaxAge(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) { // all sleeping is by its clock
		bucket := new(shelf)
		g := &recipe{content: lines(100)}
		c := cacheIn(t, one, cache.Options{Bucket: bucket, MaxAge: time.Hour})
		take(t, c, "k", g)
		time.Sleep(40 * time.Minute)
		elsewhere := cacheIn(t, other, cache.Options{Bucket: bucket, MaxAge: time.Hour})
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
	c := newCache(t, cache.Options{Bucket: bucket})
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
	c := newCache(t, cache.Options{Bucket: bucket})
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

// What is fetched while Remove is at work is from before it, and does not stay.
func TestBucketRemoveWhileItIsFetched(t *testing.T) {
	bucket := new(shelf)
	one, other := newCache(t, cache.Options{Bucket: bucket}), newCache(t, cache.Options{Bucket: bucket})
	old := &recipe{content: "old"}
	take(t, one, "k", old)
	bucket.remove = func() error {
		bucket.remove = nil
		if got := take(t, other, "k", old); got != "old" || other.Stats().Fetched != 1 {
			t.Errorf("got %q, %+v, want what is in the bucket", got, other.Stats())
		}
		_, err := bucket.Remove(t.Context(), "")
		return err
	}
	if err := other.Remove("k"); err != nil {
		t.Error(err)
	}
	if got := take(t, other, "k", &recipe{content: "new"}); got != "new" {
		t.Errorf("after Remove: got %q", got)
	}
}
