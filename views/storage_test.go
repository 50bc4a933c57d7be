package views_test

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What the tests of views for stored files have in common comes first.

var storedProtocols = []string{"HTTP/1.1", "HTTP/2.0"}

// storedServer is a server of stored files, and a client of it.
type storedServer struct {
	*httptest.Server
	handlers sync.WaitGroup // requests in the hands of the handler
}

func serveStored(t *testing.T, protocol string, h http.Handler) *storedServer {
	t.Helper()
	srv := &storedServer{}
	srv.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		srv.handlers.Add(1)
		defer srv.handlers.Done()
		if r.Proto != protocol {
			t.Errorf("the request came by %s", r.Proto)
		}
		h.ServeHTTP(w, r)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if srv.EnableHTTP2 = protocol == "HTTP/2.0"; srv.EnableHTTP2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	srv.Client().Transport.(*http.Transport).DisableCompression = true
	srv.Client().Timeout = time.Minute
	return srv
}

// overStored runs test against h over each protocol.
func overStored(t *testing.T, h http.Handler, test func(t *testing.T, srv *storedServer)) {
	t.Helper()
	for _, protocol := range storedProtocols {
		t.Run(protocol, func(t *testing.T) { test(t, serveStored(t, protocol, h)) })
	}
}

// storedReply is what a client has after a request.
type storedReply struct {
	Status int
	Header http.Header
	Body   string
	Err    error // why the client knows that it is not complete, if anything came at all
}

// request sends one request with the given header fields, keys and values in
// turn, and waits until the handler has returned, too.
func (srv *storedServer) request(t *testing.T, method, target string, fields ...string) storedReply {
	t.Helper()
	req, err := http.NewRequest(method, srv.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Add(fields[i], fields[i+1])
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		srv.handlers.Wait()
		return storedReply{Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	srv.handlers.Wait()
	return storedReply{resp.StatusCode, resp.Header, string(body), err}
}

// check reports in what the reply is not a complete one of that status and body.
func (got storedReply) check(t *testing.T, status int, body string) {
	t.Helper()
	if got.Status != status || got.Err != nil {
		t.Errorf("status %d (%v), want %d", got.Status, got.Err, status)
	} else if got.Body != body {
		t.Errorf("%d bytes, want other %d: %.40q…, not %.40q…", len(got.Body), len(body), got.Body, body)
	}
}

// checkError reports in what the reply is not an error answer of that status,
// without a trace of the file.
func (got storedReply) checkError(t *testing.T, status int) {
	t.Helper()
	if got.Status != status || got.Err != nil || got.Body != http.StatusText(status)+"\n" {
		t.Errorf("status %d (%v), want %d; the body is %.60q", got.Status, got.Err, status, got.Body)
	}
	for _, key := range []string{"Accept-Ranges", "Content-Disposition", "Etag", "Last-Modified"} {
		if got.Header.Get(key) != "" {
			t.Errorf("an error answer with %s: %s", key, got.Header.Get(key))
		}
	}
}

// storedContent returns size bytes, no two parts of which are the same.
func storedContent(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%07d\n", i)
	}
	return b.String()[:size]
}

// storedSizes are on both sides of where files begin to go by sendfile(2).
var storedSizes = []int{1 << 10, 300 << 10}

// storedTraits say what is wanted of a stored file beyond its content.
type storedTraits struct {
	name     string // default: content.txt
	noTag    bool
	noDate   bool
	oneRange bool // several at a time are not to be had
}

// testStored tests that h, at target, serves content as HTTP has it.
func testStored(t *testing.T, h http.Handler, target, content string, want storedTraits) {
	t.Helper()
	overStored(t, h, func(t *testing.T, srv *storedServer) {
		whole := srv.request(t, "GET", target)
		whole.check(t, 200, content)
		tag, date := whole.Header.Get("Etag"), whole.Header.Get("Last-Modified")
		if (tag == "") != want.noTag || strings.HasPrefix(tag, "W/") {
			t.Errorf("ETag %q, want none: %v, else a strong one", tag, want.noTag)
		}
		if (date == "") != want.noDate {
			t.Errorf("Last-Modified %q, want none: %v", date, want.noDate)
		}
		if want.name == "" {
			want.name = "content.txt"
		}
		for key, value := range map[string]string{
			"Accept-Ranges":       "bytes",
			"Content-Disposition": `attachment; filename="` + want.name + `"`,
			"Content-Length":      strconv.Itoa(len(content)),
			"Content-Type":        "text/plain; charset=utf-8",
		} {
			if got := whole.Header.Get(key); got != value {
				t.Errorf("%s: %q, want %q", key, got, value)
			}
		}
		head := srv.request(t, "HEAD", target)
		head.check(t, 200, "")
		if diff := cmp.Diff(whole.Header, head.Header, ignoreDate); diff != "" {
			t.Errorf("HEAD differs from GET (-GET +HEAD):\n%s", diff)
		}
		testStoredConditions(t, srv, target, tag, date)
		testStoredRanges(t, srv, target, content, tag, date)
		testStoredMultipart(t, srv, target, content, want.oneRange)
	})
}

var ignoreDate = cmpopts.IgnoreMapEntries(func(key string, _ []string) bool { return key == "Date" })

func testStoredConditions(t *testing.T, srv *storedServer, target, tag, date string) {
	t.Helper()
	const never = "Mon, 02 Jan 2006 15:04:05 GMT"
	if tag != "" {
		srv.request(t, "GET", target, "If-None-Match", tag).check(t, 304, "")
		srv.request(t, "GET", target, "If-None-Match", `"other"`, "Range", "bytes=0-0").check(t, 206, "0")
		srv.request(t, "GET", target, "If-Match", `"other"`).checkError(t, 412)
	}
	if date != "" {
		srv.request(t, "GET", target, "If-Modified-Since", date).check(t, 304, "")
		srv.request(t, "GET", target, "If-Modified-Since", never, "Range", "bytes=0-0").check(t, 206, "0")
		srv.request(t, "GET", target, "If-Unmodified-Since", never).checkError(t, 412)
	}
}

func testStoredRanges(t *testing.T, srv *storedServer, target, content, tag, date string) {
	t.Helper()
	size := len(content)
	for _, tt := range []struct {
		fields []string
		status int
		body   string
	}{
		{[]string{"Range", "bytes=0-0"}, 206, content[:1]},
		{[]string{"Range", "bytes=100-199"}, 206, content[100:200]},
		{[]string{"Range", "bytes=1-"}, 206, content[1:]},
		{[]string{"Range", "bytes=-5"}, 206, content[size-5:]},
		{[]string{"Range", "bytes=-999999999"}, 206, content},
		{[]string{"Range", fmt.Sprintf("bytes=7-%d", size-2)}, 206, content[7 : size-1]},
		{[]string{"Range", fmt.Sprintf("bytes=%d-", size)}, 416, "Requested Range Not Satisfiable\n"},
		{[]string{"Range", "lines=1-2"}, 200, content},
		{[]string{"Range", "bytes=1-9", "If-Range", `"other"`}, 200, content},
		{[]string{"Range", "bytes=1-9", "If-Range", "Mon, 02 Jan 2006 15:04:05 GMT"}, 200, content},
	} {
		srv.request(t, "GET", target, tt.fields...).check(t, tt.status, tt.body)
	}
	for _, validator := range []string{tag, date} {
		if validator != "" {
			srv.request(t, "GET", target, "Range", "bytes=1-9", "If-Range", validator).check(t, 206, content[1:10])
		}
	}
}

// testStoredMultipart asks for three parts, the last of them a step backward.
func testStoredMultipart(t *testing.T, srv *storedServer, target, content string, oneRange bool) {
	t.Helper()
	middle := len(content) / 2
	got := srv.request(t, "GET", target, "Range", fmt.Sprintf("bytes=%d-,5-9,10-%d", middle, middle-10))
	if oneRange {
		got.check(t, 200, content)
		return
	}
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if got.Status != 206 || got.Err != nil || err != nil {
		t.Fatalf("several ranges: status %d (%v), Content-Type %q", got.Status, got.Err, got.Header.Get("Content-Type"))
	}
	parts := multipart.NewReader(strings.NewReader(got.Body), params["boundary"])
	for i, want := range []string{content[middle:], content[5:10], content[10 : middle-9]} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if body, err := io.ReadAll(part); string(body) != want || err != nil {
			t.Errorf("part %d has %d bytes (%v), want other %d", i, len(body), err, len(want))
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after three parts: %v, want EOF", err)
	}
}

// openFiles returns the paths in dir, and dir itself, that this process has open.
func openFiles(t *testing.T, dir string) (open []string) {
	t.Helper()
	for _, self := range []string{"/proc/self/fd", "/dev/fd"} {
		entries, err := os.ReadDir(self)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if path, err := os.Readlink(filepath.Join(self, e.Name())); err == nil && strings.HasPrefix(path, dir) {
				open = append(open, path)
			}
		}
		return open
	}
	// Without a list of open files, as on Windows, there is nothing to look at.
	if os.Getenv("CI") != "" {
		t.Fatal("nothing tells which files are open")
	}
	t.Skip("this system does not tell which files are open")
	return nil
}

// mountStored returns a router with the view at /files/*.
func mountStored(v views.DownloadView) http.Handler {
	r := chi.NewRouter()
	views.Mount(r, "/files/*", v)
	return r
}

// From here on it is about StorageDownloadView.

//go:embed storage_test.go
var storedEmbedded embed.FS

func storedZip(t *testing.T, method uint16, name, content string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: storedTime})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func storedZipFS(t *testing.T, archive []byte) fs.FS {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// storedTime is when the files of the tests were last modified: long ago.
var storedTime = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// storedDir returns a directory with a file in it.
func storedDir(t *testing.T, name, content string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, storedTime, storedTime); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStorageDownloadView(t *testing.T) {
	for _, size := range storedSizes {
		content := storedContent(size)
		dir := storedDir(t, "sub/content.txt", content)
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		archive := storedZip(t, zip.Deflate, "sub/content.txt", content)
		for _, tt := range []struct {
			kind    string
			storage fs.FS
			want    storedTraits
		}{
			{"os.Root", root.FS(), storedTraits{}},
			{"os.DirFS", os.DirFS(dir), storedTraits{}},
			{"zip.Reader", storedZipFS(t, archive), storedTraits{oneRange: true}},
			{"fstest.MapFS", fstest.MapFS{"sub/content.txt": {Data: []byte(content), ModTime: storedTime}}, storedTraits{}},
			{"fstest.MapFS without time", fstest.MapFS{"sub/content.txt": {Data: []byte(content)}}, storedTraits{noTag: true, noDate: true}},
		} {
			t.Run(fmt.Sprintf("%s/size=%d", tt.kind, size), func(t *testing.T) {
				view := views.StorageDownloadView{Storage: tt.storage}
				testStored(t, mountStored(view), "/files/sub/content.txt", content, tt.want)
			})
		}
	}
}

// In an embed.FS files have no time, so their bytes must do.
func TestStorageDownloadViewOfAnEmbedFS(t *testing.T) {
	content, err := storedEmbedded.ReadFile("storage_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for kind, storage := range map[string]fs.FS{
		"embed.FS":              storedEmbedded,
		"wrapped, as by fs.Sub": struct{ fs.FS }{storedEmbedded},
	} {
		t.Run(kind, func(t *testing.T) {
			overStored(t, mountStored(views.StorageDownloadView{Storage: storage}), func(t *testing.T, srv *storedServer) {
				got := srv.request(t, "GET", "/files/storage_test.go")
				got.check(t, 200, string(content))
				tag := got.Header.Get("Etag")
				if tag == "" || got.Header.Get("Last-Modified") != "" {
					t.Errorf("ETag %q, Last-Modified %q, want only the former", tag, got.Header.Get("Last-Modified"))
				}
				srv.request(t, "GET", "/files/storage_test.go", "If-None-Match", tag).check(t, 304, "")
				srv.request(t, "GET", "/files/storage_test.go", "Range", "bytes=8-17", "If-Range", tag).check(t, 206, string(content[8:18]))
			})
		})
	}
}

func TestStorageDownloadViewPath(t *testing.T) {
	storage := fstest.MapFS{"a.txt": {Data: []byte("a")}, "b.txt": {Data: []byte("b")}, "dir/c.txt": {Data: []byte("c")}}
	byQuery := func(r *http.Request) (string, error) {
		name := r.FormValue("name")
		if name == "secret" {
			return "", fs.ErrPermission
		}
		return name, nil
	}
	for _, tt := range []struct {
		view            views.StorageDownloadView
		pattern, target string
		status          int
		body            string
		reason          string
	}{
		{views.StorageDownloadView{}, "/{path}", "/a.txt", 200, "a", "the parameter"},
		{views.StorageDownloadView{}, "/*", "/dir/c.txt", 200, "c", "the wildcard"},
		{views.StorageDownloadView{FixedPath: "b.txt"}, "/*", "/a.txt", 200, "a", "the router goes first"},
		{views.StorageDownloadView{FixedPath: "b.txt"}, "/*", "/", 200, "b", "one file where the router has none"},
		{views.StorageDownloadView{FixedPath: "b.txt"}, "/b", "/b", 200, "b", "one file"},
		{views.StorageDownloadView{FixedPath: "b.txt", Path: byQuery}, "/*", "/dir/c.txt?name=a.txt", 200, "a", "Path goes before all"},
		{views.StorageDownloadView{Path: byQuery}, "/x", "/x?name=secret", 403, "", "its error is that of the view"},
		{views.StorageDownloadView{}, "/x", "/x", 404, "", "no name at all"},
		{views.StorageDownloadView{}, "/*", "/dir", 404, "", "a directory"},
		{views.StorageDownloadView{}, "/*", "/dir/", 404, "", "a directory with a slash"},
		{views.StorageDownloadView{}, "/*", "/a.txt/", 404, "", "a file with a slash"},
		{views.StorageDownloadView{}, "/*", "/dir/../a.txt", 404, "", "a name in a storage has no .."},
		{views.StorageDownloadView{}, "/*", "/dir/%2e%2e/a.txt", 404, "", "nor an escaped one"},
		{views.StorageDownloadView{}, "/*", "//a.txt", 404, "", "nor a slash in front"},
		{views.StorageDownloadView{}, "/*", "/a.txt%00", 404, "", "nor a NUL"},
		{views.StorageDownloadView{}, "/*", "/missing", 404, "", "missing"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			tt.view.Storage = storage
			r := chi.NewRouter()
			views.Mount(r, tt.pattern, tt.view)
			got := serveStored(t, "HTTP/1.1", r).request(t, "GET", tt.target)
			if tt.status != 200 {
				got.checkError(t, tt.status)
				return
			}
			got.check(t, 200, tt.body)
		})
	}
}

// faultyFS is a storage in which whatever is asked for goes wrong, or ends too
// early or too late, at last.
type faultyFS struct {
	openErr, statErr error
	size             int64 // what is claimed
	content          io.Reader
	closed           atomic.Int32
}

func (s *faultyFS) Open(string) (fs.File, error) {
	if s.openErr != nil {
		return nil, s.openErr
	}
	return (*faultyFile)(s), nil
}

type faultyFile faultyFS

func (f *faultyFile) Read(p []byte) (int, error) { return f.content.Read(p) }
func (f *faultyFile) Close() error               { f.closed.Add(1); return nil }
func (f *faultyFile) Stat() (fs.FileInfo, error) {
	if f.statErr != nil {
		return nil, f.statErr
	}
	return faultyInfo{f.size}, nil
}

type faultyInfo struct{ size int64 }

func (i faultyInfo) Name() string     { return "faulty.txt" }
func (i faultyInfo) Size() int64      { return i.size }
func (faultyInfo) Mode() fs.FileMode  { return 0o444 }
func (faultyInfo) ModTime() time.Time { return storedTime }
func (faultyInfo) IsDir() bool        { return false }
func (faultyInfo) Sys() any           { return nil }

// failsAfter reads n bytes and fails then.
func failsAfter(n int64) io.Reader {
	return io.MultiReader(io.LimitReader(storedZeros{}, n), storedFailure{})
}

var errStorageGone = errors.New("the storage is gone")

type (
	storedZeros   struct{}
	storedFailure struct{}
)

func (storedZeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
func (storedFailure) Read([]byte) (int, error) { return 0, errStorageGone }

func TestStorageDownloadViewFailures(t *testing.T) {
	for _, tt := range []struct {
		storage func() *faultyFS
		status  int
		broken  bool // the client sees an error in the middle
		reason  string
	}{
		{func() *faultyFS { return &faultyFS{openErr: fs.ErrNotExist} }, 404, false, "missing"},
		{func() *faultyFS { return &faultyFS{openErr: &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}} }, 403, false, "permission denied"},
		{func() *faultyFS { return &faultyFS{openErr: errStorageGone} }, 500, false, "the storage is down"},
		{func() *faultyFS { return &faultyFS{openErr: &fs.PathError{Op: "open", Path: "x", Err: errStorageGone}} }, 500, false, "the storage is down, and says so as a file system does"},
		{func() *faultyFS { return &faultyFS{statErr: errStorageGone} }, 500, false, "the file cannot be described"},
		{func() *faultyFS { return &faultyFS{size: 10, content: failsAfter(0)} }, 500, false, "it fails at once"},
		{func() *faultyFS { return &faultyFS{size: 10, content: failsAfter(5)} }, 500, false, "it fails halfway through a small file, of which nothing was sent"},
		{func() *faultyFS { return &faultyFS{size: 2 << 20, content: failsAfter(1 << 20)} }, 200, true, "it fails halfway through a large file"},
		{func() *faultyFS { return &faultyFS{size: 1 << 20, content: failsAfter(1 << 20)} }, 200, true, "it fails at the end, where the checksum of an archive is compared"},
		{func() *faultyFS { return &faultyFS{size: 2 << 20, content: io.LimitReader(storedZeros{}, 1<<20)} }, 200, true, "the file is shorter than it says"},
		{func() *faultyFS { return &faultyFS{size: 1 << 20, content: io.LimitReader(storedZeros{}, 2<<20)} }, 200, true, "the file is longer than it says"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for _, protocol := range storedProtocols {
				storage := tt.storage()
				got := serveStored(t, protocol, mountStored(views.StorageDownloadView{Storage: storage})).
					request(t, "GET", "/files/x")
				switch {
				case !tt.broken:
					got.checkError(t, tt.status)
				case got.Status != tt.status || got.Err == nil:
					t.Errorf("%s: status %d with %d bytes, and the client sees no error", protocol, got.Status, len(got.Body))
				}
				if closed := storage.closed.Load(); storage.openErr == nil && closed != 1 {
					t.Errorf("%s: the file was closed %d times, want once", protocol, closed)
				}
			}
		})
	}
}

// An archive that is damaged must not yield a download that looks complete.
func TestStorageDownloadViewOfADamagedZip(t *testing.T) {
	content := storedContent(300 << 10)
	archive := storedZip(t, zip.Store, "content.txt", content)
	archive[bytes.Index(archive, []byte("0000100\n"))] = 'X'
	view := views.StorageDownloadView{Storage: storedZipFS(t, archive)}
	overStored(t, mountStored(view), func(t *testing.T, srv *storedServer) {
		got := srv.request(t, "GET", "/files/content.txt")
		if got.Status != 200 || got.Err == nil {
			t.Errorf("status %d with %d bytes, and the client sees no error", got.Status, len(got.Body))
		}
	})
}

// cloudFS is a storage with URLs, that works for the duration of a request.
type cloudFS struct {
	fs.FS
	ctx    context.Context
	urlErr error
}

func (s cloudFS) WithContext(ctx context.Context) fs.FS {
	s.ctx = ctx
	return s
}

type cloudUser struct{}

// Open fails unless the storage works for a request.
func (s cloudFS) Open(name string) (fs.File, error) {
	if s.ctx == nil || s.ctx.Value(cloudUser{}) == nil {
		return nil, errors.New("not the context of the request")
	}
	return s.FS.Open(name)
}

func (s cloudFS) URL(ctx context.Context, name string) (string, error) {
	if s.urlErr != nil {
		return "", s.urlErr
	}
	return fmt.Sprintf("https://bucket.example/%s?signed=%v", name, ctx.Value(cloudUser{})), nil
}

func TestStorageDownloadViewRedirect(t *testing.T) {
	bucket := cloudFS{FS: fstest.MapFS{"dir/a b.txt": {Data: []byte("content"), ModTime: storedTime}}}
	noURL := bucket
	noURL.urlErr = errors.ErrUnsupported
	const target = "/files/dir/a%20b.txt"
	for _, tt := range []struct {
		reason   string
		storage  fs.FS
		redirect bool
		method   string
		target   string
		fields   []string
		status   int
		body     string
	}{
		{"to the URL", bucket, true, "GET", target, nil, 302, ""},
		{"conditions are for the bucket to judge", bucket, true, "GET", target, []string{"If-None-Match", "*"}, 302, ""},
		{"and so are dates", bucket, true, "GET", target, []string{"If-Modified-Since", storedTime.Format(http.TimeFormat)}, 302, ""},
		{"and ranges", bucket, true, "GET", target, []string{"Range", "bytes=0-1"}, 302, ""},
		{"HEAD is answered here", bucket, true, "HEAD", target, nil, 200, ""},
		{"with its conditions", bucket, true, "HEAD", target, []string{"If-Modified-Since", storedTime.Format(http.TimeFormat)}, 304, ""},
		{"only on demand", bucket, false, "GET", target, nil, 200, "content"},
		{"no URL this time: served from here", noURL, true, "GET", target, nil, 200, "content"},
		{"no URL ever", fstest.MapFS{"dir/a b.txt": {Data: []byte("content")}}, true, "GET", target, nil, 200, "content"},
		{"what is not there has no URL", bucket, true, "GET", "/files/missing", nil, 404, "Not Found\n"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			view := views.StorageDownloadView{Storage: tt.storage}
			view.Redirect = tt.redirect
			h := mountStored(view)
			srv := serveStored(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), cloudUser{}, "ada")))
			}))
			srv.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			got := srv.request(t, tt.method, tt.target, tt.fields...)
			got.check(t, tt.status, tt.body)
			if tt.status != 302 {
				if got.Header.Get("Location") != "" {
					t.Errorf("status %d with Location %q", tt.status, got.Header.Get("Location"))
				}
				return
			}
			want := http.Header{
				"Location":       {"https://bucket.example/dir/a%20b.txt?signed=ada"},
				"Cache-Control":  {"no-store"},
				"Content-Length": {"0"},
				"Date":           got.Header["Date"],
			}
			if diff := cmp.Diff(want, got.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStorageDownloadViewCheck(t *testing.T) {
	for _, tt := range []struct {
		view   views.DownloadView
		reason string
	}{
		{views.StorageDownloadView{}, "no storage"},
		{views.StorageDownloadView{Storage: (*os.Root)(nil).FS()}, "a storage of nothing"},
		{views.StorageDownloadView{Storage: fstest.MapFS(nil)}, "a map that was never made"},
		{&views.StorageDownloadView{}, "no storage, by a pointer"},
		{struct{ views.StorageDownloadView }{}, "no storage, in a struct around it"},
	} {
		t.Run(tt.reason, func(t *testing.T) { wantAsViewPanic(t, tt.view, "no Storage is set") })
	}
}

// wantAsViewPanic tests that AsView refuses the view, and says why.
func wantAsViewPanic(t *testing.T, v views.DownloadView, want string) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("AsView panics with %q, want it to say %q", got, want)
		}
	}()
	views.AsView(v)
}
