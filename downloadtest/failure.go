package downloadtest

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// errOnPurpose is the error in the log when a test makes a download fail.
var errOnPurpose = errors.New("downloadtest: this failure is part of a test")

// testFailure: a client sees that a download has failed, wherever it does.
func testFailure(t *testing.T, s *subject) {
	for _, c := range []struct {
		name string
		at   int64
	}{
		{"at_once", 0},
		{"midway", int64(len(s.whole.body) / 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := failAfter(c.at, s.view)
			server := s.serveWatched(t, w)
			got := server.try(t, http.MethodGet)
			if got.err == nil && (got.status < 300 || got.status == http.StatusNotModified) {
				t.Errorf("the file failed after %d bytes, and the client has a status %d with a body that looks complete: %s",
					c.at, got.status, quote(got.body))
			}
			server.wait(t)
			testClosed(t, w)
			testEnding(t, w, response.Failed)
		})
	}
}

// failAfter returns view with files that fail after n bytes, which are sent at
// once.
func failAfter(n int64, view views.DownloadView) *watch {
	return &watch{view: view, flush: true, alter: func(file fs.File) fs.File { return &failing{file, n} }}
}

// failing is a file that fails after so many bytes, and cannot do anything but
// be read.
type failing struct {
	fs.File
	left int64
}

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errOnPurpose
	}
	n, err := f.File.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if err == io.EOF { // content that changes may be shorter than it was
		err = errOnPurpose
	}
	return n, err
}
