package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/google/go-cmp/cmp"
)

// content is an entry as a reader sees it.
type content struct {
	Name    string
	Mode    fs.FileMode
	Time    time.Time
	Method  uint16
	Content string
}

// readBack reads an archive with package archive/zip, which checks CRC-32s.
func readBack(t testing.TB, archived []byte) (all []content) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archived), int64(len(archived)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		data, err := io.ReadAll(rc)
		if err := errors.Join(err, rc.Close()); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all = append(all, content{f.Name, f.Mode(), f.Modified.UTC(), f.Method, string(data)})
	}
	return all
}

func TestReadBack(t *testing.T) {
	w := new(watch)
	const dir, file = fs.ModeDir | 0o755, fs.FileMode(0o644)
	noTime := time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
	with := func(e archive.Entry, change func(e *archive.Entry)) archive.Entry {
		change(&e)
		return e
	}
	for _, tt := range []struct {
		reason string
		entry  archive.Entry
		want   content
	}{
		{"known in all", w.entry("a.txt", text(10), kind{size: true, crc: true, time: true}),
			content{"a.txt", file, modTime, zip.Store, string(text(10))}},
		{"no CRC-32", w.entry("a.txt", text(10), kind{size: true, time: true}),
			content{"a.txt", file, modTime, zip.Deflate, string(text(10))}},
		{"one whole block", w.entry("a.txt", text(65535), kind{size: true, time: true}),
			content{"a.txt", file, modTime, zip.Deflate, string(text(65535))}},
		{"a byte more", w.entry("a.txt", text(65536), kind{size: true, time: true}),
			content{"a.txt", file, modTime, zip.Deflate, string(text(65536))}},
		{"no size", w.entry("a.txt", text(100_000), kind{time: true}),
			content{"a.txt", file, modTime, zip.Deflate, string(text(100_000))}},
		{"no size, but a CRC-32", w.entry("a.txt", text(1000), kind{crc: true, time: true}),
			content{"a.txt", file, modTime, zip.Deflate, string(text(1000))}},
		{"no size, and empty", w.entry("a.txt", nil, kind{time: true}),
			content{"a.txt", file, modTime, zip.Deflate, ""}},
		{"empty", w.entry("a.txt", nil, kind{size: true, time: true}),
			content{"a.txt", file, modTime, zip.Store, ""}},
		{"no time", w.entry("a.txt", text(1), kind{size: true}),
			content{"a.txt", file, noTime, zip.Deflate, string(text(1))}},
		{"before DOS", with(w.entry("a.txt", text(1), kind{size: true}), func(e *archive.Entry) { e.ModTime = time.Unix(1, 0) }),
			content{"a.txt", file, time.Unix(1, 0).UTC(), zip.Deflate, string(text(1))}},
		{"beyond 32 bits of seconds", with(w.entry("a.txt", text(1), kind{size: true}), func(e *archive.Entry) {
			e.ModTime = time.Date(2040, 1, 2, 3, 4, 6, 0, time.UTC)
		}), content{"a.txt", file, time.Date(2040, 1, 2, 3, 4, 6, 0, time.UTC), zip.Deflate, string(text(1))}},
		{"beyond DOS", with(w.entry("a.txt", text(1), kind{size: true}), func(e *archive.Entry) {
			e.ModTime = time.Date(3000, 1, 2, 3, 4, 6, 0, time.UTC)
		}), content{"a.txt", file, time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC), zip.Deflate, string(text(1))}},
		{"a time somewhere else", with(w.entry("a.txt", text(1), kind{size: true}), func(e *archive.Entry) {
			e.ModTime = modTime.In(time.FixedZone("", 5*3600))
		}), content{"a.txt", file, modTime, zip.Deflate, string(text(1))}},
		{"a mode", with(w.entry("a.sh", text(1), kind{size: true, time: true}), func(e *archive.Entry) { e.Mode = 0o700 | fs.ModeSetuid }),
			content{"a.sh", 0o700, modTime, zip.Deflate, string(text(1))}},
		{"a directory", archive.Entry{Name: "a/", ModTime: modTime, Size: 4096},
			content{"a/", dir, modTime, zip.Store, ""}},
		{"a directory that its owner could not write to", archive.Entry{Name: "a/", ModTime: modTime, Mode: fs.ModeDir | 0o500},
			content{"a/", fs.ModeDir | 0o700, modTime, zip.Store, ""}},
		{"not ASCII", w.entry("Ελληνικά/日本語.txt", text(3), kind{size: true, crc: true, time: true}),
			content{"Ελληνικά/日本語.txt", file, modTime, zip.Store, string(text(3))}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			// Between others, so that they would be shifted, too.
			entries := []archive.Entry{w.entry("first", text(9), kind{size: true}), tt.entry, w.entry("last", text(9), kind{size: true})}
			archived := whole(t, entries)
			got := readBack(t, archived)
			if len(got) != 3 || got[0].Content != string(text(9)) || got[2].Content != string(text(9)) {
				t.Fatalf("the entries around it are damaged: %v", got)
			}
			if diff := cmp.Diff(tt.want, got[1]); diff != "" {
				t.Errorf("the entry (-want +got):\n%s", diff)
			}
			want := int64(len(archived))
			if tt.entry.Size < 0 {
				want = -1
			}
			if size, _ := describe(t, newZip(t, entries)); size != want {
				t.Errorf("Stat says %d bytes, want %d", size, want)
			}
			w.take(t)
		})
	}
}

func TestEmpty(t *testing.T) {
	archived := whole(t, nil)
	if got := readBack(t, archived); len(got) != 0 {
		t.Errorf("entries %v", got)
	}
	if size, tag := describe(t, newZip(t, nil)); size != int64(len(archived)) || tag == "" {
		t.Errorf("%d bytes, tag %s, want %d bytes and a tag", size, tag, len(archived))
	}
}

// Every reader gets the same bytes, however it reads.
func TestReading(t *testing.T) {
	entries := mixed(new(watch))
	want := whole(t, entries)
	for _, tt := range []struct {
		reason string
		read   func(z *archive.Zip) ([]byte, error)
	}{
		{"byte by byte", func(z *archive.Zip) ([]byte, error) { return io.ReadAll(iotest.OneByteReader(z)) }},
		{"pushed", func(z *archive.Zip) ([]byte, error) {
			var b bytes.Buffer
			_, err := z.WriteTo(&b)
			return b.Bytes(), err
		}},
		{"at random, backward", func(z *archive.Zip) ([]byte, error) {
			all := make([]byte, len(want))
			for end := len(all); end > 0; end -= min(end, 999) {
				start := max(end-999, 0)
				if n, err := z.ReadAt(all[start:end], int64(start)); err != nil {
					return nil, fmt.Errorf("%d bytes: %w", n, err)
				}
			}
			return all, nil
		}},
		{"by archive/zip", func(z *archive.Zip) ([]byte, error) {
			r, err := zip.NewReader(z, int64(len(want)))
			if err != nil {
				return nil, err
			}
			f, err := r.Open("Ελληνικά.txt")
			if err != nil {
				return nil, err
			}
			defer f.Close()
			got, err := io.ReadAll(f)
			if !bytes.Equal(got, text(70_000)) {
				t.Error("the content is another")
			}
			return want, err
		}},
		{"as package testing wants it", func(z *archive.Zip) ([]byte, error) { return want, iotest.TestReader(z, want) }},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			z := newZip(t, entries)
			defer z.Close()
			got, err := tt.read(z)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Error("the bytes are not the same")
			}
		})
	}
}

// ReadAt does not move what Read reads next, and may be called by many at once.
func TestReadAtAside(t *testing.T) {
	want := whole(t, mixed(new(watch)))
	z := newZip(t, mixed(new(watch)))
	defer z.Close()
	var got []byte
	buf := make([]byte, 777)
	for {
		n, err := z.Read(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		aside := make([]byte, 100)
		at := (len(got) * 7919) % (len(want) - 100)
		if _, err := z.ReadAt(aside, int64(at)); err != nil || !bytes.Equal(aside, want[at:at+100]) {
			t.Fatalf("ReadAt(%d): %v, or other bytes", at, err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Error("what Read gave has changed")
	}
	errs := make(chan error)
	for i := range 4 {
		go func() {
			p := make([]byte, len(want)/4)
			_, err := z.ReadAt(p, int64(i*len(p)))
			if err == nil && !bytes.Equal(p, want[i*len(p):(i+1)*len(p)]) {
				err = fmt.Errorf("quarter %d: other bytes", i)
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestSeek(t *testing.T) {
	z := newZip(t, mixed(new(watch)))
	size, _ := describe(t, z)
	for _, tt := range []struct {
		reason string
		offset int64
		whence int
		want   int64
		err    bool
	}{
		{"from the start", 100, io.SeekStart, 100, false},
		{"from there", 1000, io.SeekCurrent, 1100, false},
		{"back", -1099, io.SeekCurrent, 1, false},
		{"from the end", -22, io.SeekEnd, size - 22, false},
		{"to the end", 0, io.SeekEnd, size, false},
		{"beyond", 10, io.SeekEnd, size + 10, false},
		{"and it is known where that was", 0, io.SeekCurrent, size + 10, false},
		{"before the start", -1, io.SeekStart, 0, true},
		{"no whence", 0, 3, 0, true},
	} {
		got, err := z.Seek(tt.offset, tt.whence)
		if got != tt.want || (err != nil) != tt.err {
			t.Errorf("%s: Seek(%d, %d) = %d, %v, want %d", tt.reason, tt.offset, tt.whence, got, err, tt.want)
		}
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("Read beyond the end: %d, %v, want EOF", n, err)
	}
	if err := z.Close(); err != nil {
		t.Error(err)
	}
	if _, err := z.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
	if err := z.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
}

// What must not be put together from parts cannot be had in parts.
func TestNoRanges(t *testing.T) {
	w := new(watch)
	for _, tt := range []struct {
		reason string
		k      kind
	}{
		{"no length", kind{time: true, tag: true, crc: true}},
		{"no tag", kind{size: true}},
	} {
		z := newZip(t, []archive.Entry{w.entry("a", text(10), tt.k)})
		if _, err := z.Seek(0, io.SeekCurrent); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: Seek: %v", tt.reason, err)
		}
		if _, err := z.ReadAt(nil, 0); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: ReadAt: %v", tt.reason, err)
		}
	}
}
