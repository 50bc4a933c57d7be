package views_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed conformance_test.go
var conformanceSource embed.FS

// Every view, with every wrapper, is as good a download as any.
func TestConformance(t *testing.T) {
	// Longer than a buffer, so that it is sent in several pieces.
	content := []byte(strings.Repeat("a download is a download is a download\n", 5000))
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

	dir := t.TempDir()
	name := filepath.Join(dir, "stored.txt")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for suffix, coded := range map[string][]byte{".gz": gzipped(t, content), ".br": []byte("as if it were br")} {
		if err := os.WriteFile(name+suffix, coded, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name+suffix, modTime, modTime); err != nil {
			t.Fatal(err)
		}
	}
	// A file of this very second may change again within it, so its date is no
	// strong validator, and parts of it do not go together (RFC 9110 §8.8.2.2).
	if err := os.Chtimes(name, modTime, modTime); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	remote := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(remote.Close)

	lines := func(yield func(string) bool) {
		for line := range bytes.Lines(content) {
			if !yield(string(line)) {
				return
			}
		}
	}
	virtual := func(file func() fs.File) views.DownloadView {
		return views.FileFunc(func(*http.Request) (fs.File, error) { return file(), nil })
	}
	stored := func(storage fs.FS, name string) views.DownloadView {
		return views.StorageDownloadView{Storage: storage, FixedPath: name}
	}

	tests := []struct {
		reason string
		view   views.DownloadView
		ranges bool
	}{
		{"text in memory", virtual(func() fs.File {
			return files.NewContentFile(string(content), "text.txt")
		}), true},
		{"a reader in memory", virtual(func() fs.File {
			return files.NewVirtualFile(bytes.NewReader(content), "reader.txt")
		}), true},
		{"a reader that cannot seek", virtual(func() fs.File {
			return files.NewVirtualFile(bytes.NewBuffer(content), "buffer.txt")
		}), false},
		{"generated", virtual(func() fs.File {
			return files.NewVirtualFile(files.NewStringIteratorIO(lines), "generated.txt")
		}), false},
		{"generated, size and tag given", virtual(func() fs.File {
			f := files.NewVirtualFile(files.NewStringIteratorIO(lines), "generated.txt")
			f.Size, f.ETag, f.ModTime = int64(len(content)), `"v1"`, modTime
			return f
		}), true},
		{"written", virtual(func() fs.File {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				_, err := w.Write(content)
				return err
			}), "written.txt")
		}), false},
		{"on disk", views.PathDownloadView{Root: root, FixedPath: "stored.txt"}, true},
		{"on disk, by its directory", views.PathDownloadView{Dir: dir, FixedPath: "stored.txt"}, true},
		{"on disk, and compressed", views.PathDownloadView{Root: root, FixedPath: "stored.txt", Precompressed: []string{"br", "gzip"}}, true},
		{"in a storage, and compressed", views.StorageDownloadView{Storage: root.FS(), FixedPath: "stored.txt", Precompressed: []string{"gzip"}}, true},
		{"in a root's file system", stored(root.FS(), "stored.txt"), true},
		{"in an embed.FS", stored(conformanceSource, "conformance_test.go"), true},
		{"in a zip", stored(zipped(t, "stored.txt", content, modTime), "stored.txt"), true},
		{"in a map", stored(fstest.MapFS{"stored.txt": {Data: content, ModTime: modTime}}, "stored.txt"), true},
		{"of an object", views.ObjectDownloadView[string]{
			GetObject: func(*http.Request) (string, error) { return "stored.txt", nil },
			File:      func(_ *http.Request, name string) (fs.File, error) { return root.Open(name) },
			Basename:  func(name string) string { return "renamed-" + name },
			ETag:      func(string) string { return `"of the row"` },
			ModTime:   func(string) time.Time { return modTime },
		}, true},
		{"at a URL", views.HTTPDownloadView{
			URL: func(*http.Request) (string, error) { return remote.URL + "/stored.txt", nil },
		}, true},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			downloadtest.TestView(t, test.view, downloadtest.Ranges(test.ranges))
		})
	}
}

// gzipped returns content, compressed.
func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipped returns a zip with one file in it.
func zipped(t *testing.T, name string, content []byte, modTime time.Time) fs.FS {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: modTime})
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
