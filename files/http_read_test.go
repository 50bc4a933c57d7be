package files_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
)

// A body ends where its part of the file does, and the file goes on.
func TestHTTPFileReadsPartByPart(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 3<<16) // 3 MiB
	for _, tt := range []struct {
		reason string
		header http.Header
		steps  func(t *testing.T, f *files.HTTPFile)
		want   []string
	}{{
		reason: "where the body stands already",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 5, content[5:10]) },
		want:   []string{"GET Range: bytes=5-9"},
	}, {
		reason: "no further than a stride ahead of a Seek",
		steps: func(t *testing.T, f *files.HTTPFile) {
			seekAndRead(t, f, 3, content[3:10])
			seekAndRead(t, f, 2<<20+1, content[2<<20+1:2<<20+3])
		},
		want: []string{"GET", "GET Range: bytes=3-1048578", "GET Range: bytes=2097153-3145727"},
	}, {
		reason: "on from where a part ended",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 5, content[5:20]) },
		want:   []string{"GET Range: bytes=5-9", "GET Range: bytes=10-1048585"},
	}, {
		reason: "stride by stride",
		header: http.Header{"Range": {"bytes=1-1"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 2, content[2:]) },
		want: []string{"GET Range: bytes=1-1", "GET Range: bytes=2-1048577", "GET Range: bytes=1048578-2097153",
			"GET Range: bytes=2097154-3145727"},
	}, {
		reason: "the whole after all",
		header: http.Header{"Range": {"bytes=5-9"}},
		steps:  func(t *testing.T, f *files.HTTPFile) { seekAndRead(t, f, 0, content) },
		want:   []string{"GET Range: bytes=5-9", "GET"},
	}, {
		reason: "nothing is asked for at or beyond the end",
		steps: func(t *testing.T, f *files.HTTPFile) {
			seekAndRead(t, f, int64(len(content)), "")
			seekAndRead(t, f, 1<<40, "")
		},
		want: []string{"GET"},
	}} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, serve(content))
			tt.steps(t, mustOpen(t, o, "GET", "/a", tt.header))
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// seekAndRead checks that want is what stands at offset.
func seekAndRead(t *testing.T, f *files.HTTPFile, offset int64, want string) {
	t.Helper()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, max(len(want), 1))
	n, err := io.ReadFull(f, got)
	if err != nil && !(err == io.EOF && want == "") {
		t.Fatal(err)
	}
	if string(got[:n]) != want {
		t.Errorf("at %d: read %.40q…, want %.40q…", offset, got[:n], want)
	}
}

func TestHTTPFileSeek(t *testing.T) {
	f := mustOpen(t, newOrigin(t, serve("hello")), "GET", "/a", nil)
	for _, tt := range []struct {
		offset int64
		whence int
		want   int64
		ok     bool
	}{
		{2, io.SeekStart, 2, true},
		{1, io.SeekCurrent, 3, true},
		{-4, io.SeekCurrent, 0, false},
		{-1, io.SeekEnd, 4, true},
		{0, 7, 0, false},
	} {
		got, err := f.Seek(tt.offset, tt.whence)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("Seek(%d, %d) = %d, %v; want %d", tt.offset, tt.whence, got, err, tt.want)
		}
	}
	if body, err := io.ReadAll(f); string(body) != "o" || err != nil {
		t.Errorf("read %q, %v; want what is at 4", body, err)
	}
}

// Bytes of two versions never come out of one file, and no wrong length looks
// right.
func TestHTTPFileRefusesWhatDoesNotFit(t *testing.T) {
	const old = "Fri, 13 Mar 2026 00:00:00 GMT"
	for _, tt := range []struct {
		reason string
		first  http.HandlerFunc
		second http.HandlerFunc // asked for from 2 on
		want   string           // in the error
	}{
		{"another entity tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: "b"`, "Last-Modified: "+date), "changed"},
		{"no entity tag any more", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`),
			answer(206, "llo", "Content-Range: bytes 2-4/5"), "changed"},
		{"another weak tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"b"`, "Last-Modified: "+date), "changed"},
		{"the same weak tag, another date", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"a"`, "Last-Modified: "+old), "changed"},
		{"another date", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", "Last-Modified: "+old), "changed"},
		{"another size", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/6", "Last-Modified: "+date), "changed"},
		{"the whole instead of a part", serve("hello"), answer(200, "hello", "ETag: "+tag), "not the range"},
		{"another part", serve("hello"), answer(206, "lo", "Content-Range: bytes 3-4/5", "ETag: "+tag), "not the range"},
		{"a shorter part than announced", serve("hello"), answer(206, "ll", "Content-Range: bytes 2-4/5", "ETag: "+tag), "unexpected EOF"},
		{"a longer part than announced", serve("hello"), answer(206, "lloooo", "Content-Range: bytes 2-4/5", "ETag: "+tag), "more content"},
		{"an error", serve("hello"), answer(500, "oops"), "500 Internal Server Error"},
		{"gone", serve("hello"), answer(404, "oops"), "404 Not Found"},
		{"a refusal of the range", serve("hello"), answer(416, "oops"), "416 Requested Range Not Satisfiable"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") == "" {
					tt.first(w, r)
				} else {
					tt.second(w, r)
				}
			})
			f := mustOpen(t, o, "GET", "/a", nil)
			if _, err := f.Seek(2, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(f)
			if _, ok := errors.AsType[*files.HTTPError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("read %q, %v; want an HTTPError with %q", body, err, tt.want)
			}
			if n, err := f.Read(make([]byte, 1)); n > 0 || err == nil || err == io.EOF {
				t.Errorf("the next Read = %d, %v; want an error again", n, err)
			}
		})
	}
}

// Without a strong validator nobody could tell whether two parts go together, so
// there are none (RFC 9110 §15.3.7.3).
func TestHTTPFileOfUnknownVersionHasNoParts(t *testing.T) {
	for _, fields := range [][]string{{"Accept-Ranges: bytes"}, {"Accept-Ranges: bytes", `ETag: W/"a"`}} {
		o := newOrigin(t, answer(200, "hello", fields...))
		f := mustOpen(t, o, "GET", "/a", nil)
		if _, err := f.Seek(2, io.SeekStart); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%q: Seek: %v, want errors.ErrUnsupported", fields, err)
		}
	}
}

func TestHTTPFileIsCancelledWithTheRequest(t *testing.T) {
	gone := make(chan struct{})
	o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "he")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	f, err := files.OpenHTTP(httptest.NewRequestWithContext(ctx, "GET", "/", nil), o.URL, files.HTTPOptions{Client: o.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadFull(f, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-gone
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
