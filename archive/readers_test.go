package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
)

// A reader is a program that reads an archive, all of it, and fails where that is
// damaged or not as it should be.
type reader struct {
	name    string
	command []string // ARCHIVE stands for its path; without it, it comes through a pipe
	refuses string   // what it must not say
}

var readers = []reader{
	{"unzip", []string{"unzip", "-tqq", "ARCHIVE"}, "warning"},
	{"7z", []string{"7z", "t", "-bsp0", "ARCHIVE"}, "Warning"},
	{"bsdtar", []string{"bsdtar", "-xOf", "ARCHIVE"}, "bsdtar:"},
	{"bsdtar, from a pipe", []string{"bsdtar", "-xOf", "-"}, "bsdtar:"},
	{"Python's zipfile", []string{"python3", "-c", "import sys, zipfile\nsys.exit(zipfile.ZipFile(sys.argv[1]).testzip())", "ARCHIVE"}, "Warning"},
	{"Java's ZipInputStream", []string{"java", "testdata/Stream.java"}, "Exception"},
	{"Java's ZipFile", []string{"java", "testdata/Files.java", "ARCHIVE"}, "Exception"},
}

// mustHave skips a test without that program, and fails it in CI.
func mustHave(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed", program)
	}
}

// run has r read the archive in path.
func (r reader) run(t *testing.T, path string) error {
	t.Helper()
	mustHave(t, r.command[0])
	args := slices.Clone(r.command[1:])
	fed := true
	for i, arg := range args {
		if arg == "ARCHIVE" {
			args[i], fed = path, false
		}
	}
	cmd := exec.CommandContext(t.Context(), r.command[0], args...)
	if fed {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = struct{ io.Reader }{f} // a pipe, which cannot seek
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if r.command[0] != "bsdtar" { // whose output is the content
		cmd.Stdout = &said
	}
	err := cmd.Run()
	if err != nil || strings.Contains(said.String(), r.refuses) {
		return fmt.Errorf("%v, and it says:\n%.1000s", err, said.String())
	}
	return nil
}

// readByGo is archive/zip as a reader.
func readByGo(path string) (err error) {
	r, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, rc) // it checks CRC-32s
		if err := errors.Join(err, rc.Close()); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

// holes is a file in which zeros take no room on disk.
type holes struct{ *os.File }

func (f holes) Write(p []byte) (int, error) {
	if len(bytes.TrimLeft(p, "\x00")) > 0 {
		return f.File.Write(p)
	}
	_, err := f.Seek(int64(len(p)), io.SeekCurrent)
	return len(p), err
}

// store writes an archive of entries to a file, and returns its path.
func store(t *testing.T, entries []archive.Entry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := newZip(t, entries)
	defer z.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{holes{f}}, struct{ io.Reader }{z}, make([]byte, 64<<10))
	if err != nil {
		t.Fatal(err)
	}
	if size, _ := describe(t, z); size >= 0 && size != n {
		t.Errorf("%d bytes, Stat says %d", n, size)
	}
	return path
}

// checkReaders has all readers, but for the named ones, read an archive of entries.
func checkReaders(t *testing.T, entries []archive.Entry, but ...string) {
	path := store(t, entries)
	if err := readByGo(path); err != nil {
		t.Errorf("archive/zip: %v", err)
	}
	for _, r := range readers {
		if slices.Contains(but, r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if err := r.run(t, path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReaders(t *testing.T) {
	w := new(watch)
	all := append(mixed(w),
		w.entry("unknown size.txt", text(100_000), kind{}),
		w.entry("unknown size, CRC-32 known.txt", text(1000), kind{crc: true}),
		w.entry("nothing.txt", nil, kind{}))
	checkReaders(t, all)
}

// Nothing that reads an archive is content with one that is damaged, so that the
// tests above can fail.
func TestReadersNotice(t *testing.T) {
	path := store(t, mixed(new(watch)))
	archived, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archived[bytes.Index(archived, text(1000))+500] ^= 1
	if err := os.WriteFile(path, archived, 0o600); err != nil {
		t.Fatal(err)
	}
	if readByGo(path) == nil {
		t.Error("archive/zip does not notice")
	}
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			if r.run(t, path) == nil {
				t.Error("it does not notice")
			}
		})
	}
}
