package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	"github.com/google/go-cmp/cmp"
)

func TestView(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, size := range map[string]int{"a.txt": 10, "b.txt": 200_000, "empty.txt": 0} {
		if err := os.WriteFile(filepath.Join(root.Name(), name), text(size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := archive.FromFS(root.FS(), ".", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := new(watch)
	for _, tt := range []struct {
		reason  string
		entries []archive.Entry
		ranges  bool
	}{
		{"all kinds", mixed(w), true},
		{"a directory of the system", tree, true},
		{"nothing", nil, true},
		{"no tag", []archive.Entry{w.entry("a.txt", text(100_000), kind{size: true})}, false},
		{"no length", []archive.Entry{w.entry("a.txt", text(100_000), kind{tag: true}), mixed(w)[0]}, false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			downloadtest.TestView(t, view(tt.entries), downloadtest.Ranges(tt.ranges))
			w.take(t)
		})
	}
}

// A range opens what it touches, and hashes what else it must.
func TestWhatIsOpened(t *testing.T) {
	w := new(watch)
	entries := []archive.Entry{
		w.entry("first", text(1000), kind{size: true, crc: true}),
		w.entry("second", text(1000), kind{size: true, crc: true, seek: true}),
		w.entry("unknown", text(1000), kind{size: true, time: true, seek: true}),
		w.entry("read only", text(1000), kind{size: true, time: true}),
		w.entry("last", text(1000), kind{size: true, crc: true}),
	}
	all := whole(t, entries)
	w.take(t)
	size, tag := describe(t, newZip(t, entries))
	at := func(needle string, skip int) int { // where something is in the archive, for the first time
		return bytes.Index(all, []byte(needle)) + skip
	}
	handler := views.AsView(view(entries))
	type strs = []string
	for _, tt := range []struct {
		reason string
		method string
		header strs
		want   strs
	}{
		{"everything, in order", "GET", nil, strs{"first", "second", "unknown", "read only", "last"}},
		{"HEAD", "HEAD", nil, nil},
		{"not modified", "GET", strs{"If-None-Match", tag}, nil},
		{"a precondition that fails", "GET", strs{"If-Match", `"other"`}, nil},
		{"unsatisfiable", "GET", strs{"Range", fmt.Sprintf("bytes=%d-", size)}, nil},
		{"the header of the first", "GET", strs{"Range", "bytes=0-29"}, nil},
		{"within the second", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d", at("second", 100), at("second", 200))}, strs{"second"}},
		{"from the first into the second", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d", at("first", 900), at("second", 100))}, strs{"first", "second"}},
		{"content of one that is not known", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d", at("unknown", 100), at("unknown", 200))}, strs{"unknown"}},
		{"from within it to the next, with its CRC-32", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d", at("unknown", 900), at("read only", 100))}, strs{"unknown", "read only"}},
		{"the whole content of one that cannot seek, and its CRC-32", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d", at("read only", 0), at("last", 0))}, strs{"read only"}},
		{"the directory, for which what is not known is hashed", "GET", strs{"Range", "bytes=-22"}, nil},
		{"and a header in it", "GET", strs{"Range", fmt.Sprintf("bytes=%d-", bytes.LastIndex(all, []byte("PK\x01\x02")))}, nil},
		{"all of it", "GET", strs{"Range", fmt.Sprintf("bytes=%d-", bytes.Index(all, []byte("PK\x01\x02")))}, strs{"unknown", "read only"}},
		{"several, one pass", "GET", strs{"Range", fmt.Sprintf("bytes=0-9,%d-%d,%d-", at("unknown", 9), at("unknown", 900),
			bytes.Index(all, []byte("PK\x01\x02")))}, strs{"unknown", "unknown", "read only"}},
		{"several, backward: all of it", "GET", strs{"Range", fmt.Sprintf("bytes=%d-%d,0-9", at("first", 0), at("first", 9))},
			strs{"first", "second", "unknown", "read only", "last"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			resp := ask(handler, tt.method, tt.header...)
			if resp.StatusCode >= 500 {
				t.Errorf("status %d", resp.StatusCode)
			}
			if resp.StatusCode == http.StatusPartialContent {
				downloadtest.AssertPartial(t, resp, all)
			}
			if diff := cmp.Diff(tt.want, w.take(t)); diff != "" {
				t.Errorf("opened (-want +got):\n%s", diff)
			}
		})
	}
}

// A hash that was made is not made again.
func TestHashIsKept(t *testing.T) {
	w := new(watch)
	entries := []archive.Entry{w.entry("a", text(1000), kind{size: true, time: true})}
	z := newZip(t, entries)
	defer z.Close()
	size, _ := describe(t, z)
	for range 3 {
		if _, err := z.ReadAt(make([]byte, 60), size-60); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a"}, w.take(t)); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
}

// random is a file that can be read at random, and notes what it is asked for.
type random struct {
	*files.ContentFile
	asked *[]string
}

func (f random) Read(p []byte) (int, error) {
	noteRead(f.asked)
	return f.ContentFile.Read(p)
}

// noteRead notes what may be any number of Reads.
func noteRead(asked *[]string) {
	if n := len(*asked); n == 0 || (*asked)[n-1] != "Read" {
		*asked = append(*asked, "Read")
	}
}

// own has its methods itself, so that they are its word.
type own struct {
	file  *files.ContentFile
	asked *[]string
}

func (f own) Stat() (fs.FileInfo, error) { return f.file.Stat() }
func (f own) Close() error               { return nil }

func (f own) Read(p []byte) (int, error) {
	noteRead(f.asked)
	return f.file.Read(p)
}

func (f own) Seek(offset int64, whence int) (int64, error) {
	*f.asked = append(*f.asked, "Seek")
	return f.file.Seek(offset, whence)
}

func (f own) ReadAt(p []byte, off int64) (int, error) {
	*f.asked = append(*f.asked, fmt.Sprintf("ReadAt %d-%d", off, off+int64(len(p))-1))
	return f.file.ReadAt(p, off)
}

// unable says that it can do what it cannot.
type unable struct {
	own
}

func (f unable) Seek(int64, int) (int64, error)        { return 0, errors.ErrUnsupported }
func (f unable) ReadAt(p []byte, _ int64) (int, error) { return 0, errors.ErrUnsupported }

// shifted reads other bytes than the file that it embeds, which its promoted
// methods know nothing of.
type shifted struct{ *os.File }

func (f shifted) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	for i := range p[:n] {
		p[i]++
	}
	return n, err
}

// What a file can do is used where it is its own, and so that a storage is asked
// for no more than is wanted.
func TestAccess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, text(100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	plus := text(100_000)
	for i := range plus {
		plus[i]++
	}
	var asked []string
	for _, tt := range []struct {
		reason  string
		open    func() fs.File
		content []byte
		want    []string // of a small range in the middle, and one to the end
	}{
		{"its own methods", func() fs.File { return own{files.NewContentFile(text(100_000), "a"), &asked} }, text(100_000),
			[]string{"ReadAt 50000-50999", "Seek", "Read"}},
		{"promoted ones, beside a Read", func() fs.File { return random{files.NewContentFile(text(100_000), "a"), &asked} }, text(100_000),
			[]string{"Read"}},
		{"methods that are not carried out", func() fs.File { return unable{own{files.NewContentFile(text(100_000), "a"), &asked}} }, text(100_000),
			[]string{"Read"}},
		{"a wrapper of package files", func() fs.File {
			return files.NewDescribedFile(own{files.NewContentFile(text(100_000), "a"), &asked})
		}, text(100_000), []string{"ReadAt 50000-50999", "Seek", "Read"}},
		{"a Read of its own over an *os.File", func() fs.File {
			file, err := os.Open(path)
			if err != nil {
				t.Error(err)
			}
			return shifted{file}
		}, plus, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			entries := []archive.Entry{{Name: "a", Size: 100_000, CRC32: sumOf(tt.content), Open: func(context.Context) (fs.File, error) { return tt.open(), nil }}}
			all := whole(t, entries)
			start := bytes.Index(all, tt.content)
			if start < 0 {
				t.Fatal("the archive has other content")
			}
			asked = nil
			for _, r := range [][2]int{{50_000, 50_999}, {99_500, 99_999}} {
				z := newZip(t, entries)
				p := make([]byte, r[1]-r[0]+1)
				if _, err := z.ReadAt(p, int64(start+r[0])); err != nil || !bytes.Equal(p, tt.content[r[0]:r[1]+1]) {
					t.Errorf("%v: %v, or other bytes", r, err)
				}
				if err := z.Close(); err != nil {
					t.Error(err)
				}
				p = p[:100] // and the same by Seek
				z = newZip(t, entries)
				if _, err := z.Seek(int64(start+r[0]), io.SeekStart); err != nil {
					t.Error(err)
				}
				was := asked
				if _, err := io.ReadFull(z, p); err != nil || !bytes.Equal(p, tt.content[r[0]:r[0]+100]) {
					t.Errorf("%v by Seek: %v, or other bytes", r, err)
				}
				asked = was
				if err := z.Close(); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(tt.want, asked); diff != "" && tt.want != nil {
				t.Errorf("asked for (-want +got):\n%s", diff)
			}
		})
	}
}
