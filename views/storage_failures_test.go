package views_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// faultyFS is a storage in which whatever is asked for goes wrong, or ends too
// early or too late, at last.
type faultyFS struct {
	openErr, statErr error
	size             int64 // what is claimed
	content          io.Reader
	closed           atomic.Int32
}

func (s *faultyFS) Open(string) (fs.File, error) {
	if s.openErr != nil {
		return nil, s.openErr
	}
	return (*faultyFile)(s), nil
}

type faultyFile faultyFS

func (f *faultyFile) Read(p []byte) (int, error) { return f.content.Read(p) }
func (f *faultyFile) Close() error               { f.closed.Add(1); return nil }

func (f *faultyFile) Stat() (fs.FileInfo, error) {
	if f.statErr != nil {
		return nil, f.statErr
	}
	return faultyInfo{f.size}, nil
}

type faultyInfo struct{ size int64 }

func (i faultyInfo) Name() string     { return "faulty.txt" }
func (i faultyInfo) Size() int64      { return i.size }
func (faultyInfo) Mode() fs.FileMode  { return 0o444 }
func (faultyInfo) ModTime() time.Time { return storedTime }
func (faultyInfo) IsDir() bool        { return false }
func (faultyInfo) Sys() any           { return nil }

// failsAfter reads n bytes and fails then.
func failsAfter(n int64) io.Reader {
	return io.MultiReader(io.LimitReader(storedZeros{}, n), storedFailure{})
}

var errStorageGone = errors.New("the storage is gone")

type (
	storedZeros   struct{}
	storedFailure struct{}
)

func (storedZeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
func (storedFailure) Read([]byte) (int, error) { return 0, errStorageGone }

func TestStorageDownloadViewFailures(t *testing.T) {
	for _, tt := range []struct {
		storage func() *faultyFS
		status  int
		broken  bool // the client sees an error in the middle
		reason  string
	}{
		{func() *faultyFS { return &faultyFS{openErr: fs.ErrNotExist} }, 404, false, "missing"},
		{func() *faultyFS { return &faultyFS{openErr: &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}} }, 403, false, "permission denied"},
		{func() *faultyFS { return &faultyFS{openErr: errStorageGone} }, 500, false, "the storage is down"},
		{func() *faultyFS { return &faultyFS{openErr: &fs.PathError{Op: "open", Path: "x", Err: errStorageGone}} }, 500, false, "the storage is down, and says so as a file system does"},
		{func() *faultyFS { return &faultyFS{statErr: errStorageGone} }, 500, false, "the file cannot be described"},
		{func() *faultyFS { return &faultyFS{size: 10, content: failsAfter(0)} }, 500, false, "it fails at once"},
		{func() *faultyFS { return &faultyFS{size: 10, content: failsAfter(5)} }, 500, false, "it fails halfway through a small file, of which nothing was sent"},
		{func() *faultyFS { return &faultyFS{size: 2 << 20, content: failsAfter(1 << 20)} }, 200, true, "it fails halfway through a large file"},
		{func() *faultyFS { return &faultyFS{size: 1 << 20, content: failsAfter(1 << 20)} }, 200, true, "it fails at the end, where the checksum of an archive is compared"},
		{func() *faultyFS { return &faultyFS{size: 2 << 20, content: io.LimitReader(storedZeros{}, 1<<20)} }, 200, true, "the file is shorter than it says"},
		{func() *faultyFS { return &faultyFS{size: 1 << 20, content: io.LimitReader(storedZeros{}, 2<<20)} }, 200, true, "the file is longer than it says"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for _, protocol := range servertest.Protocols {
				storage := tt.storage()
				got := servertest.Start(t, protocol, mountStored(views.StorageDownloadView{Storage: storage})).
					Do(t, "GET", "/files/x")
				switch {
				case !tt.broken:
					got.CheckError(t, tt.status)
				case got.Status != tt.status || got.Err == nil:
					t.Errorf("%s: status %d with %d bytes, and the client sees no error", protocol, got.Status, len(got.Body))
				}
				if closed := storage.closed.Load(); storage.openErr == nil && closed != 1 {
					t.Errorf("%s: the file was closed %d times, want once", protocol, closed)
				}
			}
		})
	}
}

// An archive that is damaged must not yield a download that looks complete.
func TestStorageDownloadViewOfADamagedZip(t *testing.T) {
	content := storedContent(300 << 10)
	archive := storedZip(t, zip.Store, "content.txt", content)
	archive[bytes.Index(archive, []byte("0000100\n"))] = 'X'
	view := views.StorageDownloadView{Storage: storedZipFS(t, archive)}
	servertest.OverEach(t, mountStored(view), func(t *testing.T, srv *servertest.Server) {
		got := srv.Do(t, "GET", "/files/content.txt")
		if got.Status != 200 || got.Err == nil {
			t.Errorf("status %d with %d bytes, and the client sees no error", got.Status, len(got.Body))
		}
	})
}
