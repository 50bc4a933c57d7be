package files_test

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
)

const (
	tag  = `"v1"`
	date = "Sat, 14 Mar 2026 15:09:26 GMT"
)

// origin is a server that remembers what it was asked.
type origin struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // "GET Range: bytes=0-4"
}

// newOrigin returns an origin that answers by h.
func newOrigin(t *testing.T, h http.HandlerFunc) *origin {
	t.Helper()
	o := &origin{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	t.Cleanup(o.Close)
	return o
}

func (o *origin) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

// open asks o for path on behalf of a client that sent method and header.
func (o *origin) open(t *testing.T, method, path string, header http.Header) (*files.HTTPFile, error) {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	for key, lines := range header {
		r.Header[key] = lines
	}
	f, err := files.OpenHTTP(r, o.URL+path, files.HTTPOptions{Client: o.Client()})
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

func mustOpen(t *testing.T, o *origin, method, path string, header http.Header) *files.HTTPFile {
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

func canSeek(f *files.HTTPFile) bool {
	_, err := f.Seek(0, io.SeekCurrent)
	return !errors.Is(err, errors.ErrUnsupported)
}

func TestOpenHTTPTellsWhatTheOriginDoes(t *testing.T) {
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
			f := mustOpen(t, newOrigin(t, tt.origin), tt.method, tt.path, tt.header)
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

func TestOpenHTTPPassesOnConditionsAndOneRange(t *testing.T) {
	conditions := http.Header{
		"If-Match": {tag}, "If-None-Match": {`"v0"`}, "If-Modified-Since": {"Fri, 13 Mar 2026 00:00:00 GMT"},
		"If-Unmodified-Since": {date},
	}
	const passedOn = ` If-Match: "v1" If-None-Match: "v0" If-Modified-Since: Fri, 13 Mar 2026 00:00:00 GMT If-Unmodified-Since: ` + date
	for _, tt := range []struct {
		reason string
		method string
		header http.Header
		want   []string
	}{
		{"nothing but the file", "GET", nil, []string{"GET"}},
		{"HEAD asks HEAD", "HEAD", nil, []string{"HEAD"}},
		{"conditions", "GET", conditions, []string{"GET" + passedOn}},
		{"conditions of HEAD", "HEAD", conditions, []string{"HEAD" + passedOn}},
		{"lines of a list", "GET", http.Header{"If-None-Match": {`"a"`, `"b"`}}, []string{`GET If-None-Match: "a"|"b"`}},
		{"a POST has neither (RFC 9110 §13.2.1, §14.2)", "POST", http.Header{"If-None-Match": {tag}, "Range": {"bytes=0-1"}}, []string{"GET"}},
		{"one range", "GET", http.Header{"Range": {"bytes=1-2"}}, []string{"GET Range: bytes=1-2"}},
		{"units are case-insensitive", "GET", http.Header{"Range": {"Bytes=1-2"}}, []string{"GET Range: bytes=1-2"}},
		{"a suffix, conditionally", "GET", http.Header{"Range": {"bytes=-2"}, "If-Range": {tag}}, []string{`GET Range: bytes=-2 If-Range: "v1"`}},
		{"HEAD has no ranges (§14.2)", "HEAD", http.Header{"Range": {"bytes=1-2"}, "If-Range": {tag}}, []string{"HEAD"}},
		{"If-Range is nothing without Range (§13.1.5)", "GET", http.Header{"If-Range": {tag}}, []string{"GET"}},
		{"many ranges are not for the origin", "GET", http.Header{"Range": {"bytes=0-0,2-2"}, "If-Range": {tag}}, []string{"GET"}},
		{"nor are many lines", "GET", http.Header{"Range": {"bytes=0-0", "bytes=2-2"}}, []string{"GET"}},
		{"nor other units", "GET", http.Header{"Range": {"lines=1-2"}}, []string{"GET"}},
		{"416: once more without, for the validators", "GET", http.Header{"Range": {"bytes=9-"}},
			[]string{"GET Range: bytes=9-", "GET"}},
		{"412: the same", "GET", http.Header{"If-Match": {`"v0"`}}, []string{`GET If-Match: "v0"`, "GET"}},
		{"412 to HEAD: the same with HEAD", "HEAD", http.Header{"If-Match": {`"v0"`}}, []string{`HEAD If-Match: "v0"`, "HEAD"}},
		{"304 is an answer", "GET", http.Header{"If-None-Match": {tag}}, []string{`GET If-None-Match: "v1"`}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, serve("hello"))
			f := mustOpen(t, o, tt.method, "/a", tt.header)
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
			if f.ETag != tag {
				t.Errorf("entity tag %q, want that of the origin", f.ETag)
			}
		})
	}
}

func TestOpenHTTPSendsNothingElse(t *testing.T) {
	got := make(chan http.Header, 1)
	o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) { got <- r.Header })
	mustOpen(t, o, "GET", "/a", http.Header{
		"Cookie": {"session=1"}, "Authorization": {"Bearer 1"}, "Proxy-Authorization": {"Basic 1"}, "Referer": {"http://here/"},
		"Accept": {"text/html"}, "Accept-Encoding": {"gzip"}, "Accept-Language": {"de"}, "X-Forwarded-For": {"1.2.3.4"},
		"Connection": {"close, X-Hop"}, "X-Hop": {"1"}, "Te": {"trailers"}, "User-Agent": {"curl"}, "Cache-Control": {"no-cache"},
		"Range": {"bytes=0-0"},
	})
	want := http.Header{"Accept-Encoding": {"identity"}, "Range": {"bytes=0-0"}, "User-Agent": {"Go-http-client/1.1"}}
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Error("header at the origin (-want +got):\n" + diff)
	}
}

func TestHTTPFileNotModified(t *testing.T) {
	since, _ := http.ParseTime(date)
	o := newOrigin(t, serve("hello"))
	f := mustOpen(t, o, "GET", "/a", http.Header{"If-Modified-Since": {date}})
	if modified, err := f.WasModifiedSince(time.Time{}); modified || err != nil {
		t.Errorf("WasModifiedSince = %v, %v; want the origin's 304", modified, err)
	}
	if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
		t.Errorf("read %q, %v; want the content, which somebody wants after all", body, err)
	}

	// net/http leaves the date out of a 304 that has a tag.
	f = mustOpen(t, o, "GET", "/a", http.Header{"If-None-Match": {tag}})
	if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
		t.Errorf("after If-None-Match: read %q, %v", body, err)
	}

	f = mustOpen(t, o, "GET", "/a", nil)
	if modified, err := f.WasModifiedSince(since.Add(-time.Second)); !modified || err != nil {
		t.Errorf("WasModifiedSince = %v, %v; want true by Last-Modified", modified, err)
	}
	f = mustOpen(t, newOrigin(t, answer(200, "")), "GET", "/a", nil)
	if _, err := f.WasModifiedSince(since); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v without Last-Modified, want errors.ErrUnsupported", err)
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

func TestHTTPFileClosesEachBodyOnce(t *testing.T) {
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
		{"the whole", "GET", nil, 2},
		{"a part", "GET", http.Header{"Range": {"bytes=3-4"}}, 2},
		{"HEAD", "HEAD", nil, 2},
		{"412", "GET", http.Header{"If-Match": {`"v0"`}}, 3},
	} {
		opened, closed = 0, 0
		r := httptest.NewRequest(tt.method, "/", nil)
		r.Header = tt.header
		f, err := files.OpenHTTP(r, "http://origin/a", files.HTTPOptions{Client: client})
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
	files.OpenHTTP(httptest.NewRequest("GET", "/", nil), "http://origin/a", files.HTTPOptions{Client: client})
	if opened != 1 || closed != 1 {
		t.Errorf("a refusal: %d bodies, closed %d times", opened, closed)
	}
}

// A file of its own for each request, and one client for all.
func TestOpenHTTPConcurrently(t *testing.T) {
	o := newOrigin(t, serve("hello"))
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
			f, err := files.OpenHTTP(r, o.URL, files.HTTPOptions{Client: client})
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
