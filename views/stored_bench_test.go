package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/views"
)

// The benchmarks send real answers over loopback connections, each beside the
// rival that a Go program would otherwise use. docs/performance.md says how to
// compare them, and what came out.

// benchStored benchmarks GET requests for target, size bytes each time, over one
// connection.
func benchStored(b *testing.B, protocol, target string, size int64, handler http.Handler) {
	b.Helper()
	srv := httptest.NewUnstartedServer(handler)
	if srv.EnableHTTP2 = protocol == "HTTP2"; srv.EnableHTTP2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	defer srv.Close()
	client := srv.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	client.Transport.(*http.Transport).ReadBufferSize = 64 << 10

	buf := make([]byte, 256<<10)
	b.ReportAllocs()
	b.SetBytes(size)
	for b.Loop() {
		resp, err := client.Get(srv.URL + target)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, buf)
		resp.Body.Close()
		if err != nil || n != size || resp.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d bytes of %d, %v", resp.Status, n, size, err)
		}
	}
}

var (
	benchProtocols = []string{"HTTP1", "HTTP2"}
	benchSizes     = []int64{1 << 10, 1 << 20, 100 << 20}
)

// byWildcard mounts a view at /files/ as the rivals are: with http.ServeMux.
func byWildcard(v views.DownloadView) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /files/{path...}", views.AsView(v))
	return mux
}

func benchDir(b *testing.B, size int64) string {
	b.Helper()
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "content.bin"), make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	return dir
}

// rival is a handler and what to call it.
type rival struct {
	name    string
	handler http.Handler
}

func benchRivals(b *testing.B, name, target string, size int64, rivals []rival) {
	b.Helper()
	for _, protocol := range benchProtocols {
		for _, by := range rivals {
			b.Run(fmt.Sprintf("%s/%s/size=%dKiB/by=%s", name, protocol, size>>10, by.name), func(b *testing.B) {
				benchStored(b, protocol, target, size, by.handler)
			})
		}
	}
}

func BenchmarkPath(b *testing.B) {
	for _, size := range benchSizes {
		dir := benchDir(b, size)
		root := openRoot(b, dir)
		path := filepath.Join(dir, "content.bin")
		benchRivals(b, "confined", "/files/content.bin", size, []rival{
			{"Root", byWildcard(views.PathDownloadView{Root: root})},
			{"Dir", byWildcard(views.PathDownloadView{Dir: dir})},
			{"FileServerFS", http.StripPrefix("/files/", http.FileServerFS(root.FS()))},
		})
		benchRivals(b, "anywhere", "/", size, []rival{
			{"AnyPath", views.AsView(views.PathDownloadView{FixedPath: path, DangerouslyServeAnyPath: true})},
			{"ServeFile", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })},
		})
	}
}

func BenchmarkStorage(b *testing.B) {
	for _, size := range benchSizes {
		root := openRoot(b, benchDir(b, size))
		for _, storage := range []struct {
			name string
			fs   fs.FS
		}{
			{"Root", root.FS()},
			{"MapFS", fstest.MapFS{"content.bin": {Data: make([]byte, size), ModTime: storedTime}}},
		} {
			benchRivals(b, storage.name, "/files/content.bin", size, []rival{
				{"downloadview", byWildcard(views.StorageDownloadView{Storage: storage.fs})},
				{"FileServerFS", http.StripPrefix("/files/", http.FileServerFS(storage.fs))},
			})
		}
	}
	// There is nothing else to embed, and FileServerFS has no entity tag for it.
	content, err := storedEmbedded.ReadFile("storage_test.go")
	if err != nil {
		b.Fatal(err)
	}
	benchRivals(b, "embed", "/files/storage_test.go", int64(len(content)), []rival{
		{"downloadview", byWildcard(views.StorageDownloadView{Storage: storedEmbedded})},
		{"FileServerFS", http.StripPrefix("/files/", http.FileServerFS(storedEmbedded))},
	})
}

func openRoot(b *testing.B, dir string) *os.Root {
	b.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = root.Close() })
	return root
}
