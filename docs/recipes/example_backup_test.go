package recipes_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// BackupDownloadView serves a directory tree as a compressed tar. It is compressed
// once, and kept for as long as the tree stays the same.
type BackupDownloadView struct {
	views.VirtualDownloadView
	Root     fs.FS
	Cache    *cache.Cache
	Name     string                           // "backup.tar.gz", or "backup.tar.zst" with zstd.NewWriter
	Compress func(w io.Writer) io.WriteCloser // gzip.NewWriter
}

func (v BackupDownloadView) GetFile(r *http.Request) (fs.File, error) {
	return v.Cache.File(r.Context(), v.Name, v.open)
}

func (v BackupDownloadView) open(ctx context.Context) (fs.File, error) {
	entries, err := archive.FromFS(v.Root, ".", nil)
	if err != nil {
		return nil, err
	}
	content, err := archive.NewTar(ctx, "backup.tar", entries)
	if err != nil {
		return nil, err
	}
	info, err := content.Stat()
	if err != nil {
		return nil, err
	}
	file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		defer content.Close()
		compressed := v.Compress(w)
		if _, err := content.WriteTo(compressed); err != nil {
			return err
		}
		return compressed.Close()
	}), v.Name)
	file.ETag, err = files.ETag(ctx, info) // the tar's changes with each file
	return file, err
}

// A compressed tar has no length until it was made. The copy that is kept has one, so
// it can be resumed.
func Example_backup() {
	dir, err := os.MkdirTemp("", "backup-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	_ = root.Mkdir("cache", 0o700)
	_ = root.MkdirAll("data/2025", 0o700)
	_ = root.WriteFile("data/2025/report.txt", []byte("All is well.\n"), 0o600)
	copies, err := root.OpenRoot("cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer copies.Close()
	kept, err := cache.New(copies, cache.Options{MaxBytes: 1 << 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer kept.Close()
	data, err := fs.Sub(root.FS(), "data")
	if err != nil {
		fmt.Println(err)
		return
	}
	h := views.AsView(BackupDownloadView{
		Root: data, Cache: kept, Name: "backup.tar.gz",
		Compress: func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	})

	for range 2 {
		w := httptest.NewRecorder()
		h(w, httptest.NewRequest("GET", "/backup.tar.gz", nil))
		fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Header().Get("Accept-Ranges"))
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			fmt.Println(err)
			return
		}
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if err != nil {
				break
			}
			fmt.Println(h.Name, h.Size)
		}
	}
	// Output:
	// 200 application/gzip none
	// 2025/ 0
	// 2025/report.txt 13
	// 200 application/gzip bytes
	// 2025/ 0
	// 2025/report.txt 13
}
