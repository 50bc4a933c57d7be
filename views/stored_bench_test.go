package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/views"
)

// The benchmarks send real answers over loopback connections, each beside the
// rival that a Go program would otherwise use. docs/performance.md says how to
// compare them, and what came out.

var benchSizes = []int64{1 << 10, 1 << 20, 100 << 20}

func sizeOf(n int64) string { return fmt.Sprintf("size=%dKiB", n>>10) }

// byWildcard mounts a view at /files/ as the rivals are: with http.ServeMux.
func byWildcard(v views.DownloadView) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /files/{path...}", views.AsView(v))
	return mux
}

// fileServer is the rival for storages.
func fileServer(storage fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServerFS(storage)))
	return mux
}

func BenchmarkPath(b *testing.B) {
	for _, size := range benchSizes {
		path := duel.File(b, size)
		root := openRoot(b, filepath.Dir(path))
		duel.Run(b, "Root/vs=FileServerFS", sizeOf(size), "/files/content.bin", size,
			byWildcard(views.PathDownloadView{Root: root}), fileServer(root.FS()))
		duel.Run(b, "AnyPath/vs=ServeFile", sizeOf(size), "/", size,
			views.AsView(views.PathDownloadView{FixedPath: path, DangerouslyServeAnyPath: true}),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
	}
}

func BenchmarkStorage(b *testing.B) {
	for _, size := range benchSizes {
		root := openRoot(b, filepath.Dir(duel.File(b, size)))
		inMemory := fstest.MapFS{"content.bin": {Data: make([]byte, size), ModTime: storedTime}}
		for _, storage := range []struct {
			name string
			fs.FS
		}{{"Root", root.FS()}, {"MapFS", inMemory}} {
			duel.Run(b, storage.name+"/vs=FileServerFS", sizeOf(size), "/files/content.bin", size,
				byWildcard(views.StorageDownloadView{Storage: storage.FS}), fileServer(storage.FS))
		}
	}
	// There is nothing else to embed, and FileServerFS has no entity tag for it.
	const embedded = "storage_test.go"
	content, err := storedEmbedded.ReadFile(embedded)
	if err != nil {
		b.Fatal(err)
	}
	size := int64(len(content))
	duel.Run(b, "Embed/vs=FileServerFS", sizeOf(size), "/files/"+embedded, size,
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
