package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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

// An answer that does not tell enough is not guessed at.
func TestOpenHTTPAsksAgain(t *testing.T) {
	for _, tt := range []struct {
		reason string
		header http.Header
		first  http.HandlerFunc
	}{
		{"a part of a whole of unknown length", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes 1-2/*")},
		{"a part of nowhere", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el")},
		{"a part that ends before it begins", http.Header{"Range": {"bytes=-0"}}, answer(206, "", "Content-Range: bytes 5-4/5")},
		{"a part beyond the end", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes 1-2/2")},
		{"a part with a sign", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes +1-2/5")},
		{"a part in other units", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: lines 1-2/5")},
		{"a part that nobody wanted", http.Header{"If-None-Match": {`"v0"`}}, answer(206, "he", "Content-Range: bytes 0-1/5")},
		{"304 without the tag that matched", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, "")},
		{"304 that nobody wanted", http.Header{"If-Match": {tag}}, answer(304, "", "ETag: "+tag)},
		{"412", http.Header{"If-Match": {`"v0"`}}, answer(412, "no")},
		{"416", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", "Content-Range: bytes */5")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			asked := 0
			o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked == 1 {
					tt.first(w, r)
					return
				}
				serve("hello")(w, r)
			})
			f := mustOpen(t, o, "GET", "/a", tt.header)
			if got := o.requests(); len(got) != 2 || got[1] != "GET" {
				t.Errorf("the origin was asked %q, want two requests, the second without conditions", got)
			}
			if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
				t.Errorf("read %q, %v", body, err)
			}
		})
	}
}

// A body ends where its part of the file does, and the file goes on.
func TestHTTPFileReadsPartByPart(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 3<<16) // 3 MiB
	for _, tt := range []struct {
		reason string
		header http.Header
		steps  func(t *testing.T, f *files.HTTPFile)
		want   []string
	}{{
		reason: "where the body stands already",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 5, content[5:10]) },
		want:   []string{"GET Range: bytes=5-9"},
	}, {
		reason: "no further than a stride ahead of a Seek",
		steps: func(t *testing.T, f *files.HTTPFile) {
			seekAndRead(t, f, 3, content[3:10])
			seekAndRead(t, f, 2<<20+1, content[2<<20+1:2<<20+3])
		},
		want: []string{"GET", "GET Range: bytes=3-1048578", "GET Range: bytes=2097153-3145727"},
	}, {
		reason: "on from where a part ended",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 5, content[5:20]) },
		want:   []string{"GET Range: bytes=5-9", "GET Range: bytes=10-1048585"},
	}, {
		reason: "stride by stride",
		header: http.Header{"Range": {"bytes=1-1"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 2, content[2:]) },
		want: []string{"GET Range: bytes=1-1", "GET Range: bytes=2-1048577", "GET Range: bytes=1048578-2097153",
			"GET Range: bytes=2097154-3145727"},
	}, {
		reason: "the whole after all",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 0, content) },
		want:   []string{"GET Range: bytes=5-9", "GET"},
	}, {
		reason: "nothing is asked for at or beyond the end",
		steps: func(t *testing.T, f *files.HTTPFile) {
			seekAndRead(t, f, int64(len(content)), "")
			seekAndRead(t, f, 1<<40, "")
		},
		want: []string{"GET"},
	}} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, serve(content))
			tt.steps(t, mustOpen(t, o, "GET", "/a", tt.header))
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// seekAndRead checks that want is what stands at offset.
func seekAndRead(t *testing.T, f *files.HTTPFile, offset int64, want string) {
	t.Helper()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, max(len(want), 1))
	n, err := io.ReadFull(f, got)
	if err != nil && !(err == io.EOF && want == "") {
		t.Fatal(err)
	}
	if string(got[:n]) != want {
		t.Errorf("at %d: read %.40q…, want %.40q…", offset, got[:n], want)
	}
}

func TestHTTPFileSeek(t *testing.T) {
	f := mustOpen(t, newOrigin(t, serve("hello")), "GET", "/a", nil)
	for _, tt := range []struct {
		offset int64
		whence int
		want   int64
		ok     bool
	}{
		{2, io.SeekStart, 2, true},
		{1, io.SeekCurrent, 3, true},
		{-4, io.SeekCurrent, 0, false},
		{-1, io.SeekEnd, 4, true},
		{0, 7, 0, false},
	} {
		got, err := f.Seek(tt.offset, tt.whence)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("Seek(%d, %d) = %d, %v; want %d", tt.offset, tt.whence, got, err, tt.want)
		}
	}
	if body, err := io.ReadAll(f); string(body) != "o" || err != nil {
		t.Errorf("read %q, %v; want what is at 4", body, err)
	}
}

// Bytes of two versions never come out of one file, and no wrong length looks
// right.
func TestHTTPFileRefusesWhatDoesNotFit(t *testing.T) {
	const old = "Fri, 13 Mar 2026 00:00:00 GMT"
	for _, tt := range []struct {
		reason string
		first  http.HandlerFunc
		second http.HandlerFunc // asked for from 2 on
		want   string           // in the error
	}{
		{"another entity tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: "b"`, "Last-Modified: "+date), "changed"},
		{"no entity tag any more", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`),
			answer(206, "llo", "Content-Range: bytes 2-4/5"), "changed"},
		{"another weak tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"b"`, "Last-Modified: "+date), "changed"},
		{"the same weak tag, another date", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"a"`, "Last-Modified: "+old), "changed"},
		{"another date", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", "Last-Modified: "+old), "changed"},
		{"another size", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/6", "Last-Modified: "+date), "changed"},
		{"the whole instead of a part", serve("hello"), answer(200, "hello", "ETag: "+tag), "not the range"},
		{"another part", serve("hello"), answer(206, "lo", "Content-Range: bytes 3-4/5", "ETag: "+tag), "not the range"},
		{"a shorter part than announced", serve("hello"), answer(206, "ll", "Content-Range: bytes 2-4/5", "ETag: "+tag), "unexpected EOF"},
		{"a longer part than announced", serve("hello"), answer(206, "lloooo", "Content-Range: bytes 2-4/5", "ETag: "+tag), "more content"},
		{"an error", serve("hello"), answer(500, "oops"), "500 Internal Server Error"},
		{"gone", serve("hello"), answer(404, "oops"), "404 Not Found"},
		{"a refusal of the range", serve("hello"), answer(416, "oops"), "416 Requested Range Not Satisfiable"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") == "" {
					tt.first(w, r)
				} else {
					tt.second(w, r)
				}
			})
			f := mustOpen(t, o, "GET", "/a", nil)
			if _, err := f.Seek(2, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(f)
			if _, ok := errors.AsType[*files.HTTPError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("read %q, %v; want an HTTPError with %q", body, err, tt.want)
			}
			if n, err := f.Read(make([]byte, 1)); n > 0 || err == nil || err == io.EOF {
				t.Errorf("the next Read = %d, %v; want an error again", n, err)
			}
		})
	}
}

// Without a strong validator nobody could tell whether two parts go together, so
// there are none (RFC 9110 §15.3.7.3).
func TestHTTPFileOfUnknownVersionHasNoParts(t *testing.T) {
	for _, fields := range [][]string{{"Accept-Ranges: bytes"}, {"Accept-Ranges: bytes", `ETag: W/"a"`}} {
		o := newOrigin(t, answer(200, "hello", fields...))
		f := mustOpen(t, o, "GET", "/a", nil)
		if _, err := f.Seek(2, io.SeekStart); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%q: Seek: %v, want errors.ErrUnsupported", fields, err)
		}
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

func TestOpenHTTPErrors(t *testing.T) {
	t.Run("by status", func(t *testing.T) {
		for status, want := range map[int]int{
			404: 404, 410: 404,
			400: 502, 401: 502, 403: 502, 405: 502, 408: 502, 418: 502, 429: 502,
			412: 502, 416: 502, 206: 502, 304: 502, // to a request without conditions
			500: 502, 501: 502, 502: 502, 503: 502, 504: 502,
			201: 502, 204: 502, 300: 502, 307: 502,
		} {
			_, err := newOrigin(t, answer(status, "")).open(t, "GET", "/a?secret", nil)
			e, ok := errors.AsType[*files.HTTPError](err)
			if !ok || e.StatusCode != status || e.DownloadStatus() != want {
				t.Errorf("origin answers %d: error %v; want it to come to %d", status, err, want)
			}
			if missing := errors.Is(err, fs.ErrNotExist); missing != (want == 404) {
				t.Errorf("origin answers %d: fs.ErrNotExist %v", status, missing)
			}
		}
	})

	closed := httptest.NewServer(nil)
	closed.Close()
	tls := httptest.NewUnstartedServer(serve("hello"))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	stuck := newOrigin(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	hurried := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Millisecond}}
	defer hurried.CloseIdleConnections()

	for _, tt := range []struct {
		reason string
		url    string
		client *http.Client
		want   int // 0: no HTTPError
	}{
		{"refused", closed.URL, nil, 502},
		{"a certificate that nobody vouches for", tls.URL, nil, 502},
		{"TLS to where there is none", strings.Replace(stuck.URL, "http:", "https:", 1), nil, 502},
		{"timeout of the transport", stuck.URL, hurried, 504},
		{"timeout of the client", stuck.URL, &http.Client{Transport: hurried.Transport, Timeout: time.Microsecond}, 504},
		{"a local file", "file:///etc/passwd", nil, 0},
		{"FTP", "ftp://127.0.0.1/a", nil, 0},
		{"gopher", "gopher://127.0.0.1:70/_a", nil, 0},
		{"relative", "/a", nil, 0},
		{"no host", "http:///a", nil, 0},
		{"a port and no host", "http://:80/a", nil, 0},
		{"not a URL", "http://user:secret@host/%zz?secret", nil, 0},
		{"empty", "", nil, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			address := tt.url
			if tt.want != 0 {
				address = strings.Replace(tt.url, "://", "://user:secret@", 1) + "/a?signature=secret#secret"
			}
			f, err := files.OpenHTTP(httptest.NewRequest("GET", "/", nil), address, files.HTTPOptions{Client: tt.client})
			if err == nil {
				f.Close()
				t.Fatal("no error")
			}
			if f != nil {
				t.Error("a file and an error")
			}
			got := 0
			if e, ok := errors.AsType[*files.HTTPError](err); ok {
				got = e.DownloadStatus()
			}
			if got != tt.want {
				t.Errorf("%v comes to %d, want %d", err, got, tt.want)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "user") {
				t.Errorf("error %q tells secrets", err)
			}
		})
	}
}

func TestHTTPFileIsCancelledWithTheRequest(t *testing.T) {
	gone := make(chan struct{})
	o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "he")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	f, err := files.OpenHTTP(httptest.NewRequestWithContext(ctx, "GET", "/", nil), o.URL, files.HTTPOptions{Client: o.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadFull(f, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-gone
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
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

func TestOpenHTTPRedirects(t *testing.T) {
	var referers []string
	target := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		referers = append(referers, r.Header.Get("Referer"))
		serve("hello")(w, r)
	})
	o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		to := r.URL.Query().Get("to")
		if to == "" {
			serve("hello")(w, r)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	tls := httptest.NewTLSServer(http.RedirectHandler(target.URL, http.StatusFound))
	defer tls.Close()
	always := func(*url.URL) bool { return true }
	refused := errors.New("refused by the client")
	for _, tt := range []struct {
		reason string
		from   string
		allow  func(*url.URL) bool
		policy func(*http.Request, []*http.Request) error
		want   string // in the error; empty: allowed
	}{
		{"within the host", o.URL + "/?to=/b", nil, nil, ""},
		{"to another port", o.URL + "/?secret&to=" + target.URL, nil, nil, "refused"},
		{"to another name of the host", o.URL + "/?secret&to=" + strings.Replace(o.URL, "127.0.0.1", "localhost", 1), nil, nil, "refused"},
		{"from https to http", tls.URL + "/?secret", nil, nil, "refused"},
		{"to another port, allowed", o.URL + "/?secret&to=" + target.URL, always, nil, ""},
		{"allowed by name", o.URL + "/?to=" + target.URL, func(to *url.URL) bool { return to.Host == "example.com" }, nil, "refused"},
		{"to a local file, which nobody can allow", o.URL + "/?to=file:///etc/passwd", always, nil, "neither http nor https"},
		{"to FTP", o.URL + "/?to=ftp://127.0.0.1/", always, nil, "neither http nor https"},
		{"twice", o.URL + "/?to=" + url.QueryEscape("/?to=/b"), nil, nil, ""},
		{"the client's own policy comes on top", o.URL + "/?to=/b", nil,
			func(*http.Request, []*http.Request) error { return refused }, refused.Error()},
		{"and cannot allow what is refused", o.URL + "/?to=" + target.URL, nil,
			func(*http.Request, []*http.Request) error { return nil }, "refused"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			client := *tls.Client() // it trusts that server, and asks any
			client.CheckRedirect = tt.policy
			f, err := files.OpenHTTP(httptest.NewRequest("GET", "/", nil), tt.from, files.HTTPOptions{Client: &client, AllowRedirect: tt.allow})
			if err == nil {
				defer f.Close()
			}
			switch {
			case (err == nil) != (tt.want == ""), err != nil && !strings.Contains(err.Error(), tt.want):
				t.Errorf("error %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("error %v tells secrets", err)
			case err != nil:
				if e, ok := errors.AsType[*files.HTTPError](err); !ok || e.DownloadStatus() != 502 {
					t.Errorf("error %v, want one that comes to 502", err)
				}
			}
		})
	}
	for _, referer := range referers {
		if referer != "" {
			t.Errorf("the next host was told Referer %q", referer)
		}
	}
	if len(referers) == 0 {
		t.Error("no redirect to another host was followed")
	}
}

// The same host and, as far as anybody can see, port; but not as secure.
func TestOpenHTTPRefusesToLeaveHTTPS(t *testing.T) {
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		switch r.URL.Path {
		case "/up":
			http.Redirect(w, r, "https://origin/", http.StatusFound)
		case "/down":
			http.Redirect(w, r, "http://origin/", http.StatusFound)
		}
		return w.Result(), nil
	})}
	for _, tt := range []struct {
		url string
		ok  bool
	}{
		{"http://origin/up", true},
		{"http://ORIGIN/up", true},
		{"https://origin/up", true},
		{"http://origin/down", true},
		{"https://origin/down", false},
	} {
		f, err := files.OpenHTTP(httptest.NewRequest("GET", "/", nil), tt.url, files.HTTPOptions{Client: client})
		if err == nil {
			f.Close()
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s: error %v", tt.url, err)
		}
	}
}

func TestOpenHTTPStopsAfterTenRedirects(t *testing.T) {
	o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })
	_, err := o.open(t, "GET", "/", nil)
	if err == nil || !strings.Contains(err.Error(), "stopped after 10") {
		t.Errorf("error %v", err)
	}
	if n := len(o.requests()); n != 10 {
		t.Errorf("the origin was asked %d times", n)
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

func TestPublicOnly(t *testing.T) {
	for _, tt := range []struct {
		reason  string
		allowed bool
		addrs   []string
	}{
		{"public", true, []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
			"192.167.255.255", "198.17.0.1", "198.20.0.1", "223.255.255.255", "168.63.129.15", "2606:4700::1111", "2a00::1", "2001:200::1", "3ffe::1"}},
		{"public, by its IPv6 notation", true, []string{"::ffff:8.8.8.8"}},
		{"unspecified", false, []string{"0.0.0.0", "0.1.2.3", "::"}},
		{"loopback", false, []string{"127.0.0.1", "127.255.255.254", "::1"}},
		{"private", false, []string{"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"}},
		{"carrier", false, []string{"100.64.0.1", "100.127.255.255"}},
		{"link-local", false, []string{"169.254.1.1", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1"}},
		{"multicast", false, []string{"224.0.0.1", "239.255.255.255", "ff02::1", "ff02::1%lo"}},
		{"broadcast and reserved", false, []string{"255.255.255.255", "240.0.0.1"}},
		{"metadata of clouds", false, []string{"169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"}},
		{"IPv4 in IPv6", false, []string{"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"}},
		{"NAT64", false, []string{"64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1"}},
		{"6to4, Teredo", false, []string{"2002:7f00:1::1", "2001:0:1::1", "192.88.99.1"}},
		{"documentation, benchmarks, discard", false, []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255",
			"2001:db8::1", "2001:2::1", "3fff::1", "100::1"}},
		{"not an address", false, []string{"", "localhost", "/run/docker.sock"}},
	} {
		for _, addr := range tt.addrs {
			err := files.PublicOnly("tcp", net.JoinHostPort(addr, "80"), nil)
			if (err == nil) != tt.allowed {
				t.Errorf("%s: %s: error %v", tt.reason, addr, err)
			}
		}
	}
	if err := files.PublicOnly("unix", "/run/docker.sock", nil); err == nil {
		t.Error("a Unix socket was allowed")
	}
}

// The address that counts is the one that is connected to, whatever the name,
// or the notation that leads there.
func TestNewPublicClient(t *testing.T) {
	o := newOrigin(t, serve("hello"))
	_, port, _ := net.SplitHostPort(o.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		r := httptest.NewRequest("GET", "/", nil)
		f, err := files.OpenHTTP(r, fmt.Sprintf("http://%s:%s/", host, port), files.HTTPOptions{Client: files.NewPublicClient()})
		if err == nil {
			f.Close()
			t.Errorf("%s: connected", host)
			continue
		}
		if e, ok := errors.AsType[*files.HTTPError](err); !ok || e.DownloadStatus() != 502 || !strings.Contains(err.Error(), "refused: ") {
			t.Errorf("%s: error %v, want a refusal that comes to 502", host, err)
		}
	}
	if asked := o.requests(); len(asked) != 0 {
		t.Errorf("the server was asked: %q", asked)
	}
	if files.NewPublicClient().Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would connect to any address")
	}
}
