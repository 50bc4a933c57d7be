package response_test

import (
	"archive/zip"
	"bytes"
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

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// zipOf returns a ZIP with one entry, of that time.
func zipOf(t *testing.T, content string, modified time.Time) *zip.Reader {
	t.Helper()
	var archive bytes.Buffer
	zw := zip.NewWriter(&archive)
	w, err := zw.CreateHeader(&zip.FileHeader{Name: "a.txt", Method: zip.Store, Modified: modified})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	zr, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return zr
}

// Times that are no times make no validators: two versions of one size would have
// the same.
func TestValidatorsAreMadeOfWhatVaries(t *testing.T) {
	onDisk := func(modified time.Time) func(*testing.T, string) fs.FS {
		return func(t *testing.T, content string) fs.FS {
			path := filepath.Join(t.TempDir(), "a.txt")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, modified, modified); err != nil {
				t.Fatal(err)
			}
			return os.DirFS(filepath.Dir(path))
		}
	}
	zipped := func(modified time.Time) func(*testing.T, string) fs.FS {
		return func(t *testing.T, content string) fs.FS { return zipOf(t, content, modified) }
	}
	mapped := func(modified time.Time) func(*testing.T, string) fs.FS {
		return func(_ *testing.T, content string) fs.FS {
			return fstest.MapFS{"a.txt": {Data: []byte(content), ModTime: modified}}
		}
	}
	dos := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		reason string
		store  func(t *testing.T, content string) fs.FS
		tagged bool // by something else than the time
	}{
		{"a zip without times", zipped(time.Time{}), true},
		{"a zip of a reproducible build", zipped(dos), true},
		{"a zip with a time", zipped(time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)), true},
		{"on disk, the first second (Nix)", onDisk(time.Unix(1, 0)), false},
		{"on disk, the epoch", onDisk(time.Unix(0, 0)), false},
		{"on disk, the first day of DOS", onDisk(dos), false},
		{"on disk, the same in another time zone", onDisk(dos.Add(14 * time.Hour)), false},
		{"in a map, zero", mapped(time.Time{}), false},
		{"in a map, before the year 1", mapped(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)), false},
		{"in a map, 1979", mapped(time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC)), false},
		{"in a map, 1980-01-02", mapped(time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)), false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			ask := func(content string, fields ...string) servertest.Answer {
				f, err := files.OpenStorageFile(t.Context(), tt.store(t, content), "a.txt")
				if err != nil {
					t.Fatal(err)
				}
				return servertest.Record(send(f, response.Options{}), "GET", "/", fields...)
			}
			first, second := ask("version 1"), ask("version 2")
			if tag := first.Header.Get("Etag"); tag != "" && tag == second.Header.Get("Etag") {
				t.Errorf("two versions have the tag %s", tag)
			}
			if got := first.Header.Get("Etag") != ""; got != tt.tagged {
				t.Errorf("ETag %q, want one: %v", first.Header.Get("Etag"), tt.tagged)
			}
			if again := ask("version 1").Header.Get("Etag"); again != first.Header.Get("Etag") {
				t.Errorf("the tag of one version was %q, and is %q", first.Header.Get("Etag"), again)
			}
			if got := first.Header.Get("Last-Modified"); got != "" && !strings.Contains(tt.reason, "with a time") {
				t.Errorf("Last-Modified: %s", got)
			}
			// The answers of whoever has version 1 to whoever asks for version 2.
			requests := [][]string{
				{"If-Range", "Tue, 01 Jan 1980 00:00:00 GMT", "Range", "bytes=1-"},
				{"If-Range", "Thu, 01 Jan 1970 00:00:01 GMT", "Range", "bytes=1-"},
			}
			if tag := first.Header.Get("Etag"); tag != "" {
				requests = append(requests, []string{"If-None-Match", tag}, []string{"If-Range", tag, "Range", "bytes=1-"})
			}
			for _, fields := range requests {
				ask("version 2", fields...).Check(t, http.StatusOK, "version 2")
			}
			if !strings.Contains(tt.reason, "with a time") {
				ask("version 2", "If-Modified-Since", "Tue, 01 Jan 2030 00:00:00 GMT").Check(t, http.StatusOK, "version 2")
			}
		})
	}
}

// disturbed is a file with a hook that is called once, when some of it was read.
type disturbed struct {
	fs.File
	hook func()
}

func (f *disturbed) Read(p []byte) (int, error) {
	n, err := f.File.Read(p[:min(len(p), 40_000)])
	if f.hook != nil {
		f.hook()
		f.hook = nil
	}
	return n, err
}

// disturbedFS wraps its files, as storages do that log or count.
type disturbedFS struct {
	fs.FS
	hook func()
}

func (s disturbedFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &disturbed{f, s.hook}, nil
}

// What is rewritten in place while it is sent is broken off, in whatever it is
// wrapped.
func TestRewrittenWhileItIsSent(t *testing.T) {
	for _, size := range []int{1000, 300_000} {
		for wrapping, wrap := range map[string]func(fs.File) fs.File{
			"bare":            func(f fs.File) fs.File { return f },
			"struct{fs.File}": func(f fs.File) fs.File { return struct{ fs.File }{f} },
			"a VirtualFile":   func(f fs.File) fs.File { return files.NewVirtualFile(f, "a.txt") },
			"a DescribedFile": func(f fs.File) fs.File { return files.NewDescribedFile(f) },
		} {
			for _, stored := range []bool{false, true} {
				dir := t.TempDir()
				path := filepath.Join(dir, "a.txt")
				write := func(content string, modified time.Time) {
					t.Helper()
					f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
					if err != nil {
						t.Fatal(err)
					}
					defer f.Close()
					if _, err := f.WriteAt([]byte(strings.Repeat(content, size)), 0); err != nil {
						t.Fatal(err)
					}
					if err := os.Chtimes(path, modified, modified); err != nil {
						t.Fatal(err)
					}
				}
				write("1", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
				rewrite := func() { write("2", time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)) }
				storage := disturbedFS{os.DirFS(dir), rewrite}
				var f fs.File
				var err error
				if stored {
					f, err = files.OpenStorageFile(t.Context(), storage, "a.txt")
				} else {
					f, err = storage.Open("a.txt")
				}
				if err != nil {
					t.Fatal(err)
				}
				servertest.CaptureLog(t)
				rec := httptest.NewRecorder()
				var panicked any
				func() {
					defer func() { panicked = recover() }()
					send(wrap(f), response.Options{}).ServeHTTP(rec, servertest.Request("GET", "/"))
				}()
				if rec.Code == http.StatusOK && panicked != http.ErrAbortHandler {
					t.Errorf("%s, in a storage: %v, %d bytes: a complete 200 of %d bytes of two versions", wrapping, stored, size, rec.Body.Len())
				}
			}
		}
	}
}

// restless is a file that was modified whenever it is asked.
type restless struct{ *files.ContentFile }

func (f restless) Stat() (fs.FileInfo, error) {
	info, err := f.ContentFile.Stat()
	return restlessInfo{info}, err
}

type restlessInfo struct{ fs.FileInfo }

func (restlessInfo) ModTime() time.Time { return time.Now() }

// There are files whose time of modification is that of the call. They are sent.
func TestFileThatWasModifiedJustNow(t *testing.T) {
	file := restless{files.NewContentFile("Hello", "a.txt")}
	servertest.Record(send(file, response.Options{}), "GET", "/").Check(t, http.StatusOK, "Hello")
}

// A date that is none of a modification says nothing.
func TestModTimeBeforeYearOne(t *testing.T) {
	f := files.NewContentFile("Hello", "a.txt")
	f.ModTime = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := servertest.Record(send(f, response.Options{}), "GET", "/").Header.Get("Last-Modified"); got != "" {
		t.Errorf("Last-Modified: %s", got)
	}
}
