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

// duelStored benchmarks a view and a rival side by side, over both protocols.
func duelStored(b *testing.B, name, rivalName, target string, size int64, view, rival http.Handler) {
	b.Helper()
	for _, protocol := range benchProtocols {
		for _, by := range []struct {
			name    string
			handler http.Handler
		}{{"downloadview", view}, {"rival", rival}} {
			b.Run(fmt.Sprintf("%s/vs=%s/%s/size=%dKiB/by=%s", name, rivalName, protocol, size>>10, by.name), func(b *testing.B) {
				benchStored(b, protocol, target, size, by.handler)
			})
		}
	}
}

// fileServer is the rival for storages.
func fileServer(storage fs.FS) http.Handler {
	return http.StripPrefix("/files/", http.FileServerFS(storage))
}

func BenchmarkPath(b *testing.B) {
	for _, size := range benchSizes {
		dir := benchDir(b, size)
		root := openRoot(b, dir)
		path := filepath.Join(dir, "content.bin")
		duelStored(b, "Root", "FileServerFS", "/files/content.bin", size,
			byWildcard(views.PathDownloadView{Root: root}), fileServer(root.FS()))
		duelStored(b, "AnyPath", "ServeFile", "/", size,
			views.AsView(views.PathDownloadView{FixedPath: path, DangerouslyServeAnyPath: true}),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
	}
}

func BenchmarkStorage(b *testing.B) {
	for _, size := range benchSizes {
		root := openRoot(b, benchDir(b, size))
		duelStored(b, "Root", "FileServerFS", "/files/content.bin", size,
			byWildcard(views.StorageDownloadView{Storage: root.FS()}), fileServer(root.FS()))
		inMemory := fstest.MapFS{"content.bin": {Data: make([]byte, size), ModTime: storedTime}}
		duelStored(b, "MapFS", "FileServerFS", "/files/content.bin", size,
			byWildcard(views.StorageDownloadView{Storage: inMemory}), fileServer(inMemory))
	}
	// There is nothing else to embed, and FileServerFS has no entity tag for it.
	content, err := storedEmbedded.ReadFile("storage_test.go")
	if err != nil {
		b.Fatal(err)
	}
	duelStored(b, "Embed", "FileServerFS", "/files/storage_test.go", int64(len(content)),
		byWildcard(views.StorageDownloadView{Storage: storedEmbedded}), fileServer(storedEmbedded))
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
