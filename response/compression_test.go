package response_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/klauspost/compress/gzhttp"
)

// compressors are middlewares that compress what passes through them.
func compressors(t *testing.T) map[string]func(http.Handler) http.Handler {
	t.Helper()
	gz, err := gzhttp.NewWrapper(gzhttp.MinSize(16))
	if err != nil {
		t.Fatal(err)
	}
	klauspost := func(next http.Handler) http.Handler { return gz(next) }
	chi := middleware.Compress(5)
	within := func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "") }
	return map[string]func(http.Handler) http.Handler{
		"chi":                         chi,
		"gzhttp":                      klauspost,
		"chi, then TimeoutHandler":    func(next http.Handler) http.Handler { return chi(within(next)) },
		"gzhttp, then TimeoutHandler": func(next http.Handler) http.Handler { return klauspost(within(next)) },
	}
}

// compressible is content that compresses well, and that its parts are found in.
var compressible = strings.Repeat("What repeats itself compresses well. ", 1000)

func TestCompression(t *testing.T) {
	virtual := func(r io.Reader, size int64, tag string) fs.File {
		f := files.NewVirtualFile(r, "file.txt")
		f.Size, f.ETag, f.ModTime = size, tag, modified
		return f
	}
	generate := func(size int64, tag string) fs.File {
		return virtual(files.NewStringIteratorIO(chunks(compressible, 100)), size, tag)
	}
	size := int64(len(compressible))
	contents := map[string]func() fs.File{
		"in memory": func() fs.File { return files.NewContentFile(compressible, "file.txt") },
		"seekable":  func() fs.File { return virtual(struct{ io.ReadSeeker }{strings.NewReader(compressible)}, size, "") },
		"seekable, weak tag": func() fs.File {
			return virtual(struct{ io.ReadSeeker }{strings.NewReader(compressible)}, size, `W/"v1"`)
		},
		"generated":               func() fs.File { return generate(size, "") },
		"generated, unknown size": func() fs.File { return generate(-1, "") },
		"generated, weak tag":     func() fs.File { return generate(size, `W/"v1"`) },
		"generated, tag":          func() fs.File { return generate(size, `"v1"`) },
		"generated, tag only":     func() fs.File { return generate(-1, `"v1"`) },
		"stored": func() fs.File {
			f, _ := fstest.MapFS{"file.txt": {Data: []byte(compressible), ModTime: modified}}.Open("file.txt")
			return f
		},
		"PDF":     func() fs.File { return files.NewContentFile(compressible, "file.pdf") },
		"PNG":     func() fs.File { return files.NewContentFile(compressible, "file.png") },
		"missing": func() fs.File { return statless{err: fs.ErrNotExist} },
	}
	servertest.CaptureLog(t)
	for middlewareName, compress := range compressors(t) {
		t.Run(middlewareName, func(t *testing.T) {
			compressed := 0
			for contentName, open := range contents {
				srv := servertest.Start(t, servertest.HTTP11, compress(download(open)))
				for _, method := range []string{"GET", "HEAD"} {
					for reason, header := range compressionRequests {
						t.Run(contentName+"/"+method+"/"+reason, func(t *testing.T) {
							got := srv.Do(t, method, "/", append(header, "Accept-Encoding", "gzip")...)
							if checkCoding(t, method, got) {
								compressed++
							}
							if field := got.Header.Get("No-Gzip-Compression"); field != "" && strings.HasPrefix(middlewareName, "gzhttp") && !strings.Contains(middlewareName, "TimeoutHandler") {
								t.Errorf("No-Gzip-Compression: %s has reached the client", field)
							}
						})
					}
				}
			}
			if compressed == 0 {
				t.Error("nothing at all was compressed: what was tested?")
			}
		})
	}
}

// compressionRequests is what clients that understand gzip may ask for.
var compressionRequests = map[string][]string{
	"the file":              nil,
	"a short range":         {"Range", "bytes=0-9"},
	"a long range":          {"Range", "bytes=100-20000"},
	"two ranges":            {"Range", "bytes=100-20000,0-9"},
	"no such range":         {"Range", "bytes=99999-"},
	"resume, strong tag":    {"If-Range", `"v1"`, "Range", "bytes=100-"},
	"resume, date":          {"If-Range", exact, "Range", "bytes=100-"},
	"not modified, tag":     {"If-None-Match", `"v1"`},
	"not modified, star":    {"If-None-Match", "*"},
	"not modified, date":    {"If-Modified-Since", exact},
	"a precondition failed": {"If-Match", `"v2"`},
}

// checkCoding checks that an answer that has passed a compressor is what its
// header says, and reports whether it was compressed.
func checkCoding(t *testing.T, method string, got servertest.Answer) (compressed bool) {
	t.Helper()
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	coding := got.Header.Get("Content-Encoding")
	compressed = coding != "" && coding != "identity"
	if compressed && got.Status == http.StatusPartialContent {
		t.Errorf("a 206 in %s", coding)
	}
	if tag := got.Header.Get("Etag"); compressed && strings.HasPrefix(tag, `"`) {
		t.Errorf("%d in %s, with the strong tag %s", got.Status, coding, tag)
	}
	if method == http.MethodHead {
		return compressed
	}
	if compressed {
		got.Body = unzip(t, got.Body)
	}
	if got.Status != http.StatusNotFound {
		checkInvariant(t, got, compressible)
	} else if tag := got.Header.Get("Etag"); tag != "" || got.Body != "Not Found\n" {
		t.Errorf("404 with ETag %q and body %q", tag, got.Body)
	}
	return compressed
}

func unzip(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

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

type gzipWriter struct {
	http.ResponseWriter
	zw *gzip.Writer
}

func (w gzipWriter) Write(p []byte) (int, error) { return w.zw.Write(p) }

// A length that turns up late is not that of what a coder in front makes of it.
func TestSmallContentIsEncodedInFront(t *testing.T) {
	const want = "Hello world!"
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for name, file := range map[string]fs.File{
			"known":   files.NewContentFile(want, "a.txt"),
			"unknown": generated(chunks(want, 3)),
		} {
			srv.Handler = encodeAll(send(file, response.Options{}))
			got := srv.Do(t, "GET", "/")
			if body := unzip(t, got.Body); body != want || got.Err != nil {
				t.Errorf("size %s: %q, %v", name, body, got.Err)
			}
		}
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
		{"GetFile fails", 404, refuse(fs.ErrNotExist), nil},
		{"the producer fails", 500, download(func() fs.File { return producing(0, fails) }), nil},
		{"a condition fails", 412, download(func() fs.File { return files.NewContentFile("Hello", "a.txt") }), []string{"If-Match", `"other"`}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
				srv.Handler = encodeAll(tt.h)
				got := srv.Do(t, "GET", "/", append(tt.header, "Accept-Encoding", "gzip")...)
				if coding := got.Header.Get("Content-Encoding"); coding != "gzip" {
					t.Fatalf("Content-Encoding %q, want gzip", coding)
				}
				got.Body = unzip(t, got.Body)
				got.Check(t, tt.status, http.StatusText(tt.status)+"\n")
			})
		})
	}
}

// The coding "identity" stands where middleware might compress, and nowhere else.
func TestIdentity(t *testing.T) {
	for _, tt := range []struct {
		reason, name, accept string
		want                 string
	}{
		{"text may be compressed", "a.txt", "gzip", "identity"},
		{"whatever the client says of it: chi does not look", "a.txt", "gzip;q=0", "identity"},
		{"anything", "a.txt", "identity, *;q=0.5", "identity"},
		{"pip accepts nothing else", "a.txt", "identity", ""},
		{"with a weight", "a.txt", "Identity;q=1, ", ""},
		{"nothing is said", "a.txt", "", ""},
		{"Chromium's viewer would load no parts of it", "a.pdf", "gzip", ""},
		{"a film", "a.mp4", "gzip", ""},
		{"sound", "a.mp3", "gzip", ""},
		{"a picture", "a.png", "gzip", ""},
		{"a picture that is text", "a.svg", "gzip", "identity"},
		{"an archive", "a.zip", "gzip", ""},
		{"another", "a.7z", "gzip", ""},
		{"a compressed tar", "a.tar.zst", "gzip", ""},
		{"one that is not", "a.tar", "gzip", "identity"},
		{"a package with an archive inside", "a.usdz", "gzip", "identity"},
	} {
		got := servertest.Record(send(files.NewContentFile("Hello", tt.name), response.Options{}), "GET", "/", "Accept-Encoding", tt.accept)
		if coding := got.Header.Get("Content-Encoding"); coding != tt.want {
			t.Errorf("%s: Content-Encoding %q, want %q", tt.reason, coding, tt.want)
		}
	}
}
