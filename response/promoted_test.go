package response_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// unzippedOnDisk is a compressed file on disk, decompressed. Who makes it has read
// the first block of the file already.
type unzippedOnDisk struct {
	*os.File
	zr *gzip.Reader
}

func (f unzippedOnDisk) Read(p []byte) (int, error) { return f.zr.Read(p) }

func (f unzippedOnDisk) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return unknownSize{info}, err
}

// unzippedInMemory is the same in memory. It has the InMemory of the ContentFile,
// and the Seek, which knows nothing of the decompression.
type unzippedInMemory struct {
	*files.ContentFile
	zr *gzip.Reader
}

func (f unzippedInMemory) Read(p []byte) (int, error) { return f.zr.Read(p) }

func (f unzippedInMemory) Stat() (fs.FileInfo, error) {
	info, err := f.ContentFile.Stat()
	return unknownSize{info}, err
}

// A struct that embeds a file, and reads something else out of it, can be read
// once: nothing may be sought in it, or hashed, ahead of the download.
func TestContentThatCanBeReadOnce(t *testing.T) {
	content := strings.Repeat("card 1234 5678, ", 20_000)
	var zipped bytes.Buffer
	zw, err := gzip.NewWriterLevel(&zipped, gzip.NoCompression) // so that it is longer than what is read ahead
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(zw, content); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.gz")
	if err := os.WriteFile(path, zipped.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason string
		open   func() (fs.File, error)
	}{
		{"on disk", func() (fs.File, error) {
			f, err := os.Open(path)
			if err != nil {
				return nil, err
			}
			zr, err := gzip.NewReader(f)
			return unzippedOnDisk{f, zr}, err
		}},
		{"in memory", func() (fs.File, error) {
			f := files.NewContentFile(zipped.Bytes(), "a.gz")
			zr, err := gzip.NewReader(f)
			return unzippedInMemory{f, zr}, err
		}},
	} {
		for wrapping, wrap := range map[string]func(fs.File) fs.File{
			"bare":            func(f fs.File) fs.File { return f },
			"a VirtualFile":   func(f fs.File) fs.File { return files.NewVirtualFile(f, "a.txt") },
			"a DescribedFile": func(f fs.File) fs.File { return files.NewDescribedFile(f) },
		} {
			t.Run(tt.reason+"/"+wrapping, func(t *testing.T) {
				servertest.OverEach(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					file, err := tt.open()
					if err != nil {
						t.Error(err)
						return
					}
					response.New(wrap(file), response.Options{}).ServeHTTP(w, r)
				}), func(t *testing.T, srv *servertest.Server) {
					srv.Do(t, "GET", "/").Check(t, 200, content)
					srv.Do(t, "GET", "/", "Range", "bytes=1-2").Check(t, 200, content)
				})
			})
		}
	}
}
