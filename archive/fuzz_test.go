package archive_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
)

// FuzzRanges: of any archive of either format, each range is that slice of the
// whole, however it is had, and reads no more than twice the length; the whole is as
// long as Stat says, and read back as what went in.
func FuzzRanges(f *testing.F) {
	f.Add(false, []byte{0}, uint32(0), uint32(10))
	f.Add(true, []byte{0, 1, 2, 129, 66}, uint32(500), uint32(1024))
	f.Add(false, []byte{1, 2, 3, 4}, uint32(100), uint32(70_000))
	f.Add(false, []byte{0xff, 0x7f, 0x3f, 0x80}, uint32(65_000), uint32(1000))
	f.Add(false, []byte{5, 200, 13, 21, 222}, uint32(131_000), uint32(131_000))
	f.Fuzz(func(t *testing.T, tar bool, kinds []byte, start, length uint32) {
		w, format := new(watch), "zip"
		if tar {
			format = "tar"
		}
		var entries []archive.Entry
		for i, b := range kinds[:min(len(kinds), 8)] {
			// Around the ends of a block, or short.
			n := [...]int{0, 1, 300, 65534, 65535, 65536, 2 * 65535, 70_000}[b%8]
			k := kind{size: true, crc: b&8 != 0, tag: true, time: b&16 != 0, seek: b&32 != 0}
			name := fmt.Sprint("entry ", i)
			if b&64 != 0 {
				name = fmt.Sprintf("Ελληνικά/%d", i)
			}
			if b&128 != 0 {
				entries = append(entries, archive.Entry{Name: name + "/"})
				continue
			}
			entries = append(entries, w.entry(name, text(n), k))
		}
		all := read(t, newArchive(t, format, entries))
		size, _ := describe(t, newArchive(t, format, entries))
		if size != int64(len(all)) {
			t.Fatalf("%d bytes, Stat says %d", len(all), size)
		}
		if format == "zip" {
			if got := readBack(t, all); len(got) != len(entries) {
				t.Fatalf("%d entries, want %d", len(got), len(entries))
			}
		} else if got := readTar(t, all); len(got) != len(entries) {
			t.Fatalf("%d entries, want %d", len(got), len(entries))
		}
		from := int(start) % len(all)
		to := min(from+int(length%(1<<20)), len(all))
		got := make([]byte, to-from)
		z := newArchive(t, format, entries)
		defer z.Close()
		w.read = 0
		if n, err := z.ReadAt(got, int64(from)); err != nil || !bytes.Equal(got, all[from:to]) {
			t.Errorf("ReadAt %d-%d: %d bytes, %v, or others", from, to, n, err)
		}
		if _, err := z.Seek(int64(from), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if w.read > 2*size {
			t.Errorf("%d bytes were read of %d", w.read, size)
		}
		clear(got)
		if n, err := io.ReadFull(z, got); err != nil || !bytes.Equal(got, all[from:to]) {
			t.Errorf("Seek and Read %d-%d: %d bytes, %v, or others", from, to, n, err)
		}
		if err := z.Close(); err != nil {
			t.Error(err)
		}
		w.take(t)
	})
}
