package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

//go:embed doc.go
var embedded embed.FS

// storages returns the same file, "sub/doc.go", in storages of several kinds.
func storages(t *testing.T) (map[string]fs.FS, string) {
	t.Helper()
	content, err := embedded.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, fstest.MapFS{"sub/doc.go": {Data: content}}); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zipped, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]fs.FS{
		"os.Root":      root.FS(),
		"os.DirFS":     os.DirFS(dir),
		"zip.Reader":   zipped,
		"fstest.MapFS": fstest.MapFS{"sub/doc.go": {Data: content}},
	}, string(content)
}

func TestStorageFileIsTheStoragesFile(t *testing.T) {
	all, content := storages(t)
	for kind, storage := range all {
		t.Run(kind, func(t *testing.T) {
			file, err := files.OpenStorageFile(t.Context(), storage, "sub/doc.go")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			got := stat(t, onlyKnown{file})
			if got.Name != "doc.go" || got.Size != int64(len(content)) || !got.Mode.IsRegular() {
				t.Errorf("Stat() = %+v, want that of doc.go with %d bytes", got, len(content))
			}
			if file.Name != "sub/doc.go" {
				t.Errorf("Name %q, want sub/doc.go", file.Name)
			}
			if err := iotest.TestReader(file, []byte(content)); err != nil {
				t.Error(err)
			}
		})
	}
}

// onlyKnown makes "cannot tell" of entity tag and content type empty.
type onlyKnown struct{ fs.File }

func (f onlyKnown) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return onlyKnownInfo{info}, err
}

type onlyKnownInfo struct{ fs.FileInfo }

func (i onlyKnownInfo) ETag(ctx context.Context) (string, error) {
	return known(i.FileInfo.(files.ETager).ETag(ctx))
}

func (i onlyKnownInfo) ContentType(ctx context.Context) (string, error) {
	return known(i.FileInfo.(files.ContentTyper).ContentType(ctx))
}

func known(value string, err error) (string, error) {
	if errors.Is(err, errors.ErrUnsupported) {
		return "", nil
	}
	return value, err
}

// storage is one whose methods are functions.
type storage struct {
	open func(name string) (fs.File, error)
	stat func(name string) (fs.FileInfo, error)
}

func (s storage) Open(name string) (fs.File, error)     { return s.open(name) }
func (s storage) Stat(name string) (fs.FileInfo, error) { return s.stat(name) }

// neverOpens is a storage in which nothing may be opened.
func neverOpens(t *testing.T, stat func(string) (fs.FileInfo, error)) storage {
	return storage{stat: stat, open: func(name string) (fs.File, error) {
		t.Errorf("%q was opened", name)
		return nil, fs.ErrNotExist
	}}
}

// modeInfo is the description of something of that mode.
type modeInfo struct {
	fs.FileInfo
	mode fs.FileMode
}

func (modeInfo) Name() string        { return "thing" }
func (i modeInfo) Mode() fs.FileMode { return i.mode }

func TestOpenStorageFileOpensNothingButFiles(t *testing.T) {
	for _, mode := range []fs.FileMode{
		fs.ModeDir, fs.ModeNamedPipe, fs.ModeSocket, fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice, fs.ModeSymlink,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			s := neverOpens(t, func(string) (fs.FileInfo, error) { return modeInfo{mode: mode}, nil })
			if _, err := files.OpenStorageFile(t.Context(), s, "thing"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error %v, want fs.ErrNotExist", err)
			}
		})
	}
}

func TestOpenStorageFileRefusesNames(t *testing.T) {
	s := neverOpens(t, func(name string) (fs.FileInfo, error) {
		t.Errorf("the storage was asked for %q", name)
		return nil, fs.ErrNotExist
	})
	for _, name := range []string{"", "/a", "../a", "a/../b", "./a", "a/", "a//b", "..", "/"} {
		if _, err := files.OpenStorageFile(t.Context(), s, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: error %v, want fs.ErrNotExist", name, err)
		}
	}
}

func TestOpenStorageFileErrors(t *testing.T) {
	down := errors.New("storage is down")
	for _, tt := range []struct {
		err    error
		is     error // what the error is to be
		reason string
	}{
		{fs.ErrNotExist, fs.ErrNotExist, "missing"},
		{&fs.PathError{Op: "open", Path: "a", Err: fs.ErrPermission}, fs.ErrPermission, "forbidden"},
		{&fs.PathError{Op: "open", Path: "a", Err: syscall.EACCES}, fs.ErrPermission, "forbidden by the system"},
		{&fs.PathError{Op: "open", Path: "a", Err: syscall.EIO}, syscall.EIO, "a broken disk"},
		{down, down, "anything else"},
		{&fs.PathError{Op: "open", Path: "a", Err: context.DeadlineExceeded}, context.DeadlineExceeded, "too slow"},
		{&fs.PathError{Op: "open", Path: "a", Err: down}, down, "anything else, said as fs.FS.Open should"},
	} {
		for _, method := range []string{"Stat", "Open", "File.Stat"} {
			t.Run(tt.reason+"/"+method, func(t *testing.T) {
				file := servertest.Count(brokenFile{err: tt.err})
				s := storage{
					stat: func(string) (fs.FileInfo, error) { return modeInfo{}, nil },
					open: func(string) (fs.File, error) { return nil, tt.err },
				}
				switch method {
				case "Stat":
					s = neverOpens(t, func(string) (fs.FileInfo, error) { return nil, tt.err })
				case "File.Stat":
					s.open = func(string) (fs.File, error) { return file, nil }
				}
				got, err := files.OpenStorageFile(t.Context(), s, "a")
				if got != nil || !errors.Is(err, tt.is) {
					t.Errorf("OpenStorageFile = %v, %v, want an error that is %v", got, err, tt.is)
				}
				if missing := errors.Is(tt.is, fs.ErrNotExist); errors.Is(err, fs.ErrNotExist) != missing {
					t.Errorf("error %v, want fs.ErrNotExist: %v", err, missing)
				}
				if method == "File.Stat" && file.Closed() != 1 {
					t.Errorf("the file was closed %d times, want once", file.Closed())
				}
			})
		}
	}
}

// brokenFile is a file that cannot be described.
type brokenFile struct {
	fs.File
	err error
}

func (f brokenFile) Stat() (fs.FileInfo, error) { return nil, f.err }
func (f brokenFile) Close() error               { return nil }

type storageKey struct{}

// clouds is a storage with all the optional methods.
type clouds struct {
	fs.FS
	user any
}

func (c clouds) WithContext(ctx context.Context) fs.FS {
	c.user = ctx.Value(storageKey{})
	return c
}

func (c clouds) URL(ctx context.Context, name string) (string, error) {
	if c.user == nil {
		return "", errors.ErrUnsupported
	}
	return "https://bucket.example/" + name + "?for=" + c.user.(string), nil
}

func TestOptionalMethodsOfAStorage(t *testing.T) {
	s := clouds{FS: fstest.MapFS{"sub/a.txt": {Data: []byte("a")}}}
	for _, tt := range []struct {
		ctx    context.Context
		want   string
		err    error
		reason string
	}{
		{context.WithValue(t.Context(), storageKey{}, "ada"), "https://bucket.example/sub/a.txt?for=ada", nil, "the whole name, and the context's storage"},
		{t.Context(), "", errors.ErrUnsupported, "a storage that has none this time"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			file, err := files.OpenStorageFile(tt.ctx, s, "sub/a.txt")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			info, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			got, err := info.(files.URLer).URL(t.Context())
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("URL() = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}
