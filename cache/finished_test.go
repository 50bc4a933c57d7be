package cache_test

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
)

// validators are what an answer says of the version, and whether it has ranges.
func validators(h http.Header) []string {
	return []string{h.Get("Etag"), h.Get("Last-Modified"), h.Get("Accept-Ranges")}
}

// The validators of a finished copy are the generator's, or a tag that is made of
// the bytes; and they are the same after a restart.
func TestValidators(t *testing.T) {
	modTime := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
	const date = "Thu, 29 Feb 2024 12:00:00 GMT"
	for _, tt := range []struct {
		reason  string
		etag    string
		modTime time.Time
		tag     string // "": made of the bytes
		date    string
	}{
		{"both are the generator's", `"v1"`, modTime, `"v1"`, date},
		{"the generator has a tag only", `"v1"`, time.Time{}, `"v1"`, ""},
		{"a weak one stays weak", `W/"v1"`, time.Time{}, `W/"v1"`, ""},
		{"the generator has a time only", "", modTime, "", date},
		{"it has neither", "", time.Time{}, "", ""},
		{"1980 is no time", "", time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC), "", ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			c := newCache(t)
			g := &recipe{content: lines(1000), etag: tt.etag}
			g.file = func(f *files.VirtualFile) { f.ModTime = tt.modTime }
			srv := serve(t, "HTTP1", c, g)
			fresh := get(t, srv, t.Context(), "/")
			if body, err := io.ReadAll(fresh.Body); err != nil || string(body) != g.content {
				t.Fatalf("%d bytes, %v", len(body), err)
			}
			if diff := cmp.Diff([]string{tt.etag, tt.date, "none"}, validators(fresh.Header)); diff != "" {
				t.Errorf("while it grows (-want +got):\n%s", diff)
			}
			// No waiting here: what comes after the end of the first download
			// finds the whole.
			now := get(t, srv, t.Context(), "/", "Range", "bytes=-10")
			tag := now.Header.Get("Etag")
			want := []string{tt.tag, tt.date, "bytes"}
			if tt.tag == "" {
				want[0] = tag
				if len(tag) < 20 || !strings.HasPrefix(tag, `"`) {
					t.Errorf("ETag %s, want a strong one", tag)
				}
			}
			if diff := cmp.Diff(want, validators(now.Header)); diff != "" {
				t.Errorf("at its end (-want +got):\n%s", diff)
			}
			srv.Close()
			c.Settle()

			restarted := cacheIn(t, c.Root().Name())
			for i, c := range []*cache.Cache{c, restarted} {
				srv := serve(t, "HTTP1", c, g)
				resp := get(t, srv, t.Context(), "/", "Range", "bytes=9980-", "If-Range", tag)
				body, err := io.ReadAll(resp.Body)
				wantStatus := http.StatusPartialContent
				if strings.HasPrefix(tag, "W/") {
					wantStatus = http.StatusOK // not to be stitched
				} else if string(body) != "000000998\n000000999\n" || err != nil {
					t.Errorf("cache %d: the rest is %q, %v", i, body, err)
				}
				if got := resp.Header.Get("Etag"); resp.StatusCode != wantStatus || got != tag {
					t.Errorf("cache %d: %s, ETag %s, want %s", i, resp.Status, got, tag)
				}
				held := do(t, srv, t.Context(), http.MethodGet, "/", "If-None-Match", tag)
				if held.StatusCode != http.StatusNotModified {
					t.Errorf("cache %d: %s for a client that has it, want 304", i, held.Status)
				}
			}
			if got := g.runs.Load(); got != 1 {
				t.Errorf("%d runs, want 1", got)
			}
		})
	}
}

// A finished copy is a file of the operating system, for whoever unwraps it.
func TestFinishedCopyIsOnDisk(t *testing.T) {
	c := newCache(t)
	modTime := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
	g := &recipe{content: lines(1000), name: "orders.csv"}
	g.file = func(f *files.VirtualFile) { f.ModTime, f.ContentType = modTime, "text/x-orders" }
	if _, err := io.ReadAll(mustFile(t, c, t.Context(), "k", g)); err != nil {
		t.Fatal(err)
	}
	f := mustFile(t, c, t.Context(), "k", g) // at once
	onDisk, ok := f.(interface{ Unwrap() fs.File }).Unwrap().(*os.File)
	if !ok {
		t.Fatalf("%T does not unwrap to an os.File", f)
	}
	content, err := os.ReadFile(onDisk.Name())
	if err != nil || string(content) != g.content {
		t.Errorf("%s has %d bytes that are not the content, %v", onDisk.Name(), len(content), err)
	}
	info, err := onDisk.Stat()
	if err != nil || !info.ModTime().Equal(modTime) {
		t.Errorf("its time is %v, %v, want the generator's", info.ModTime(), err)
	}
	info, err = f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	contentType, _ := info.(files.ContentTyper).ContentType(t.Context())
	got := []any{info.Name(), info.Size(), info.Mode(), info.ModTime(), contentType}
	want := []any{"orders.csv", int64(len(g.content)), fs.FileMode(0o444), modTime, "text/x-orders"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
}

// A disk that takes long holds nobody up: who comes when all is there has all that
// a finished copy has, but the file on disk.
func TestSlowDisk(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: lines(1000)}
	first := mustFile(t, c, t.Context(), "/", g)
	if _, err := io.ReadFull(first, make([]byte, 1)); err != nil { // the directory was looked at
		t.Fatal(err)
	}
	release := c.HoldDisk()
	if _, err := io.ReadAll(first); err != nil {
		t.Fatal(err)
	}
	srv := serve(t, "HTTP1", c, g)
	resp := get(t, srv, t.Context(), "/", "Range", "bytes=-10,0-9")
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusPartialContent || !contains(body, "000000999\n", "000000000\n") {
		t.Errorf("%s, %q, %v", resp.Status, body, err)
	}
	release()
	c.Settle()
	kept := get(t, srv, t.Context(), "/")
	if diff := cmp.Diff(validators(kept.Header), validators(resp.Header)); diff != "" || g.runs.Load() != 1 {
		t.Errorf("%d runs; once it is stored (-then +before):\n%s", g.runs.Load(), diff)
	}
}

// A copy whose generator declares an old time is never taken for what a crash has
// left.
func TestOldContentIsNoOrphan(t *testing.T) {
	c := newCache(t)
	g, openGate := gated(lines(100))
	g.file = func(f *files.VirtualFile) { f.ModTime = time.Date(2001, time.September, 9, 1, 46, 40, 0, time.UTC) }
	f := mustFile(t, c, t.Context(), "k", g)
	if _, err := io.ReadFull(f, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	release := c.HoldDisk()
	openGate()
	if rest, err := io.ReadAll(f); err != nil || string(rest) != g.content[10:] {
		t.Errorf("got %d bytes that are not the rest, %v", len(rest), err)
	}
	for range 100 {
		sweeps := mustNew(c.Root(), cache.Options{})
		defer sweeps.Close()
		mustFile(t, sweeps, t.Context(), "other", g)
	}
	release()
	c.Settle()
	if names, _ := copiesIn(t, c); len(names) != 1 {
		t.Errorf("kept: %q, want one", names)
	}
}
