package cache_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	"github.com/google/go-cmp/cmp"
)

func contains(body []byte, parts ...string) bool {
	for _, part := range parts {
		if !bytes.Contains(body, []byte(part)) {
			return false
		}
	}
	return true
}

// While the copy grows, ranges are answered as soon as their bytes are there, if
// size and strong tag were declared.
func TestRangesWhileItGrows(t *testing.T) {
	content := lines(50_000)
	half := len(content) / 2
	overEachProtocol(t, func(t *testing.T, protocol string) {
		for _, tt := range []struct {
			reason string
			sized  bool
			etag   string
			ranges string
			status int
			want   string
			early  bool // answered before the second half is there
		}{
			{"its end is there already", true, `"v1"`, "bytes=1000-1009", 206, "000000100\n", true},
			{"it comes", true, `"v1"`, "bytes=249990-250009", 206, "000024999\n000025000\n", false},
			{"the end of the content", true, `"v1"`, "bytes=-10", 206, "000049999\n", false},
			{"all but the beginning", true, `"v1"`, "bytes=1000-", 206, content[1000:], false},
			{"no tag", true, "", "bytes=1000-1009", 200, content, false},
			{"a weak tag", true, `W/"v1"`, "bytes=1000-1009", 200, content, false},
			{"no size", false, `"v1"`, "bytes=1000-1009", 200, content, false},
		} {
			t.Run(tt.reason, func(t *testing.T) {
				c := newCache(t)
				g, openGate := gated(content)
				g.sized, g.etag = tt.sized, tt.etag
				srv := serve(t, protocol, c, g)
				first := get(t, srv, t.Context(), "/")
				if _, err := io.CopyN(io.Discard, first.Body, int64(half-100_000)); err != nil {
					t.Fatal(err)
				}
				if !tt.early {
					go func() {
						until(t, "it has joined", func() bool { return c.Stats().Joined == 1 })
						openGate()
					}()
				}
				resp := get(t, srv, t.Context(), "/", "Range", tt.ranges)
				body, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != tt.status || string(body) != tt.want {
					t.Errorf("%s, %d bytes, %v, want %d, %d bytes", resp.Status, len(body), err, tt.status, len(tt.want))
				}
				openGate()
				if rest, err := io.ReadAll(first.Body); err != nil || string(rest) != content[half-100_000:] {
					t.Errorf("the first got %d bytes that are not the rest, %v", len(rest), err)
				}
				if got := g.runs.Load(); got != 1 {
					t.Errorf("%d runs, want 1", got)
				}
			})
		}
	})
}

// A range with the end of a content that turns out to be longer is not whole,
// though all bytes of it were there.
func TestRangeOfAWrongLength(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, protocol string) {
		captureLogs(t)
		c := newCache(t)
		g := &recipe{content: lines(50_000), etag: `"v1"`, sized: true}
		g.produce = func(_ context.Context, w io.Writer) error {
			if err := inPieces(w, g.content); err != nil {
				return err
			}
			for c.Stats().Joined == 0 { // somebody else reads as well
				runtime.Gosched()
			}
			_, err := io.WriteString(w, "x")
			return err
		}
		f := mustFile(t, c, t.Context(), "/", g)
		if _, err := io.CopyN(io.Discard, f, int64(len(g.content)-1)); err != nil {
			t.Fatal(err)
		}
		srv := serve(t, protocol, c, g)
		resp, err := srv.Client().Do(request(t, srv, t.Context(), http.MethodGet, "/", "Range", "bytes=-10"))
		if err != nil {
			return // HTTP/2 may say so at once
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err == nil && resp.StatusCode == http.StatusPartialContent {
			t.Errorf("%s with %q, and no error", resp.Status, body)
		}
	})
}

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
			c.Settle()

			restarted := cacheIn(t, c.Root.Name())
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

// HEAD, and a client that has the version, start nothing.
func TestNothingIsStarted(t *testing.T) {
	overEachProtocol(t, func(t *testing.T, protocol string) {
		c := newCache(t)
		modTime := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
		g := &recipe{content: lines(1000), etag: `"v1"`, sized: true}
		g.file = func(f *files.VirtualFile) { f.ModTime = modTime }
		srv := serve(t, protocol, c, g)
		for _, tt := range []struct {
			reason string
			method string
			fields []string
			status int
		}{
			{"HEAD", http.MethodHead, nil, 200},
			{"the client has the version, by its tag", http.MethodGet, []string{"If-None-Match", `"v1"`}, 304},
			{"the same, by its date", http.MethodGet, []string{"If-Modified-Since", modTime.Format(http.TimeFormat)}, 304},
			{"it wants another", http.MethodGet, []string{"If-Match", `"v2"`}, 412},
			{"or what is not there", http.MethodGet, []string{"Range", "bytes=10000-"}, 416},
		} {
			if resp := do(t, srv, t.Context(), tt.method, "/", tt.fields...); resp.StatusCode != tt.status {
				t.Errorf("%s: %s, want %d", tt.reason, resp.Status, tt.status)
			}
		}
		srv.Close()
		if g.runs.Load() != 0 || g.opened.Load() != 5 || g.closed.Load() != 5 {
			t.Errorf("%d runs, opened %d, closed %d, want 0, 5, 5", g.runs.Load(), g.opened.Load(), g.closed.Load())
		}
		if s := c.Stats(); s != (cache.Stats{}) {
			t.Errorf("%+v, want nothing", s)
		}
	})
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
	onDisk, ok := f.(files.Unwrapper).Unwrap().(*os.File)
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

func TestFilesAreReaders(t *testing.T) {
	c := newCache(t)
	g := &recipe{content: lines(100), sized: true, etag: `"v1"`}
	for _, state := range []string{"growing", "kept", "direct"} {
		if state == "direct" {
			c.Close()
			if err := c.Clear(); err != nil {
				t.Fatal(err)
			}
		}
		f := mustFile(t, c, t.Context(), "k", g)
		if state == "direct" { // which can be read forwards, once
			if got, err := io.ReadAll(iotest.OneByteReader(f)); string(got) != g.content || err != nil {
				t.Errorf("%s: %q, %v", state, got, err)
			}
			continue
		}
		if err := iotest.TestReader(f, []byte(g.content)); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		f.Close()
		c.Settle()
	}
}

// What a struct that embeds an os.File reads is what counts, not what the file's
// other methods would.
func TestOwnRead(t *testing.T) {
	path := t.TempDir() + "/secret.txt"
	if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(context.Context) (fs.File, error) {
		f, err := os.Open(path)
		return redacted{f}, err
	}
	c := newCache(t)
	for _, state := range []string{"growing", "kept", "direct"} {
		key := "k"
		if state == "direct" {
			c.Close()
			key = "another"
		}
		f, err := c.File(t.Context(), key, open)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if _, err := f.(io.WriterTo).WriteTo(&got); err != nil || got.String() != "xxxxxx" {
			t.Errorf("%s: got %q, %v", state, got.String(), err)
		}
		f.Close()
		c.Settle()
	}
}

type redacted struct{ *os.File }

func (r redacted) Read(p []byte) (int, error) {
	n, err := r.File.Read(p)
	copy(p, strings.Repeat("x", n))
	return n, err
}

// A view of copies is a good download, while they grow and when they are kept.
func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		reason string
		g      *recipe
		keys   func(n int) string
		opts   []downloadtest.Option
	}{
		{"one copy", &recipe{content: lines(1000)}, func(int) string { return "k" }, nil},
		{"a copy for each request", &recipe{content: lines(1000)}, strconv.Itoa, nil},
		{"the same with ranges", &recipe{content: lines(1000), sized: true, etag: `"v1"`}, strconv.Itoa,
			[]downloadtest.Option{downloadtest.Ranges(true)}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			captureLogs(t)
			c := newCache(t)
			if tt.keys(1) == tt.keys(2) {
				take(t, c, "k", tt.g)
			}
			var n atomic.Int64
			downloadtest.TestView(t, views.FileFunc(func(r *http.Request) (fs.File, error) {
				return c.File(r.Context(), tt.keys(int(n.Add(1))), tt.g.open)
			}), tt.opts...)
		})
	}
}
