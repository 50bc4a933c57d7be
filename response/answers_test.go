package response_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// encodeAll is middleware that compresses whatever comes, and says so ahead, as
// that of gorilla/handlers does.
func encodeAll(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		r.Header.Del("Accept-Encoding")
		zw := gzip.NewWriter(w)
		defer zw.Close()
		next.ServeHTTP(gzipWriter{w, zw}, r)
	})
}

// Error answers are readable behind a writer that encodes.
func TestErrorsBehindAWriterThatEncodes(t *testing.T) {
	for _, tt := range []struct {
		reason string
		status int
		h      http.Handler
		header []string
	}{
		{"GetFile fails", 404, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { response.Error(w, r, fs.ErrNotExist) }), nil},
		{"the producer fails", 500, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			response.New(producing(0, fails), response.Options{}).ServeHTTP(w, r)
		}), nil},
		{"a condition fails", 412, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			response.New(files.NewContentFile("Hello", "a.txt"), response.Options{}).ServeHTTP(w, r)
		}), []string{`If-Match: "other"`}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			silence(t)
			overEachProtocol(t, func(t *testing.T, srv *wire) {
				srv.handler = encodeAll(tt.h)
				res, body := exchange(t, srv.Client(), newRequest(t, "GET", srv.URL, append(tt.header, "Accept-Encoding: gzip")...))
				if res.StatusCode != tt.status || res.Header.Get("Content-Encoding") != "gzip" {
					t.Fatalf("status %d, Content-Encoding %q; want %d, encoded", res.StatusCode, res.Header.Get("Content-Encoding"), tt.status)
				}
				zr, err := gzip.NewReader(strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if text, err := io.ReadAll(zr); string(text) != http.StatusText(tt.status)+"\n" || err != nil {
					t.Errorf("body %q, %v", text, err)
				}
			})
		})
	}
}

// What a caller said of a file leaves with it.
func TestErrorsHaveNothingOfTheFile(t *testing.T) {
	silence(t)
	rec := httptest.NewRecorder()
	for _, key := range []string{
		"CDN-Cache-Control", "Surrogate-Control", "Repr-Digest", "Content-Digest", "Digest", "Content-MD5", "Cache-Control",
		"ETag", "Content-Encoding", "Content-Range", "Last-Modified",
	} {
		rec.Header().Set(key, "of the file")
	}
	rec.Header().Set("X-Request-Id", "7")
	response.Error(rec, newRequest(t, "GET", "/"), errors.New("database is down"))
	want := http.Header{
		"Cache-Control": {"no-store"}, "Content-Length": {"22"}, "Content-Type": {"text/plain; charset=utf-8"},
		"X-Content-Type-Options": {"nosniff"}, "X-Request-Id": {"7"},
	}
	if diff := cmp.Diff(want, rec.Header()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// The caller's fields never say what is not true of the answer.
func TestFieldsOfTheCaller(t *testing.T) {
	for _, tt := range []struct {
		reason string
		method string
		caller map[string]string
		header []string
		status int
		want   map[string]string // "": must not be there
	}{
		{"Content-Range with a 200", "GET", map[string]string{"Content-Range": "bytes 0-1/2"}, nil, 200, map[string]string{"Content-Range": ""}},
		{"Content-Range with a HEAD", "HEAD", map[string]string{"Content-Range": "bytes 0-1/2"}, nil, 200, map[string]string{"Content-Range": ""}},
		{"Content-Range with a 304", "GET", map[string]string{"Content-Range": "bytes 0-1/2"}, []string{"If-None-Match: *"}, 304, map[string]string{"Content-Range": ""}},
		{"Content-Range with a multipart 206", "GET", map[string]string{"Content-Range": "bytes 0-1/2"}, []string{"Range: bytes=0-0,2-2"}, 206, map[string]string{"Content-Range": ""}},
		{"Content-Range with a 206", "GET", map[string]string{"Content-Range": "bytes 0-1/2"}, []string{"Range: bytes=1-2"}, 206, map[string]string{"Content-Range": "bytes 1-2/5"}},
		{"digests of the whole with a 206", "GET", map[string]string{"Content-Digest": "sha-256=:x:", "Content-MD5": "x", "Repr-Digest": "sha-256=:y:"}, []string{"Range: bytes=1-2"}, 206, map[string]string{"Content-Digest": "", "Content-MD5": "", "Repr-Digest": "sha-256=:y:"}},
		{"digests with a 200", "GET", map[string]string{"Content-Digest": "sha-256=:x:"}, nil, 200, map[string]string{"Content-Digest": "sha-256=:x:"}},
		{"no ranges", "GET", map[string]string{"Accept-Ranges": "none"}, []string{"Range: bytes=1-2"}, 200, map[string]string{"Accept-Ranges": "none"}},
		{"no ranges, of a HEAD", "HEAD", map[string]string{"Accept-Ranges": "none"}, nil, 200, map[string]string{"Accept-Ranges": "none"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			overEachProtocol(t, func(t *testing.T, srv *wire) {
				srv.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for key, value := range tt.caller {
						w.Header().Set(key, value)
					}
					response.New(files.NewContentFile("Hello", "a.txt"), response.Options{}).ServeHTTP(w, r)
				})
				res, _ := exchange(t, srv.Client(), newRequest(t, tt.method, srv.URL, tt.header...))
				if res.StatusCode != tt.status {
					t.Fatalf("status %d, want %d", res.StatusCode, tt.status)
				}
				for key, want := range tt.want {
					if got := res.Header.Get(key); got != want {
						t.Errorf("%s: %q, want %q", key, got, want)
					}
				}
			})
		})
	}
}

func TestNoRanges(t *testing.T) {
	rec := httptest.NewRecorder()
	response.New(files.NewContentFile("Hello", "a.txt"), response.Options{NoRanges: true}).
		ServeHTTP(rec, newRequest(t, "GET", "/", "Range: bytes=1-2"))
	if rec.Code != 200 || rec.Body.String() != "Hello" || rec.Header().Get("Accept-Ranges") != "none" {
		t.Errorf("status %d, body %q, Accept-Ranges %q; want all, none", rec.Code, rec.Body, rec.Header().Get("Accept-Ranges"))
	}
}

// Bytes that are encoded are for who accepts the coding.
func TestVaryOfEncodedFiles(t *testing.T) {
	for _, tt := range []struct {
		reason, encoding, caller, want string
		header                         []string
	}{
		{"encoded", "gzip", "", "Accept-Encoding", nil},
		{"encoded, 304", "gzip", "", "Accept-Encoding", []string{"If-None-Match: *"}},
		{"encoded, a range", "gzip", "", "Accept-Encoding", []string{"Range: bytes=0-1"}},
		{"the caller's field stays", "gzip", "Cookie", "Cookie, Accept-Encoding", nil},
		{"said once", "gzip", "accept-encoding, Cookie", "accept-encoding, Cookie", nil},
		{"all is said already", "gzip", "*", "*", nil},
		{"not encoded", "", "Cookie", "Cookie", nil},
		{"not encoded, nothing said", "", "", "", nil},
	} {
		rec := httptest.NewRecorder()
		if tt.caller != "" {
			rec.Header().Set("Vary", tt.caller)
		}
		response.New(files.NewContentFile("Hello", "a.txt"), response.Options{Encoding: tt.encoding}).
			ServeHTTP(rec, newRequest(t, "GET", "/", tt.header...))
		if got := strings.Join(rec.Header().Values("Vary"), " and "); got != tt.want {
			t.Errorf("%s: Vary: %q, want %q", tt.reason, got, tt.want)
		}
	}
}

// atURL is a file that is somewhere else, too.
type atURL struct {
	*files.ContentFile
	url string
}

func (f atURL) Stat() (fs.FileInfo, error) {
	info, err := f.ContentFile.Stat()
	return urlInfo{info, f.url}, err
}

type urlInfo struct {
	fs.FileInfo
	url string
}

func (i urlInfo) URL(context.Context) (string, error) { return i.url, nil }

func TestLocationIsEscaped(t *testing.T) {
	for url, want := range map[string]string{
		"https://bucket.example/Жз 1.txt?sig=a%2Fb&x=ü": "https://bucket.example/%D0%96%D0%B7%201.txt?sig=a%2Fb&x=%C3%BC",
		"https://bucket.example/a.txt":                  "https://bucket.example/a.txt",
		"/a\r\nSet-Cookie: a=b":                         "/a%0D%0ASet-Cookie:%20a=b",
	} {
		rec := httptest.NewRecorder()
		response.New(atURL{files.NewContentFile("", "a"), url}, response.Options{Redirect: true}).ServeHTTP(rec, newRequest(t, "GET", "/"))
		if got := rec.Header().Get("Location"); rec.Code != 302 || got != want {
			t.Errorf("status %d, Location %q, want %q", rec.Code, got, want)
		}
	}
}

// The name is that of the file, not the way to it; and there always is one.
func TestNames(t *testing.T) {
	for _, tt := range []struct{ reason, basename, name, contentType, want string }{
		{"a path in the option", "2026/March/report.pdf", "a.bin", "", "report.pdf"},
		{"a path of Windows", `C:\Users\me\report.pdf`, "a.bin", "", "report.pdf"},
		{"a path in the file's own name", "", "exports/report.pdf", "", "report.pdf"},
		{"and one of Windows", "", `exports\report.pdf`, "", "report.pdf"},
		{"no name", "", "", "", "download.bin"},
		{"no name, a type", "", "", "text/csv; charset=utf-8", "download.csv"},
		{"nothing left of the name", "..", "a.png", "image/jpeg", "download.jpg"},
		{"a type that has no extension here", "", "", "application/x-mine", "download"},
		{"blanks around", " report.pdf ", "", "", "report.pdf"},
	} {
		rec := httptest.NewRecorder()
		response.New(files.NewContentFile("", tt.name), response.Options{Basename: tt.basename, ContentType: tt.contentType}).
			ServeHTTP(rec, newRequest(t, "GET", "/"))
		if got, want := rec.Header().Get("Content-Disposition"), fmt.Sprintf("attachment; filename=%q", tt.want); got != want {
			t.Errorf("%s: %s, want %s", tt.reason, got, want)
		}
	}
}

// A type that says nothing is none: the name tells more.
func TestTypeOfAStorageThatKnowsNone(t *testing.T) {
	for contentType, want := range map[string]string{
		"application/octet-stream":             "text/plain; charset=utf-8",
		"binary/octet-stream":                  "text/plain; charset=utf-8",
		"Application/Octet-Stream; charset=x":  "text/plain; charset=utf-8",
		"application/vnd.oasis.opendocument.x": "application/vnd.oasis.opendocument.x",
	} {
		storage := typedFS{fstest.MapFS{"a.txt": {Data: []byte("Hello")}}, contentType}
		f, err := files.OpenStorageFile(t.Context(), storage, "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, "GET", "/"))
		if got := rec.Header().Get("Content-Type"); got != want {
			t.Errorf("stored as %s: %s, want %s", contentType, got, want)
		}
	}
}

type (
	typedFS struct {
		fs.FS
		contentType string
	}
	typedFile struct {
		fs.File
		contentType string
	}
	typedInfo struct {
		fs.FileInfo
		contentType string
	}
)

func (s typedFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return typedFile{f, s.contentType}, err
}

func (f typedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return typedInfo{info, f.contentType}, err
}

func (i typedInfo) ContentType(context.Context) (string, error) { return i.contentType, nil }

// The log says how long the content is, and how long it was said to be.
func TestLengthsInTheLog(t *testing.T) {
	for _, tt := range []struct {
		reason string
		size   int64
		ranges string
		want   []string
	}{
		{"shorter", 900_000, "", []string{"500000", "900000"}},
		{"longer", 300_000, "", []string{"300000", "300001"}},
		{"shorter, a range", 900_000, "Range: bytes=400000-899999", []string{"500000", "900000"}},
		{"longer, a range", 300_000, "Range: bytes=100000-", []string{"300000", "300001"}},
		{"shorter, several ranges", 900_000, "Range: bytes=0-9,400000-899999", []string{"500000", "900000"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := captureLogs(t)
			f := generated(chunks(text(500_000), 1))
			f.Size, f.ETag = tt.size, `"v1"`
			func() {
				defer func() { _ = recover() }()
				r := newRequest(t, "GET", "/")
				if key, value, ok := strings.Cut(tt.ranges, ": "); ok {
					r.Header.Set(key, value)
				}
				response.New(f, response.Options{}).ServeHTTP(httptest.NewRecorder(), r)
			}()
			all := strings.Join(logs.lines(), "")
			for _, want := range tt.want {
				if !strings.Contains(all, want) {
					t.Errorf("no %s in %s", want, all)
				}
			}
		})
	}
}

func TestWithStatus(t *testing.T) {
	conflict := errors.New("the export is still running")
	for _, tt := range []struct {
		reason string
		err    error
		want   int
	}{
		{"as said", response.WithStatus(conflict, 409), 409},
		{"wrapped", fmt.Errorf("report 7: %w", response.WithStatus(conflict, 503)), 503},
		{"better than what the error is", response.WithStatus(fs.ErrNotExist, 410), 410},
		{"the outer one holds", response.WithStatus(response.WithStatus(conflict, 404), 429), 429},
		{"joined", errors.Join(conflict, response.WithStatus(conflict, 402)), 402},
		{"no error's status", response.WithStatus(conflict, 200), 500},
	} {
		if got := response.Status(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.reason, got, tt.want)
		}
		if !errors.Is(tt.err, conflict) && !errors.Is(tt.err, fs.ErrNotExist) {
			t.Errorf("%s: the error is not wrapped", tt.reason)
		}
	}
	if response.WithStatus(nil, 404) != nil {
		t.Error("no error became one")
	}
	silence(t)
	rec := httptest.NewRecorder()
	response.Error(rec, newRequest(t, "GET", "/"), response.WithStatus(conflict, 409))
	if rec.Code != 409 || rec.Body.String() != "Conflict\n" {
		t.Errorf("status %d, body %q", rec.Code, rec.Body)
	}
}

// A date that is none of a modification says nothing.
func TestModTimeBeforeYearOne(t *testing.T) {
	f := files.NewContentFile("Hello", "a.txt")
	f.ModTime = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	rec := httptest.NewRecorder()
	response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, "GET", "/"))
	if got := rec.Header().Get("Last-Modified"); got != "" {
		t.Errorf("Last-Modified: %s", got)
	}
}
