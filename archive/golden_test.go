package archive_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/google/go-cmp/cmp"
)

// TestGolden guards the layout. Whoever resumes a download after an update of the
// program gets the rest of what it began with; so if an archive of these entries
// changes, the version of its format must, and with it all entity tags. Of huge ones there are
// only headers.
func TestGolden(t *testing.T) {
	w := new(watch)
	huge := func(k kind, size int64) archive.Entry {
		e := w.entry("huge", nil, k)
		e.Size, e.CRC32, e.ETag = size, 0, `"1"`
		if k.crc {
			e.CRC32 = 0x12345678
		}
		return e
	}
	small := func() archive.Entry { return w.entry("small", text(5), kind{size: true, crc: true, time: true}) }
	precise := w.entry("é", text(5), kind{size: true, time: true})
	precise.ModTime = modTime.Add(5)
	for _, tt := range []struct {
		name    string // a tar if it begins so, else a ZIP
		entries []archive.Entry
		front   int64 // so many bytes of its beginning; 0: all of it
		back    int64 // and of its end
	}{
		{"empty", nil, 0, 0},
		{"stored", []archive.Entry{small()}, 0, 0},
		{"described", []archive.Entry{w.entry("é", text(20), kind{size: true, time: true})}, 0, 0},
		{"directory", []archive.Entry{{Name: "a/", Mode: fs.ModeDir | 0o700, ModTime: modTime}, {Name: "b/"}}, 0, 0},
		{"tar", []archive.Entry{{Name: "a/", Mode: fs.ModeDir | 0o500, ModTime: modTime}, small()}, 0, 0},
		{"tar-pax", []archive.Entry{precise}, 0, 0},
		{"tar-large", []archive.Entry{huge(kind{size: true}, 9e9)}, 512, 1024},
		{"zip64-stored", []archive.Entry{huge(kind{size: true, crc: true}, 5e9), small()}, 54, 257},
		{"zip64-described", []archive.Entry{huge(kind{size: true}, 5e9), small()}, 54, 98},
		{"zip64-limit", []archive.Entry{huge(kind{size: true, crc: true}, 1<<32-1)}, 54, 168},
		{"below-limit", []archive.Entry{huge(kind{size: true, crc: true}, 1<<32-2)}, 34, 148},
	} {
		t.Run(tt.name, func(t *testing.T) {
			format := "zip"
			if strings.HasPrefix(tt.name, "tar") {
				format = "tar"
			}
			z := newArchive(t, format, tt.entries)
			defer z.Close()
			size, tag := describe(t, z)
			var got strings.Builder
			fmt.Fprintf(&got, "%d bytes, %s\n", size, tag)
			dump := func(from, n int64) {
				p := make([]byte, n)
				if _, err := z.ReadAt(p, from); err != nil && err != io.EOF {
					t.Fatal(err)
				}
				fmt.Fprintf(&got, "\nfrom %d\n%s", from, hex.Dump(p))
			}
			if tt.front == 0 {
				dump(0, size)
			} else {
				dump(0, tt.front)
				dump(size-tt.back, tt.back)
			}
			path := filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("the layout has changed (-want +got):\n%s", diff)
			}
		})
	}
}
