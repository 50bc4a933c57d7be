package origin_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
)

const (
	tag  = `"v1"`
	date = "Sat, 14 Mar 2026 15:09:26 GMT"
)

// server is an origin that remembers what it was asked.
type server struct {
	*servertest.Server
	mu    sync.Mutex
	asked []string // "GET Range: bytes=0-4"
}

// newServer returns one that answers by h.
func newServer(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	o := &server{}
	o.Server = servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method
		for _, key := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Range", "If-Range"} {
			if lines, ok := r.Header[key]; ok {
				line += " " + key + ": " + strings.Join(lines, "|")
			}
		}
		o.mu.Lock()
		o.asked = append(o.asked, line)
		o.mu.Unlock()
		h(w, r)
	}))
	transport := o.Client().Transport.(*http.Transport)
	transport.DisableCompression, transport.DisableKeepAlives = false, false // as users have it
	return o
}

func (o *server) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

// open asks o for path on behalf of a client that sent method and header.
func (o *server) open(t *testing.T, method, path string, header http.Header) (*origin.File, error) {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	for key, lines := range header {
		r.Header[key] = lines
	}
	f, err := origin.Open(r, o.URL+path, origin.Options{Client: o.Client()})
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

func mustOpen(t *testing.T, o *server, method, path string, header http.Header) *origin.File {
	t.Helper()
	f, err := o.open(t, method, path, header)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// serve answers with content as net/http does: ranges and conditions included.
func serve(content string) http.HandlerFunc {
	modTime, _ := http.ParseTime(date)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", tag)
		w.Header().Set("Content-Type", "text/plain")
		http.ServeContent(w, r, "", modTime, strings.NewReader(content))
	}
}

// answer answers with status, a body, and header fields given as "Key: value".
func answer(status int, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, field := range fields {
			key, value, _ := strings.Cut(field, ": ")
			w.Header().Add(key, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func canSeek(f *origin.File) bool {
	_, err := f.Seek(0, io.SeekCurrent)
	return !errors.Is(err, errors.ErrUnsupported)
}

func TestOpenTellsWhatTheOriginDoes(t *testing.T) {
	modTime, _ := http.ParseTime(date)
	type told struct {
		Name, ETag, ContentType, Encoding string
		ModTime                           time.Time
		Size                              int64
		Seeks                             bool
		Body                              string
	}
	for _, tt := range []struct {
		reason string
		method string
		path   string
		header http.Header
		origin http.HandlerFunc
		want   told
	}{{
		reason: "all that a 200 tells",
		path:   "/dir/a%20name%25.txt?token=1",
		origin: answer(200, "hello", "ETag: "+tag, "Last-Modified: "+date, "Content-Type: text/csv", "Accept-Ranges: bytes"),
		want:   told{"a name%.txt", tag, "text/csv", "", modTime, 5, true, "hello"},
	}, {
		reason: "HEAD tells the same, and the content is asked for when it is read",
		method: "HEAD",
		path:   "/a",
		origin: serve("hello"),
		want:   told{"a", tag, "text/plain", "", modTime, 5, true, "hello"},
	}, {
		reason: "no length: the size is not known, and no range can be had",
		path:   "/a",
		origin: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Accept-Ranges", "bytes")
			w.Header().Set("Content-Type", "a/b")
			w.Header().Set("Etag", tag)
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			io.WriteString(w, "hello")
		},
		want: told{"a", tag, "a/b", "", time.Time{}, -1, false, "hello"},
	}, {
		reason: "an origin that says nothing of ranges is not asked for one",
		path:   "/a",
		origin: answer(200, "hello", "Content-Type: a/b"),
		want:   told{"a", "", "a/b", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "an origin that ignores a range has none, whatever it says",
		path:   "/a",
		header: http.Header{"Range": {"bytes=1-2"}},
		origin: answer(200, "hello", "Content-Type: a/b", "Accept-Ranges: bytes", "ETag: "+tag),
		want:   told{"a", tag, "a/b", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "unless it had to: If-Range did not match (RFC 9110 §13.1.5)",
		path:   "/a",
		header: http.Header{"Range": {"bytes=1-2"}, "If-Range": {`"v0"`}},
		origin: serve("hello"),
		want:   told{"a", tag, "text/plain", "", modTime, 5, true, "hello"},
	}, {
		reason: "a part: the size is that of the whole, which is there for the asking",
		path:   "/a",
		header: http.Header{"Range": {"bytes=2-3"}},
		origin: serve("hello"),
		want:   told{"a", tag, "text/plain", "", modTime, 5, true, "hello"},
	}, {
		reason: "encoded content is not decoded, and no type is made up for it",
		path:   "/a",
		origin: answer(200, "\x1f\x8b\x08gzip", "Content-Encoding: gzip", "Content-Type: a/b"),
		want:   told{"a", "", "a/b", "gzip", time.Time{}, 7, false, "\x1f\x8b\x08gzip"},
	}, {
		reason: "a type that says nothing: by the name",
		path:   "/a.pdf",
		origin: answer(200, "hello", "Content-Type: application/octet-stream"),
		want:   told{"a.pdf", "", "", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "the same, as buckets have it, in capitals and with a parameter",
		path:   "/a.pdf",
		origin: answer(200, "hello", "Content-Type: Binary/Octet-Stream ; charset=binary"),
		want:   told{"a.pdf", "", "", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "a type that begins like it",
		path:   "/a.pdf",
		origin: answer(200, "hello", "Content-Type: application/octet-stream+json"),
		want:   told{"a.pdf", "", "application/octet-stream+json", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "Last-Modified that is no date",
		path:   "/a",
		origin: answer(200, "hello", "Last-Modified: yesterday", "Content-Type: a/b"),
		want:   told{"a", "", "a/b", "", time.Time{}, 5, false, "hello"},
	}, {
		reason: "an empty file",
		path:   "/dir/",
		origin: serve(""),
		want:   told{"dir", tag, "text/plain", "", modTime, 0, true, ""},
	}} {
		t.Run(tt.reason, func(t *testing.T) {
			if tt.method == "" {
				tt.method = "GET"
			}
			f := mustOpen(t, newServer(t, tt.origin), tt.method, tt.path, tt.header)
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			if wantMode := info.Size() >= 0; info.Mode().IsRegular() != wantMode {
				t.Errorf("mode %v with a size of %d", info.Mode(), info.Size())
			}
			etag, _ := info.(files.ETager).ETag(t.Context())
			contentType, _ := info.(files.ContentTyper).ContentType(t.Context())
			encoding, _ := info.(files.ContentEncoder).ContentEncoding(t.Context())
			seeks := canSeek(f)
			body, err := io.ReadAll(f)
			if err != nil {
				t.Fatal(err)
			}
			got := told{info.Name(), etag, contentType, encoding, info.ModTime(), info.Size(), seeks, string(body)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error("(-want +got):\n" + diff)
			}
		})
	}
}

// roundTripper is a transport of somebody's own.
type roundTripper func(*http.Request) (*http.Response, error)

func (rt roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return rt(r) }

// countingCloser counts how often a body is closed.
type countingCloser struct {
	io.Reader
	n *int
}

func (c countingCloser) Close() error { *c.n++; return nil }

func TestFileClosesEachBodyOnce(t *testing.T) {
	opened, closed := 0, 0
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		opened++
		w := httptest.NewRecorder()
		serve("hello")(w, r)
		resp := w.Result()
		resp.Body = countingCloser{resp.Body, &closed}
		return resp, nil
	})}
	for _, tt := range []struct {
		reason string
		method string
		header http.Header
		bodies int
	}{
		{"the whole", "GET", nil, 1},
		{"a part", "GET", http.Header{"Range": {"bytes=3-4"}}, 2},
		{"HEAD", "HEAD", nil, 2},
		{"416, which does not tell enough", "GET", http.Header{"Range": {"bytes=9-"}, "If-Range": {tag}}, 3},
	} {
		opened, closed = 0, 0
		r := httptest.NewRequest(tt.method, "/", nil)
		r.Header = tt.header
		f, err := origin.Open(r, "http://origin/a", origin.Options{Client: client})
		if err != nil {
			t.Fatal(err)
		}
		seekAndRead(t, f, 2, "l")
		f.Close()
		f.Close()
		if opened != tt.bodies || closed != opened {
			t.Errorf("%s: %d bodies, closed %d times; want %d", tt.reason, opened, closed, tt.bodies)
		}
		if _, err := f.Read(make([]byte, 1)); err != fs.ErrClosed {
			t.Errorf("%s: Read after Close: %v", tt.reason, err)
		}
	}
	opened, closed = 0, 0
	client.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
		opened++
		return &http.Response{StatusCode: 500, Body: countingCloser{&bytes.Buffer{}, &closed}}, nil
	})
	origin.Open(httptest.NewRequest("GET", "/", nil), "http://origin/a", origin.Options{Client: client})
	if opened != 1 || closed != 1 {
		t.Errorf("a refusal: %d bodies, closed %d times", opened, closed)
	}
}

// A file of its own for each request, and one client for all.
func TestOpenConcurrently(t *testing.T) {
	o := newServer(t, serve("hello"))
	client := o.Client()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			r := httptest.NewRequest("GET", "/", nil)
			want := "hello"
			if i%2 == 0 {
				r.Header.Set("Range", "bytes=3-")
				want = "lo"
			}
			f, err := origin.Open(r, o.URL, origin.Options{Client: client})
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			_, err = f.Seek(int64(5-len(want)), io.SeekStart)
			body, readErr := io.ReadAll(f)
			if string(body) != want || err != nil || readErr != nil {
				t.Errorf("read %q, %v, %v; want %q", body, err, readErr, want)
			}
		})
	}
	wg.Wait()
	if client.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}
