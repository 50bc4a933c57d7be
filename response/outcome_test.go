package response_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// An ending is an Outcome without what differs from run to run.
type ending struct {
	Status int
	Bytes  int64
	Ending response.Ending
	Failed bool // Err is not nil
	Closed int  // when the hook is called
}

func TestOutcome(t *testing.T) {
	memory := func() fs.File {
		f := files.NewContentFile(alphanumeric, "file.txt")
		f.ETag = `"v1"`
		return f
	}
	early := func(end func() error) func() fs.File { return func() fs.File { return producing(0, end) } }
	late := func(end func() error) func() fs.File { return func() fs.File { return producing(1_000_000, end) } }
	const someBytes = -1 // how many is a matter of buffers

	for _, test := range []struct {
		reason string
		method string
		header []string
		file   func() fs.File
		want   ending
		err    error // what Err is, if it is a certain error
	}{
		{"the whole file", "", nil, memory, ending{200, 36, response.Complete, false, 1}, nil},
		{"an empty file", "", nil, func() fs.File { return files.NewContentFile("", "file.txt") }, ending{200, 0, response.Complete, false, 1}, nil},
		{"of unknown size", "", nil, early(func() error { return nil }), ending{200, 0, response.Complete, false, 1}, nil},
		{"a range", "", []string{"Range", "bytes=5-9"}, memory, ending{206, 5, response.Complete, false, 1}, nil},
		{"two ranges, with what is between them", "", []string{"Range", "bytes=5-9,0-0"}, memory, ending{206, someBytes, response.Complete, false, 1}, nil},
		{"HEAD", http.MethodHead, nil, memory, ending{200, 0, response.Complete, false, 1}, nil},
		{"POST", http.MethodPost, nil, memory, ending{200, 36, response.Complete, false, 1}, nil},
		{"not modified", "", []string{"If-None-Match", `"v1"`}, memory, ending{304, 0, response.NotModified, false, 1}, nil},
		{"a precondition failed", "", []string{"If-Match", `"v2"`}, memory, ending{412, 0, response.Refused, true, 1}, nil},
		{"no such range", "", []string{"Range", "bytes=99-"}, memory, ending{416, 0, response.Refused, true, 1}, nil},
		{"a directory", "", nil, func() fs.File {
			f, err := fstest.MapFS{"directory/file.txt": {}}.Open("directory")
			if err != nil {
				panic(err)
			}
			return f
		}, ending{404, 0, response.Refused, true, 1}, fs.ErrNotExist},
		{"the producer fails at once", "", nil, early(fails), ending{500, 0, response.Failed, true, 1}, errBroken},
		{"the producer fails late", "", nil, late(fails), ending{200, someBytes, response.Failed, true, 1}, errBroken},
		{"the producer panics at once", "", nil, early(panics), ending{500, 0, response.Failed, true, 1}, nil},
		{"the producer panics late", "", nil, late(panics), ending{200, someBytes, response.Failed, true, 1}, nil},
		{"content is too short", "", nil, func() fs.File {
			f := files.NewVirtualFile(strings.NewReader(alphanumeric), "file.txt")
			f.Size++
			return f
		}, ending{500, 0, response.Failed, true, 1}, nil},
	} {
		t.Run(test.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			file := servertest.Count(test.file())
			outcomes := make(chan response.Outcome, 2)
			closed := 0
			opts := response.Options{FlushInterval: time.Hour, OnDone: func(r *http.Request, o response.Outcome) {
				closed = file.Closed()
				if got := r.URL.Path; got != "/download" {
					t.Errorf("the hook was given a request for %s", got)
				}
				outcomes <- o
			}}
			srv := servertest.Start(t, servertest.HTTP11, send(file, opts))
			srv.Do(t, test.method, "/download", test.header...) // how it ends for the client is not the subject
			if len(outcomes) != 1 {
				t.Fatalf("the hook was called %d times, want 1", len(outcomes))
			}
			o := <-outcomes
			got := ending{o.Status, o.Bytes, o.Ending, o.Err != nil, closed}
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
			if file.Closed() != 1 {
				t.Errorf("the file was closed %d times", file.Closed())
			}
		})
	}
}

// A client that leaves is an outcome too.
func TestOutcomeOfClientThatLeaves(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		t.Run(protocol, func(t *testing.T) {
			servertest.CaptureLog(t)
			closed := 0
			outcomes := make(chan response.Outcome, 2)
			stopped := false
			file := servertest.Count(generated(func(yield func(string) bool) {
				defer func() { stopped = true }()
				for yield(alphanumeric) {
				}
			}))
			srv := servertest.StartTLS(t, protocol, send(file, response.Options{OnDone: func(_ *http.Request, o response.Outcome) {
				closed = file.Closed()
				outcomes <- o
			}}))
			res, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, res.Body, 100_000); err != nil {
				t.Fatal(err)
			}
			res.Body.Close()

			var o response.Outcome
			select {
			case o = <-outcomes:
			case <-time.After(30 * time.Second):
				t.Fatal("the download goes on without its client")
			}
			srv.Wait()
			if diff := cmp.Diff(ending{200, 0, response.ClientLeft, true, 1}, ending{o.Status, 0, o.Ending, o.Err != nil, closed}); diff != "" {
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
