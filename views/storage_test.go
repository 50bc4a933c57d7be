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
	"net/http"
	"os"
	"testing"
	"testing/fstest"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

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
			servertest.OverEach(t, mountStored(views.StorageDownloadView{Storage: storage}), func(t *testing.T, srv *servertest.Server) {
				got := srv.Do(t, "GET", "/files/storage_test.go")
				got.Check(t, 200, string(content))
				tag := got.Header.Get("Etag")
				if tag == "" || got.Header.Get("Last-Modified") != "" {
					t.Errorf("ETag %q, Last-Modified %q, want only the former", tag, got.Header.Get("Last-Modified"))
				}
				srv.Do(t, "GET", "/files/storage_test.go", "If-None-Match", tag).Check(t, 304, "")
				srv.Do(t, "GET", "/files/storage_test.go", "Range", "bytes=8-17", "If-Range", tag).Check(t, 206, string(content[8:18]))
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
			got := servertest.Start(t, "HTTP/1.1", r).Do(t, "GET", tt.target)
			if tt.status != 200 {
				got.CheckError(t, tt.status)
				return
			}
			got.Check(t, 200, tt.body)
		})
	}
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
			view.Options.Redirect = tt.redirect
			h := mountStored(view)
			srv := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), cloudUser{}, "ada")))
			}))
			srv.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			got := srv.Do(t, tt.method, tt.target, tt.fields...)
			got.Check(t, tt.status, tt.body)
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
		t.Run(tt.reason, func(t *testing.T) { mustPanic(t, func() { views.AsView(tt.view) }, "no Storage is set") })
	}
}
