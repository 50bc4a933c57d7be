package response_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// redacted is a file on disk without its secrets. It has the WriteTo, ReadAt and
// Seek of the *os.File, which know nothing of them.
type redacted struct{ *os.File }

func (f redacted) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	for i, c := range p[:n] {
		if '0' <= c && c <= '9' {
			p[i] = 'X'
		}
	}
	return n, err
}

// gunzipped is a compressed file on disk, decompressed.
type gunzipped struct {
	*os.File
	reader *gzip.Reader
}

func (f *gunzipped) Read(p []byte) (n int, err error) {
	if f.reader == nil {
		if f.reader, err = gzip.NewReader(f.File); err != nil {
			return 0, err
		}
	}
	return f.reader.Read(p)
}

func (f *gunzipped) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return unknownSize{info}, err
}

type unknownSize struct{ fs.FileInfo }

func (unknownSize) Size() int64       { return -1 }
func (unknownSize) Mode() fs.FileMode { return fs.ModeIrregular | 0o444 }

// headless is a file on disk without the 100 bytes that it begins with.
type headless struct{ *os.File }

const headerSize = 100

func newHeadless(f *os.File) headless {
	if _, err := f.Seek(headerSize, io.SeekStart); err != nil {
		panic(err)
	}
	return headless{f}
}

func (f headless) Read(p []byte) (int, error) { return f.File.Read(p) }

func (f headless) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekStart {
		offset += headerSize
	}
	pos, err := f.File.Seek(offset, whence)
	return pos - headerSize, err
}

func (f headless) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return shorter{info}, err
}

type shorter struct{ fs.FileInfo }

func (i shorter) Size() int64 { return i.FileInfo.Size() - headerSize }

// wrappedStorage is a storage whose files are others' around those on disk.
type wrappedStorage struct {
	dir  string
	wrap func(*os.File) fs.File
}

func (s wrappedStorage) Open(name string) (fs.File, error) {
	f, err := os.Open(filepath.Join(s.dir, name))
	if err != nil {
		return nil, err
	}
	return s.wrap(f), nil
}

// A struct around an *os.File decides what is read, in whatever it is wrapped.
func TestOwnReadDecides(t *testing.T) {
	const size = 300_000 // more than sendfile(2) takes to be used
	plain := strings.Repeat("card 1234 5678, ", size/16)
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(zw, plain); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"plain.txt": plain, "zipped.txt": zipped.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		reason  string
		name    string
		wrap    func(*os.File) fs.File
		want    string
		noRange bool
	}{
		{"redacted", "plain.txt", func(f *os.File) fs.File { return redacted{f} }, strings.Repeat("card XXXX XXXX, ", size/16), false},
		{"gunzipped, of unknown size", "zipped.txt", func(f *os.File) fs.File { return &gunzipped{File: f} }, plain, true},
		{"without its beginning", "plain.txt", func(f *os.File) fs.File { return newHeadless(f) }, plain[headerSize:], false},
	} {
		storage := wrappedStorage{dir, tt.wrap}
		open := func(t *testing.T) fs.File {
			f, err := storage.Open(tt.name)
			if err != nil {
				t.Error(err)
			}
			return f
		}
		for wrapping, file := range map[string]func(t *testing.T) fs.File{
			"bare":            open,
			"a VirtualFile":   func(t *testing.T) fs.File { return files.NewVirtualFile(open(t), tt.name) },
			"a DescribedFile": func(t *testing.T) fs.File { return files.NewDescribedFile(open(t)) },
			"in a storage": func(t *testing.T) fs.File {
				f, err := files.OpenStorageFile(t.Context(), storage, tt.name)
				if err != nil {
					t.Error(err)
				}
				return f
			},
			"all of it": func(t *testing.T) fs.File {
				return files.NewVirtualFile(files.NewDescribedFile(open(t)), tt.name)
			},
		} {
			t.Run(tt.reason+"/"+wrapping, func(t *testing.T) {
				servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
					srv.Handler = download(func() fs.File { return file(t) })
					srv.Do(t, "GET", "/").Check(t, 200, tt.want)
					if got := srv.Do(t, "HEAD", "/"); !tt.noRange && got.Length != int64(len(tt.want)) {
						t.Errorf("HEAD: length %d, want %d", got.Length, len(tt.want))
					}
					got := srv.Do(t, "GET", "/", "Range", "bytes=1001-200000")
					if tt.noRange {
						got.Check(t, 200, tt.want)
					} else {
						got.Check(t, 206, tt.want[1001:200_001])
					}
				})
			})
		}
	}
}
