package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
)

func emptyFile(context.Context) (fs.File, error) { return files.NewContentFile("", "a"), nil }

// named returns entries of nothing with the names.
func named(names ...string) []archive.Entry {
	var entries []archive.Entry
	for _, name := range names {
		entries = append(entries, archive.Entry{Name: name, Open: emptyFile})
	}
	return entries
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		reason string
		names  []string
		says   string // "": accepted
	}{
		{"plain", []string{"a", "b/c.txt", "b/d/e"}, ""},
		{"a directory before and after what is in it", []string{"a/", "a/b", "c/d", "c/"}, ""},
		{"the beginning of another name", []string{"a", "a.txt", "a b/c", "ab"}, ""},
		{"dots that are no elements", []string{"...", ".hidden", "a..b", "..a/b"}, ""},
		{"not ASCII", []string{"Ελληνικά/日本語.txt", "🎉"}, ""},
		{"fine on some systems", []string{"con", "ab:c", "1:c", "a.", "A.TXT", "a.txt", "x ", "*?", "Caf\u00e9", "Cafe\u0301"}, ""},
		{"the longest", []string{strings.Repeat("x/", 32767) + "x"}, ""},
		{"the longest element", []string{strings.Repeat("x", 255), "a/" + strings.Repeat("é", 127) + "x/b"}, ""},
		{"beside, above and below what was before", []string{"a/b/c", "a/b/d", "a/e", "a/b/f/g", "h", "a/b/f/", "a/"}, ""},

		{"empty", []string{""}, "empty"},
		{"nothing but a slash", []string{"/"}, "absolute"},
		{"absolute", []string{"/etc/passwd"}, "absolute"},
		{"two slashes", []string{"//host/a"}, "absolute"},
		{"out of the directory", []string{"../a"}, "element"},
		{"out of it, later", []string{"a/../../b"}, "element"},
		{"only two dots", []string{".."}, "element"},
		{"two dots at the end", []string{"a/.."}, "element"},
		{"two dots, a directory", []string{"../"}, "element"},
		{"a dot", []string{"."}, "element"},
		{"a dot, a directory", []string{"./"}, "element"},
		{"a dot in front", []string{"./a"}, "element"},
		{"a dot in between", []string{"a/./b"}, "element"},
		{"an empty element", []string{"a//b"}, "element"},
		{"two final slashes", []string{"a//"}, "element"},
		{"a backslash", []string{`..\a`}, "backslash"},
		{"NUL", []string{"a\x00.txt"}, "control"},
		{"a line break", []string{"a\nb"}, "control"},
		{"DEL", []string{"a\x7f"}, "control"},
		{"a control character beyond ASCII", []string{"a\u0085b"}, "control"},
		{"invalid UTF-8", []string{"a\xff"}, "UTF-8"},
		{"too long", []string{strings.Repeat("x", 65536)}, "65536 bytes"},
		{"an element too long", []string{strings.Repeat("x", 256)}, "256 bytes"},
		{"an element in between too long", []string{"a/" + strings.Repeat("é", 128) + "/b"}, "256 bytes"},
		{"a drive letter", []string{"C:x"}, "drive"},
		{"a drive letter and a path", []string{"c:/x"}, "drive"},
		{"a bidirectional control", []string{"a\u202egpj.exe"}, "bidirectional"},
		{"a mark of direction", []string{"a\u200f"}, "bidirectional"},
		{"twice", []string{"a", "b", "a"}, "same name"},
		{"twice, in a directory", []string{"d/a", "d/b", "d/a"}, "same name"},
		{"a directory twice", []string{"a/", "a/"}, "same name"},
		{"a file and a directory", []string{"a", "a/"}, "same name"},
		{"a file in a file", []string{"a", "a/b"}, `"a", which is a file`},
		{"a file in a file, the other way round", []string{"a/b/c/d", "a/b"}, `"a/b", which is a file`},
		{"a directory in a file", []string{"a", "b", "a/b/"}, `"a", which is a file`},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			_, err := archive.NewZip(t.Context(), "all.zip", named(tt.names...))
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			checkRefusal(t, err, tt.says)
		})
	}
}

// deep returns n entries in directories of that depth, which they do not share.
func deep(n, depth int) []archive.Entry {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint(i, "/")+strings.Repeat("x/", depth-1)+"file")
	}
	return named(names...)
}

// The time that names take grows as they do, however deep they are. If each
// directory was looked up by its whole name, four times the depth would take 16
// times as long.
func TestDeepNames(t *testing.T) {
	fastest := func(depth int) time.Duration {
		entries := deep(20, depth)
		best := time.Hour
		for range 5 {
			began := time.Now()
			newZip(t, entries)
			best = min(best, time.Since(began))
		}
		return best
	}
	shallow, deep := fastest(8000), fastest(32_000)
	if deep > 10*shallow {
		t.Errorf("four times the depth takes %v, not %v: more than ten times as long", deep, shallow)
	}
}

// checkRefusal checks that err names an entry and says why.
func checkRefusal(t *testing.T, err error, says string) {
	t.Helper()
	var refused *archive.EntryError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), says) {
		t.Fatalf("error %v, want an EntryError that says %q", err, says)
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) || len(err.Error()) > 1000 {
		t.Errorf("the error is not fit for a log: %q", err)
	}
}

func TestRefusedEntries(t *testing.T) {
	for _, tt := range []struct {
		reason string
		entry  archive.Entry
		says   string // "": accepted
	}{
		{"no Open", archive.Entry{Name: "a"}, "no Open"},
		{"a directory needs none", archive.Entry{Name: "a/"}, ""},
		{"a symbolic link", archive.Entry{Name: "a", Mode: fs.ModeSymlink, Open: emptyFile}, "mode"},
		{"a device", archive.Entry{Name: "a", Mode: fs.ModeDevice | 0o600, Open: emptyFile}, "mode"},
		{"a pipe with the name of a directory", archive.Entry{Name: "a/", Mode: fs.ModeNamedPipe}, "mode"},
		{"a directory without a final slash", archive.Entry{Name: "a", Mode: fs.ModeDir | 0o755, Open: emptyFile}, "final slash"},
		{"a file of unknown size", archive.Entry{Name: "a", Mode: fs.ModeIrregular | 0o444, Open: emptyFile}, ""},
		{"the mode of a directory", archive.Entry{Name: "a/", Mode: fs.ModeDir | 0o755}, ""},
		{"a tag without quotes", archive.Entry{Name: "a", ETag: "1", Open: emptyFile}, "RFC 9110"},
		{"a tag with a space", archive.Entry{Name: "a", ETag: `"1 2"`, Open: emptyFile}, "RFC 9110"},
		{"a weak tag", archive.Entry{Name: "a", ETag: `W/"1"`, Open: emptyFile}, ""},
		{"longer than anything", archive.Entry{Name: "a", Size: math.MaxInt64, Open: emptyFile}, "too long"},
		{"the same with a CRC-32", archive.Entry{Name: "a", Size: math.MaxInt64, CRC32: 1, Open: emptyFile}, "too long"},
		{"an exbibyte, but for the headers", archive.Entry{Name: "a", Size: 1<<60 - 1000, CRC32: 1, Open: emptyFile}, ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			_, err := archive.NewZip(t.Context(), "all.zip", []archive.Entry{tt.entry})
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			checkRefusal(t, err, tt.says)
		})
	}
	many := named("a", "b", "c")
	for i := range many {
		many[i].Size, many[i].CRC32 = 1<<59, 1
	}
	_, err := archive.NewZip(t.Context(), "all.zip", many)
	checkRefusal(t, err, "too long")
}

// An argument that cannot be left out panics at once, with the name of the function.
func TestNilArguments(t *testing.T) {
	var none context.Context
	for name, call := range map[string]func(){
		"NewZip":   func() { _, _ = archive.NewZip(none, "all.zip", nil) },
		"NewTar":   func() { _, _ = archive.NewTar(none, "all.tar", nil) },
		"FromFS":   func() { _, _ = archive.FromFS(nil, ".", nil) },
		"Existing": func() { _, _, _ = archive.Existing(none, nil) },
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.HasPrefix(said, "archive: "+name+": ") {
					t.Errorf("%s: panic %q", name, said)
				}
			}()
			call()
		}()
	}
}

// FuzzNames: what NewZip accepts leads nowhere else, and is in the archive as it
// was given.
func FuzzNames(f *testing.F) {
	f.Add("a", "a/b")
	f.Add("a/", "../b")
	f.Add(`\`, "\u0085")
	f.Add("Ελληνικά", "a//b")
	f.Fuzz(func(t *testing.T, first, second string) {
		z, err := archive.NewZip(t.Context(), "all.zip", named(first, second))
		if err != nil {
			return
		}
		defer z.Close()
		var b bytes.Buffer
		if _, err := z.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		// archive/zip has an error of its own for names that lead out.
		r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{first, second} {
			if got := r.File[i].Name; got != want || !fs.ValidPath(strings.TrimSuffix(want, "/")) {
				t.Errorf("name %q for %q", got, want)
			}
		}
	})
}
