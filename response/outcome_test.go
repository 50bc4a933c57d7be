package response_test

import (
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// closeCounter is a file that counts how often it is closed.
type closeCounter struct {
	fs.File
	closed atomic.Int32
}

func (f *closeCounter) Close() error {
	f.closed.Add(1)
	return f.File.Close()
}

func (f *closeCounter) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, f.File) }

func (f *closeCounter) Seek(offset int64, whence int) (int64, error) {
	if s, ok := f.File.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, errors.ErrUnsupported
}

// An ending is an Outcome without what differs from run to run.
type ending struct {
	Status   int
	Bytes    int64
	Complete bool
	Failed   bool // Err is not nil
	Closed   int32
}

var errNoDatabase = errors.New("the database has gone")

// failing generates n bytes, then ends as end does.
func failing(n int, end func() error) fs.File {
	return files.NewVirtualFile(files.NewBytesIteratorIO2(func(yield func([]byte, error) bool) {
		for piece := range zeros(int64(n)) {
			if !yield(piece, nil) {
				return
			}
		}
		yield(nil, end())
	}), "file.bin")
}

func TestOutcome(t *testing.T) {
	memory := func() fs.File {
		f := files.NewContentFile(alphanumeric, "file.txt")
		f.ETag = `"v1"`
		return f
	}
	early := func(end func() error) func() fs.File { return func() fs.File { return failing(0, end) } }
	late := func(end func() error) func() fs.File { return func() fs.File { return failing(1_000_000, end) } }
	fails := func() error { return errNoDatabase }
	panics := func() error { panic("a bug in the generator") }
	const someBytes = -1 // how many is a matter of buffers

	for _, test := range []struct {
		reason string
		method string
		header []string
		file   func() fs.File
		want   ending
		err    error // what Err is, if it is a certain error
	}{
		{"the whole file", "", nil, memory, ending{200, 36, true, false, 1}, nil},
		{"an empty file", "", nil, func() fs.File { return files.NewContentFile("", "file.txt") }, ending{200, 0, true, false, 1}, nil},
		{"of unknown size", "", nil, early(func() error { return nil }), ending{200, 0, true, false, 1}, nil},
		{"a range", "", []string{"Range: bytes=5-9"}, memory, ending{206, 5, true, false, 1}, nil},
		{"two ranges, with what is between them", "", []string{"Range: bytes=5-9,0-0"}, memory, ending{206, someBytes, true, false, 1}, nil},
		{"HEAD", http.MethodHead, nil, memory, ending{200, 0, true, false, 1}, nil},
		{"POST", http.MethodPost, nil, memory, ending{200, 36, true, false, 1}, nil},
		{"not modified", "", []string{`If-None-Match: "v1"`}, memory, ending{304, 0, true, false, 1}, nil},
		{"a precondition failed", "", []string{`If-Match: "v2"`}, memory, ending{412, 0, false, true, 1}, nil},
		{"no such range", "", []string{"Range: bytes=99-"}, memory, ending{416, 0, false, true, 1}, nil},
		{"a directory", "", nil, func() fs.File {
			f, err := fstest.MapFS{"directory/file.txt": {}}.Open("directory")
			if err != nil {
				panic(err)
			}
			return f
		}, ending{404, 0, false, true, 1}, fs.ErrNotExist},
		{"the producer fails at once", "", nil, early(fails), ending{500, 0, false, true, 1}, errNoDatabase},
		{"the producer fails late", "", nil, late(fails), ending{200, someBytes, false, true, 1}, errNoDatabase},
		{"the producer panics at once", "", nil, early(panics), ending{500, 0, false, true, 1}, nil},
		{"the producer panics late", "", nil, late(panics), ending{200, someBytes, false, true, 1}, nil},
		{"content is too short", "", nil, func() fs.File {
			f := files.NewVirtualFile(strings.NewReader(alphanumeric), "file.txt")
			f.Size++
			return f
		}, ending{500, 0, false, true, 1}, nil},
	} {
		t.Run(test.reason, func(t *testing.T) {
			silence(t)
			var file *closeCounter
			outcomes := make(chan response.Outcome, 2)
			var closed int32
			opts := response.Options{FlushInterval: time.Hour, OnDone: func(r *http.Request, o response.Outcome) {
				closed = file.closed.Load()
				if got := r.URL.Path; got != "/download" {
					t.Errorf("the hook was given a request for %s", got)
				}
				outcomes <- o
			}}
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				file = &closeCounter{File: test.file()}
				response.New(file, opts).ServeHTTP(w, r)
			}))
			srv.Config.ErrorLog = log.New(io.Discard, "", 0) // it prints panics
			srv.Start()

			if res, err := srv.Client().Do(newRequest(t, test.method, srv.URL+"/download", test.header...)); err == nil {
				_, _ = io.Copy(io.Discard, res.Body) // how it ends for the client is not the subject
				res.Body.Close()
			}
			srv.Close() // waits for the handler

			if len(outcomes) != 1 {
				t.Fatalf("the hook was called %d times, want 1", len(outcomes))
			}
			o := <-outcomes
			got := ending{o.Status, o.Bytes, o.Complete, o.Err != nil, closed}
			if test.want.Bytes == someBytes && o.Bytes > 0 {
				got.Bytes = someBytes
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if test.err != nil && !errors.Is(o.Err, test.err) {
				t.Errorf("error %v, want %v", o.Err, test.err)
			}
			if o.Duration <= 0 || o.Duration > time.Minute {
				t.Errorf("it took %v", o.Duration)
			}
			if n := file.closed.Load(); n != 1 {
				t.Errorf("the file was closed %d times", n)
			}
		})
	}
}

// A client that leaves is an outcome too.
func TestOutcomeOfClientThatLeaves(t *testing.T) {
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(version, func(t *testing.T) {
			silence(t)
			var file *closeCounter
			var closed int32
			outcomes := make(chan response.Outcome, 2)
			stopped := false
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				endless := func(yield func([]byte) bool) {
					defer func() { stopped = true }()
					for yield(make([]byte, 1000)) {
					}
				}
				file = &closeCounter{File: files.NewVirtualFile(files.NewBytesIteratorIO(endless), "file.bin")}
				response.New(file, response.Options{OnDone: func(_ *http.Request, o response.Outcome) {
					closed = file.closed.Load()
					outcomes <- o
				}}).ServeHTTP(w, r)
			}))
			srv.EnableHTTP2 = version == "HTTP/2.0"
			srv.StartTLS()

			res, err := srv.Client().Do(newRequest(t, http.MethodGet, srv.URL))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, res.Body, 100_000); err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			srv.Close()

			var o response.Outcome
			select {
			case o = <-outcomes:
			case <-time.After(30 * time.Second):
				t.Fatal("the download goes on without its client")
			}
			if diff := cmp.Diff(ending{200, 0, false, true, 1}, ending{o.Status, 0, o.Complete, o.Err != nil, closed}); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			// Of the last write, which failed, HTTP/2 does not say how much
			// it sent.
			if o.Bytes < 100_000-bufferSize {
				t.Errorf("%d bytes sent, and many more arrived", o.Bytes)
			}
			if !stopped {
				t.Error("the generator was not stopped")
			}
		})
	}
}
