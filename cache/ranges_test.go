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
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
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
		servertest.CaptureLog(t)
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
		if _, err := io.Copy(&got, f); err != nil || got.String() != "xxxxxx" {
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
			servertest.CaptureLog(t)
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
