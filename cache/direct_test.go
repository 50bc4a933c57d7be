package cache_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// What cannot be kept for want of a directory is sent without the cache.
func TestDirectoryThatCannotBeWritten(t *testing.T) {
	logs := servertest.CaptureLog(t)
	c := newCache(t)
	if err := os.Remove(c.Root().Name()); err != nil {
		t.Fatal(err)
	}
	overEachProtocol(t, func(t *testing.T, protocol string) {
		g := &recipe{content: lines(50_000), sized: true, etag: `"v1"`}
		srv := serve(t, protocol, c, g)
		for range 3 {
			resp := get(t, srv, t.Context(), "/")
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != g.content {
				t.Errorf("got %d bytes that are not the content, %v", len(body), err)
			}
		}
		resp := get(t, srv, t.Context(), "/", "Range", "bytes=1000-1009,2000-2009")
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusPartialContent || !contains(body, "000000100\n", "000000200\n") {
			t.Errorf("ranges: %s, %q, %v", resp.Status, body, err)
		}
		resp = get(t, srv, t.Context(), "/", "Range", "bytes=-10")
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "000049999\n" {
			t.Errorf("the last bytes: %s, %q, %v", resp.Status, body, err)
		}
		if got := g.runs.Load(); got != 5 {
			t.Errorf("%d runs for 5 requests", got)
		}

		ctx, leave := context.WithCancel(t.Context())
		waits, _ := gated(lines(10_000))
		f := mustFile(t, c, ctx, "k", waits)
		if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
			t.Fatal(err)
		}
		leave()
		if _, err := io.Copy(io.Discard, f); !errors.Is(err, context.Canceled) {
			t.Errorf("the generator of a client that has left goes on: %v", err)
		}
	})
	if n := count(logs, "directory was removed"); n != 1 {
		t.Errorf("logged %d times, want once:\n%v", n, logs)
	}
	if s := c.Stats(); s.Bypassed != 12 || s.Misses != 0 {
		t.Errorf("%+v, want 12 that bypassed", s)
	}
}

// Without a copy, too, ReadAt may be called by several goroutines at once.
func TestReadAtOnceWithoutACopy(t *testing.T) {
	servertest.CaptureLog(t)
	c := newCache(t)
	if err := os.Remove(c.Root().Name()); err != nil {
		t.Fatal(err)
	}
	content := lines(10_000)
	f, err := c.File(t.Context(), "k", func(context.Context) (fs.File, error) {
		file := files.NewContentFile(content, "content.txt")
		file.ETag = `"v1"`
		return file, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			p := make([]byte, 10_000)
			off := i * len(p)
			if _, err := f.(io.ReaderAt).ReadAt(p, int64(off)); err != nil || string(p) != content[off:off+len(p)] {
				t.Errorf("at %d: not the content, %v", off, err)
			}
		})
	}
	all.Wait()
}
