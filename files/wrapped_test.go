package files_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// The file's own description and abilities are not lost in a storage.
func TestStorageFileForwards(t *testing.T) {
	modTime := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	s := storage{
		stat: func(string) (fs.FileInfo, error) { return modeInfo{}, nil },
		open: func(string) (fs.File, error) {
			f := files.NewContentFile("Hello", "hello.txt")
			f.ModTime, f.ETag, f.ContentType, f.URL = modTime, `"v1"`, "text/x-hello", "https://other.example/"
			return f, nil
		},
	}
	file, err := files.OpenStorageFile(t.Context(), s, "hello")
	if err != nil {
		t.Fatal(err)
	}
	want := facts{Name: "hello.txt", Size: 5, Mode: 0o444, ModTime: modTime, ETag: `"v1"`, ContentType: "text/x-hello"}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if url, err := info.(files.URLer).URL(t.Context()); url != "https://other.example/" || err != nil {
		t.Errorf("URL() = %q, %v, want the file's own", url, err)
	}
	testWrapper(t, file)
}

func TestDescribedFileForwards(t *testing.T) {
	content := files.NewContentFile("Hello", "hello.txt")
	content.ModTime = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	testWrapper(t, files.NewDescribedFile(content))
}

// testWrapper tests that file, around a ContentFile with "Hello" in it and a
// ModTime, reads it and leaves the rest to whoever unwraps it.
func testWrapper(t *testing.T, file fs.File) {
	t.Helper()
	if err := iotest.TestReader(file, []byte("Hello")); err != nil {
		t.Error(err)
	}
	if modified, err := files.WasModifiedSince(file, time.Now()); modified || err != nil {
		t.Errorf("WasModifiedSince(now) = %v, %v, want false", modified, err)
	}
	if _, ok := files.Unwrap(file).(*files.ContentFile); !ok {
		t.Errorf("Unwrap() is a %T, want the file underneath", files.Unwrap(file))
	}
}

// Of a file that can do nothing but the least, nothing more is promised.
func TestStorageFileWithoutTheCapability(t *testing.T) {
	file, err := files.OpenStorageFile(t.Context(), storage{
		stat: func(string) (fs.FileInfo, error) { return modeInfo{}, nil },
		open: func(string) (fs.File, error) {
			return struct{ fs.File }{files.NewContentFile("Hello", "a")}, nil // hides all else
		},
	}, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WasModifiedSince(time.Now()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("WasModifiedSince: %v, want errors.ErrUnsupported", err)
	}
	if got, err := io.ReadAll(file); string(got) != "Hello" || err != nil {
		t.Errorf("content %q, %v, want Hello", got, err)
	}
}

func TestStorageFileClosesOnce(t *testing.T) {
	inner := servertest.Count(files.NewContentFile("Hello", "a"))
	file, err := files.OpenStorageFile(t.Context(), storage{
		stat: func(string) (fs.FileInfo, error) { return modeInfo{}, nil },
		open: func(string) (fs.File, error) { return inner, nil },
	}, "a")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	if inner.Closed() != 1 {
		t.Errorf("the file was closed %d times, want once", inner.Closed())
	}
}
