package response_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/files"
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
		return virtual(files.NewStringIteratorIO(piecesOf(compressible, 100)), size, tag)
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
		"missing": func() fs.File { return missing{} },
	}
	silence(t)
	for middlewareName, compress := range compressors(t) {
		t.Run(middlewareName, func(t *testing.T) {
			compressed := 0
			for contentName, open := range contents {
				srv := httptest.NewServer(compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					response.New(open(), response.Options{}).ServeHTTP(w, r)
				})))
				for _, req := range compressionRequests(t, srv.URL) {
					t.Run(contentName+"/"+req.Method+"/"+req.Header.Get("X-Reason"), func(t *testing.T) {
						res, body := exchange(t, srv.Client(), req)
						if checkCoding(t, res, body) {
							compressed++
						}
					})
				}
				srv.Close()
			}
			if compressed == 0 {
				t.Error("nothing at all was compressed: what was tested?")
			}
		})
	}
}

// compressionRequests returns what clients that understand gzip may ask for.
func compressionRequests(t *testing.T, url string) (requests []*http.Request) {
	t.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for reason, header := range map[string][]string{
			"the file":              nil,
			"a short range":         {"Range: bytes=0-9"},
			"a long range":          {"Range: bytes=100-20000"},
			"two ranges":            {"Range: bytes=100-20000,0-9"},
			"no such range":         {"Range: bytes=99999-"},
			"resume, strong tag":    {`If-Range: "v1"`, "Range: bytes=100-"},
			"resume, date":          {"If-Range: " + exact, "Range: bytes=100-"},
			"not modified, tag":     {`If-None-Match: "v1"`},
			"not modified, star":    {"If-None-Match: *"},
			"not modified, date":    {"If-Modified-Since: " + exact},
			"a precondition failed": {`If-Match: "v2"`},
		} {
			header = append(header, "Accept-Encoding: gzip", "X-Reason: "+reason)
			requests = append(requests, newRequest(t, method, url, header...))
		}
	}
	return requests
}

// missing is a file that has gone.
type missing struct{ fs.File }

func (missing) Stat() (fs.FileInfo, error) { return nil, os.ErrNotExist }
func (missing) Close() error               { return nil }

// checkCoding checks that an answer that has passed a compressor is what its
// header says, and reports whether it was compressed.
func checkCoding(t *testing.T, res *http.Response, body string) (compressed bool) {
	t.Helper()
	coding := res.Header.Get("Content-Encoding")
	compressed = coding != "" && coding != "identity"
	if compressed && res.StatusCode == http.StatusPartialContent {
		t.Errorf("a 206 in %s", coding)
	}
	if tag := res.Header.Get("Etag"); compressed && strings.HasPrefix(tag, `"`) {
		t.Errorf("%s in %s, with the strong tag %s", res.Status, coding, tag)
	}
	if res.Request.Method == http.MethodHead {
		return compressed
	}
	if compressed {
		body = unzip(t, body)
	}
	if res.StatusCode != http.StatusNotFound {
		checkInvariant(t, res, body, compressible)
	} else if tag := res.Header.Get("Etag"); tag != "" || body != "Not Found\n" {
		t.Errorf("404 with ETag %q and body %q", tag, body)
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
