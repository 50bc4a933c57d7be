package archive_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// steps returns n ranges of that length, so far from one another, in the order of
// the sign of step.
func steps(from, n, length, step int) string {
	var ranges []string
	for i := range n {
		at := from + i*step
		ranges = append(ranges, fmt.Sprintf("%d-%d", at, at+length-1))
	}
	return "bytes=" + strings.Join(ranges, ",")
}

// Nothing that a client can send makes the server read more than twice the length
// of the archive.
func TestWhatRangesCost(t *testing.T) {
	const size, n = 1 << 20, 16
	content := text(size)
	for _, tt := range []struct {
		reason string
		ranges string
		most   float64 // read, as a part of the archive
	}{
		{"all of it", "", 1},
		{"one byte each, backward", steps(size, n, 1, -size/n), 1},
		{"one byte each, forward", steps(100, n, 1, size/n), 1.02},
		{"more than the buffer each, with gaps of a byte", steps(100, size/70_001, 70_000, 70_001), 1.02},
		{"a byte less than the buffer each", steps(100, size/64_512, 64_511, 64_512), 1.02},
		{"to and fro", steps(100, n, 1, size/n) + ",0-0", 1},
		{"parts of all, and the directory", steps(100, n, 1000, 3*size/n) + ",-300", 2},
		{"the last bytes", "bytes=-300", 1},
		{"the last bytes, and the first", "bytes=-300,0-0", 1},
		{"overlapping", steps(size/2, n, size/2, 1), 1},
	} {
		for _, k := range []kind{{size: true, crc: true}, {size: true, tag: true}, {size: true, tag: true, seek: true}} {
			for _, format := range formats {
				t.Run(fmt.Sprintf("%s/%s/%+v", tt.reason, format, k), func(t *testing.T) {
					w := new(watch)
					var entries []archive.Entry
					for _, name := range []string{"a", "b", "c"} {
						entries = append(entries, w.entry(name, content, k))
					}
					all := read(t, newArchive(t, format, entries))
					w.read = 0
					resp := ask(views.AsView(viewOf(format, entries)), "GET", "Range", tt.ranges)
					if resp.StatusCode == http.StatusPartialContent {
						downloadtest.AssertPartial(t, resp, all)
					} else if resp.StatusCode != http.StatusOK {
						t.Errorf("%s", resp.Status)
					}
					if most := int64(tt.most * float64(len(all))); w.read > most {
						t.Errorf("%d bytes were read of %d, want at most %d", w.read, len(all), most)
					}
				})
			}
		}
	}
}

// The option that switches off ranges of what must be generated counts for
// archives, which may have to read an entry from its beginning.
func TestNoGeneratedRanges(t *testing.T) {
	for _, format := range formats {
		a := newArchive(t, format, mixed(new(watch))[:3])
		resp := ask(response.New(a, response.Options{NoGeneratedRanges: true}), "GET", "Range", "bytes=0-9")
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Accept-Ranges") != "none" {
			t.Errorf("%s: %s, Accept-Ranges %s, want 200 and none", format, resp.Status, resp.Header.Get("Accept-Ranges"))
		}
	}
}

// altering is a file that is written to once a part of it was read.
type altering struct {
	file *os.File
	path string
}

func (f altering) Stat() (fs.FileInfo, error)                { return f.file.Stat() }
func (f altering) Close() error                              { return f.file.Close() }
func (f altering) Seek(off int64, whence int) (int64, error) { return f.file.Seek(off, whence) }

func (f altering) Read(p []byte) (int, error) {
	defer alter(f.path)
	return f.file.Read(p)
}

func (f altering) ReadAt(p []byte, off int64) (int, error) {
	defer alter(f.path)
	return f.file.ReadAt(p, off)
}

func alter(path string) { _ = os.Chtimes(path, modTime, modTime) } // seen by Stat

func cut(path string) { _ = os.Truncate(path, 2000) }

// alteringWriter alters the file when it is left to the system.
type alteringWriter struct {
	http.ResponseWriter
	path  *string
	alter func(path string)
}

func (w alteringWriter) ReadFrom(r io.Reader) (int64, error) {
	w.alter(*w.path)
	return io.Copy(w.ResponseWriter, r)
}

// A range that ends within an entry may be of two versions: the entry is looked at
// again before the last byte, whichever way it was read.
func TestRangeOfTwoVersions(t *testing.T) {
	for _, tt := range []struct {
		reason   string
		ranges   string
		bySystem func(path string) // what happens to it when it is left to the system
		says     string
	}{
		{"sent by the system", "bytes=1000-300000", alter, "has changed"},
		{"cut while it is sent", "bytes=1000-300000", cut, "ends after 2000 bytes, of 400000"},
		{"all of it cut", "", cut, "ends after 2000 bytes, of 400000"},
		{"read", "bytes=1000-300000", nil, "has changed"},
		{"read at random", "bytes=1000-2000", nil, "has changed"},
		{"several", "bytes=1000-2000,3000-100000", nil, "has changed"},
	} {
		for _, format := range formats {
			t.Run(tt.reason+"/"+format, func(t *testing.T) {
				var path string
				e := onDisk(t, "a", text(400_000), true, func(p string) (fs.File, error) {
					path = p
					f, err := os.Open(p)
					if tt.bySystem != nil || err != nil {
						return f, err
					}
					return altering{f, p}, nil
				})
				err := breaks(t, format, []archive.Entry{e}, tt.ranges, func(w http.ResponseWriter) http.ResponseWriter {
					if tt.bySystem != nil {
						return alteringWriter{w, &path, tt.bySystem}
					}
					return w
				})
				var failed *archive.EntryError
				if !errors.As(err, &failed) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("error %v, want an EntryError: %s", err, tt.says)
				}
			})
		}
	}
}
