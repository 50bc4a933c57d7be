package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// opener is open with a context.
func opener(open func() (fs.File, error)) func(context.Context) (fs.File, error) {
	return func(context.Context) (fs.File, error) { return open() }
}

var errBroken = errors.New("the disk is broken")

// fileOf returns a file over r that says that it has that many bytes.
func fileOf(r io.Reader, size int64) fs.File {
	file := files.NewVirtualFile(io.MultiReader(r), "bad")
	file.Size = size
	return file
}

// changing is a file that is another after it was read.
type changing struct {
	fs.File
	read bool
}

func (f *changing) Read(p []byte) (int, error) {
	f.read = true
	return f.File.Read(p)
}

func (f *changing) Stat() (fs.FileInfo, error) {
	file := files.NewContentFile(text(200_000), "bad")
	file.ModTime = modTime
	if f.read {
		file.ModTime = modTime.Add(1)
	}
	return file.Stat()
}

type directory struct{ fs.File }

func (directory) Stat() (fs.FileInfo, error) { return os.Stat("/") }

type nameless struct{ fs.File }

func (nameless) Stat() (fs.FileInfo, error) { return nil, errBroken }

// idle has no more, but does not say so.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// Whatever is wrong with an entry breaks the download off, and the error says
// which it was.
func TestFailures(t *testing.T) {
	const size = 200_000
	content := string(text(size))
	read := func(content string) io.Reader { return strings.NewReader(content) }
	for _, tt := range []struct {
		reason string
		open   func() (fs.File, error)
		is     error  // that the error is
		says   string // what is in its text
	}{
		{"does not open", func() (fs.File, error) { return nil, errBroken }, errBroken, ""},
		{"does not exist", func() (fs.File, error) { return nil, fs.ErrNotExist }, fs.ErrNotExist, ""},
		{"neither a file nor an error", func() (fs.File, error) { return nil, nil }, nil, "nil, nil"},
		{"a directory", func() (fs.File, error) { return directory{fileOf(read(""), 0)}, nil }, nil, "is a directory"},
		{"is not described", func() (fs.File, error) { return nameless{fileOf(read(content), size)}, nil }, errBroken, ""},
		{"another size when opened", func() (fs.File, error) { return fileOf(read(content), size-1), nil }, nil, "199999 bytes, not 200000"},
		{"shorter", func() (fs.File, error) { return fileOf(read(content[1:]), size), nil }, io.ErrUnexpectedEOF, "ends after 199999 bytes, of 200000"},
		{"empty", func() (fs.File, error) { return fileOf(read(""), size), nil }, io.ErrUnexpectedEOF, ""},
		{"longer", func() (fs.File, error) { return fileOf(read(content+"!"), size), nil }, nil, "longer than 200000"},
		{"longer, byte by byte", func() (fs.File, error) { return fileOf(iotest.OneByteReader(read(content+"!")), size), nil }, nil, "longer than 200000"},
		{"fails at once", func() (fs.File, error) { return fileOf(iotest.ErrReader(errBroken), size), nil }, errBroken, ""},
		{"fails midway", func() (fs.File, error) {
			return fileOf(io.MultiReader(read(content[:100_000]), iotest.ErrReader(errBroken)), size), nil
		}, errBroken, ""},
		{"fails at its end", func() (fs.File, error) {
			return fileOf(io.MultiReader(read(content), iotest.ErrReader(errBroken)), size), nil
		}, errBroken, ""},
		{"fails with its last byte", func() (fs.File, error) {
			return fileOf(iotest.DataErrReader(io.MultiReader(read(content), iotest.ErrReader(errBroken))), size), nil
		}, errBroken, ""},
		{"other bytes", func() (fs.File, error) { return fileOf(read("x"+content[1:]), size), nil }, nil, "CRC-32"},
		{"says nothing", func() (fs.File, error) { return fileOf(idle{}, size), nil }, io.ErrNoProgress, ""},
		{"says nothing at its end", func() (fs.File, error) { return fileOf(io.MultiReader(read(content), idle{}), size), nil }, io.ErrNoProgress, ""},
		{"changes while it is read", func() (fs.File, error) { return &changing{File: fileOf(read(content), size)}, nil }, nil, "changed"},
		{"panics when opened", func() (fs.File, error) { panic("out of cheese") }, nil, ""},
		{"panics when read", func() (fs.File, error) {
			return fileOf(files.NewWriterIO(func(io.Writer) error { panic("out of cheese") }), size), nil
		}, nil, ""},
	} {
		for _, form := range []struct {
			name  string
			known bool
		}{{"CRC-32 known", true}, {"not known", false}} {
			if !form.known && tt.says == "CRC-32" {
				continue
			}
			t.Run(tt.reason+"/"+form.name, func(t *testing.T) {
				w := new(watch)
				bad := w.entry("dir/bad", []byte(content), kind{size: true, crc: form.known, time: true})
				bad.Open = func(context.Context) (fs.File, error) {
					file, err := tt.open()
					if file != nil {
						w.add("bad")
						file = &watched{file: file, w: w}
					}
					return file, err
				}
				good := w.entry("good", text(70_000), kind{size: true, crc: true})
				for _, place := range []struct {
					name    string
					entries []archive.Entry
					ranges  string
				}{
					{"first", []archive.Entry{bad, good}, ""},
					{"second", []archive.Entry{good, bad}, ""},
					{"hashed", []archive.Entry{bad, good}, "bytes=-130"}, // the directory is a little longer
				} {
					if place.ranges != "" && form.known {
						continue // nothing to hash
					}
					t.Run(place.name, func(t *testing.T) {
						err := breaks(t, "zip", place.entries, place.ranges, nil)
						w.take(t)
						if strings.HasPrefix(tt.reason, "panics") {
							return // it goes on as a panic, and no error is told
						}
						var failed *archive.EntryError
						if !errors.As(err, &failed) || failed.Name != "dir/bad" || !strings.Contains(err.Error(), `"dir/bad"`) {
							t.Errorf("the error does not name the entry: %v", err)
						}
						if tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(fmt.Sprint(err), tt.says) {
							t.Errorf("the error is %q, want %v and %q", err, tt.is, tt.says)
						}
						if response.Status(err) != http.StatusInternalServerError {
							t.Errorf("it comes to status %d, want 500: the archive itself is not missing", response.Status(err))
						}
					})
				}
			})
		}
	}
}

// breaks downloads an archive of entries, which must be seen to be broken, and
// returns why. around, if not nil, wraps the ResponseWriter.
func breaks(t *testing.T, format string, entries []archive.Entry, ranges string, around func(http.ResponseWriter) http.ResponseWriter) error {
	t.Helper()
	ended := make(chan error, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := makeArchive(t.Context(), format, entries)
		if err != nil {
			t.Error(err)
			return
		}
		if around != nil {
			w = around(w)
		}
		response.New(a, response.Options{OnDone: func(_ *http.Request, o response.Outcome) { ended <- o.Err }}).ServeHTTP(w, r)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	resp, err := srv.Client().Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err == nil && resp.StatusCode < 500 {
			t.Errorf("%s, and the body looks complete", resp.Status)
		}
	}
	return <-ended
}

// What fails in the middle of a range fails there, whatever way is taken to it.
func TestFailuresOfRanges(t *testing.T) {
	const size = 200_000
	short := func(n int) *files.ContentFile { return files.NewContentFile(text(n), "bad") }
	sized := func(file fs.File) fs.File {
		d := files.NewDescribedFile(file)
		d.Size = size
		return d
	}
	for _, tt := range []struct {
		reason string
		open   func() (fs.File, error)
		is     error
	}{
		{"does not open", func() (fs.File, error) { return nil, errBroken }, errBroken},
		{"does not describe what is below", func() (fs.File, error) {
			d := files.NewDescribedFile(nameless{short(size)})
			return d, nil
		}, errBroken},
		{"fails on the way", func() (fs.File, error) { return fileOf(iotest.ErrReader(errBroken), size), nil }, errBroken},
		{"ends on the way", func() (fs.File, error) { return fileOf(strings.NewReader("short"), size), nil }, io.ErrUnexpectedEOF},
		{"is shorter, read at random", func() (fs.File, error) { return sized(short(100_500)), nil }, io.ErrUnexpectedEOF},
		{"is too short, read at random", func() (fs.File, error) { return sized(short(10)), nil }, io.ErrUnexpectedEOF},
		{"fails, read at random", func() (fs.File, error) { return &brokenAt{short(size)}, nil }, errBroken},
		{"seeks to another place", func() (fs.File, error) { return &lost{short(size)}, nil }, nil},
	} {
		entries := []archive.Entry{{Name: "bad", Size: size, CRC32: sumOf(text(size)), Open: opener(tt.open)}}
		start := int64(30 + len("bad"))
		z := newZip(t, entries)
		p := make([]byte, 1000)
		_, err := z.ReadAt(p, start+100_000)
		if tt.is == nil && (err != nil || !bytes.Equal(p, text(size)[100_000:101_000])) {
			t.Errorf("%s: error %v, or other bytes", tt.reason, err)
		}
		var failed *archive.EntryError
		if tt.is != nil && (!errors.Is(err, tt.is) || !errors.As(err, &failed) || failed.Name != "bad") {
			t.Errorf("%s: error %v, want %v", tt.reason, err, tt.is)
		}
		if err := z.Close(); err != nil {
			t.Error(err)
		}
	}
}

// brokenAt fails at random.
type brokenAt struct{ file fs.File }

func (f *brokenAt) Stat() (fs.FileInfo, error)            { return f.file.Stat() }
func (f *brokenAt) Read(p []byte) (int, error)            { return f.file.Read(p) }
func (f *brokenAt) Close() error                          { return f.file.Close() }
func (f *brokenAt) ReadAt(p []byte, _ int64) (int, error) { return len(p) / 2, errBroken }

// lost seeks, but stays where it is.
type lost struct{ file fs.File }

func (f *lost) Stat() (fs.FileInfo, error)     { return f.file.Stat() }
func (f *lost) Read(p []byte) (int, error)     { return f.file.Read(p) }
func (f *lost) Close() error                   { return f.file.Close() }
func (f *lost) Seek(int64, int) (int64, error) { return 0, nil }

// Content of unknown size can fail, too, and has a CRC-32 if one is given.
func TestFailuresOfUnknownSize(t *testing.T) {
	for _, tt := range []struct {
		reason string
		open   func() (fs.File, error)
		crc    uint32
		is     error
		says   string
	}{
		{"does not open", func() (fs.File, error) { return nil, errBroken }, 0, errBroken, ""},
		{"fails midway", func() (fs.File, error) {
			return fileOf(io.MultiReader(strings.NewReader("begun"), iotest.ErrReader(errBroken)), -1), nil
		}, 0, errBroken, ""},
		{"other bytes", func() (fs.File, error) { return fileOf(strings.NewReader("content"), -1), nil }, 7, nil, "CRC-32"},
	} {
		z := newZip(t, []archive.Entry{{Name: "bad", Size: -1, CRC32: tt.crc, Open: opener(tt.open)}})
		if info, err := z.Stat(); err != nil || info.Size() != -1 || info.Mode() != fs.ModeIrregular|0o444 {
			t.Errorf("%d bytes, %v, %v, want -1 and irregular", info.Size(), info.Mode(), err)
		}
		_, err := io.Copy(io.Discard, z)
		var failed *archive.EntryError
		if !errors.As(err, &failed) || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v, want %v %s", tt.reason, err, tt.is, tt.says)
		}
		if err := z.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A CRC-32 that was hashed and then is another belongs to another content.
func TestTwoVersions(t *testing.T) {
	version := byte(0)
	z := newZip(t, []archive.Entry{{Name: "a", Size: 1000, ETag: `"1"`, Open: func(context.Context) (fs.File, error) {
		version++
		content := text(1000)
		content[0] = version
		return files.NewContentFile(content, "a"), nil
	}}})
	defer z.Close()
	size, _ := describe(t, z)
	if _, err := z.ReadAt(make([]byte, 10), size-60); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, z); err == nil || !strings.Contains(err.Error(), "CRC-32") {
		t.Errorf("error %v, want that the CRC-32 is another", err)
	}
	if _, err := z.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("after it, Read says %v, want the error again", err)
	}
}

// An entry that cannot be closed was read all the same.
func TestCloseFails(t *testing.T) {
	w := new(watch)
	bad := w.entry("bad", text(10), kind{size: true})
	bad.Open = func(context.Context) (fs.File, error) { return badCloser{files.NewContentFile(text(10), "bad")}, nil }
	z := newZip(t, []archive.Entry{bad, w.entry("good", text(10), kind{size: true})})
	if _, err := io.Copy(io.Discard, z); err != nil {
		t.Error(err)
	}
	err := z.Close()
	var failed *archive.EntryError
	if !errors.Is(err, errBroken) || !errors.As(err, &failed) || failed.Name != "bad" {
		t.Errorf("Close: %v, want the error of the entry", err)
	}
}

type badCloser struct{ fs.File }

func (badCloser) Close() error { return errBroken }

// A file on disk that is written to while it is sent is seen to have changed, also
// in a wrapper that tells what it was when it was opened.
func TestFileChangesMeanwhile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log.txt")
	if err := os.WriteFile(path, text(100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	listed, err := archive.FromFS(os.DirFS(dir), ".", nil)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := []archive.Entry{{Name: "log.txt", Size: 100_000, Open: func(context.Context) (fs.File, error) {
		return files.OpenStorageFile(t.Context(), os.DirFS(dir), "log.txt")
	}}}
	for i, entries := range [][]archive.Entry{listed, wrapped} {
		z := newZip(t, entries)
		defer z.Close()
		if _, err := io.CopyN(io.Discard, z, 50_000); err != nil {
			t.Fatal(err)
		}
		later := modTime.Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, z); err == nil || !strings.Contains(err.Error(), "has changed since it was opened") {
			t.Errorf("error %v, want that it changed", err)
		}
	}
	z := newZip(t, listed)
	defer z.Close()
	if _, err := io.Copy(io.Discard, z); err == nil || !strings.Contains(err.Error(), "changed since it was listed") {
		t.Errorf("error %v, want that it changed", err)
	}
}
