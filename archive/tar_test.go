package archive_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/google/go-cmp/cmp"
)

// readTar reads a tar with package archive/tar.
func readTar(t testing.TB, archived []byte) (all []content) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(archived))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		all = append(all, content{h.Name, h.FileInfo().Mode(), h.ModTime.UTC(), 0, string(data)})
	}
}

func TestTarReadBack(t *testing.T) {
	w := new(watch)
	precise := modTime.Add(123456789)
	long := strings.Repeat("a long name/", 20) + strings.Repeat("ü", 120)
	entries := []archive.Entry{
		{Name: "dir/", ModTime: modTime, Mode: fs.ModeDir | 0o555},
		w.entry("dir/a.txt", text(10), kind{size: true, time: true}),
		w.entry("empty", nil, kind{size: true, crc: true}),
		w.entry("one block", text(512), kind{size: true, tag: true}),
		w.entry("Ελληνικά.txt", text(70_000), kind{size: true, crc: true, seek: true}),
		w.entry(long, text(1), kind{size: true}),
	}
	entries[1].ModTime, entries[1].Mode = precise, 0o750
	want := []content{
		{"dir/", fs.ModeDir | 0o755, modTime, 0, ""},
		{"dir/a.txt", 0o750, precise, 0, string(text(10))},
		{"empty", 0o644, time.Unix(0, 0).UTC(), 0, ""},
		{"one block", 0o644, time.Unix(0, 0).UTC(), 0, string(text(512))},
		{"Ελληνικά.txt", 0o644, time.Unix(0, 0).UTC(), 0, string(text(70_000))},
		{long, 0o644, time.Unix(0, 0).UTC(), 0, string(text(1))},
	}
	archived := read(t, newArchive(t, "tar", entries))
	if diff := cmp.Diff(want, readTar(t, archived)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if size, tag := describe(t, newArchive(t, "tar", entries)); size != int64(len(archived)) || tag != "" {
		t.Errorf("Stat says %d bytes, tag %q, want %d and none: one has neither tag nor time", size, tag, len(archived))
	}
	if size, tag := describe(t, newArchive(t, "tar", entries[:5])); size < 0 || tag == "" {
		t.Errorf("Stat says %d bytes, tag %q, want a tag", size, tag)
	}
	w.take(t)
}

// A tar needs all sizes, and the error says what can be done.
func TestTarOfUnknownSize(t *testing.T) {
	_, err := archive.NewTar(t.Context(), "all.tar", []archive.Entry{new(watch).entry("a", text(1), kind{})})
	checkRefusal(t, err, "use NewZip")
}

// What is wrong with a name or an entry is refused in both formats, and what is
// wrong with content fails both.
func TestTarRefuses(t *testing.T) {
	_, err := archive.NewTar(t.Context(), "all.tar", named("a", "a/b"))
	checkRefusal(t, err, "which is a file")
	for reason, e := range map[string]archive.Entry{
		"CRC-32 is":  {Name: "a", Size: 3, CRC32: 1, Open: opener(func() (fs.File, error) { return fileOf(strings.NewReader("abc"), 3), nil })},
		"ends after": {Name: "a", Size: 3, Open: opener(func() (fs.File, error) { return fileOf(strings.NewReader("ab"), 3), nil })},
		"is longer":  {Name: "a", Size: 3, Open: opener(func() (fs.File, error) { return fileOf(strings.NewReader("abcd"), 3), nil })},
	} {
		a := newArchive(t, "tar", []archive.Entry{e})
		if _, err := io.Copy(io.Discard, a); !strings.Contains(fmt.Sprint(err), reason) {
			t.Errorf("error %v, want %q", err, reason)
		}
		a.Close()
	}
}
