package response_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// What mime/multipart makes of the body is in the tables; this is the body
// itself, as RFC 9110 §14.6 prints one.
func TestMultipartBody(t *testing.T) {
	for _, k := range allKinds {
		t.Run(k.name, func(t *testing.T) {
			o := offer{content: alphanumeric, etag: `"v1"`}
			got := servertest.Record(send(k.open(o), response.Options{}), "GET", "/", "Range", "bytes=10-12,-2")
			if _, ok := got.Header["Content-Range"]; ok {
				t.Error("a Content-Range outside of the parts (RFC 9110 §15.3.7.2)")
			}
			want := strings.ReplaceAll(strings.Join([]string{
				"",
				"--BOUNDARY",
				"Content-Type: text/plain; charset=utf-8",
				"Content-Range: bytes 10-12/36",
				"",
				"abc",
				"--BOUNDARY",
				"Content-Type: text/plain; charset=utf-8",
				"Content-Range: bytes 34-35/36",
				"",
				"yz",
				"--BOUNDARY--",
				"",
			}, "\r\n"), "BOUNDARY", boundary(t, got))
			if diff := cmp.Diff(want, got.Body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever knows the boundary could write content that ends its part.
func TestMultipartBoundaryIsNotGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		file := files.NewContentFile(alphanumeric, "file.txt")
		seen[boundary(t, servertest.Record(send(file, response.Options{}), "GET", "/", "Range", "bytes=0-0,2-2"))] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d boundaries in 100 answers", len(seen))
	}
}

// In a header, net/http sees to it that a value has no line breaks. A part's
// header is body to it.
func TestMultipartTypeCannotInject(t *testing.T) {
	f := files.NewContentFile(alphanumeric, "file.txt")
	f.ContentType = "text/plain\r\nSet-Cookie: a=b\r\n\r\n<script>"
	got := servertest.Record(send(f, response.Options{}), "GET", "/", "Range", "bytes=0-0,2-2")
	for i, p := range readParts(t, got) { // which also counts the fields
		if want := alphanumeric[2*i : 2*i+1]; p.Body != want {
			t.Errorf("part %d is %q, want %q", i, p.Body, want)
		}
	}
}

func TestManyRanges(t *testing.T) {
	const size = 20_000
	large := strings.Repeat("0123456789abcdefghij", size/20)
	// list returns n ranges of one byte, none beside another.
	list := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ",%d-%d", 2*i, 2*i)
		}
		return b.String()[1:]
	}
	offer{content: large, etag: `"v1"`}.run(t, []row{
		{"as many as are served", "17.15", []string{"Range", "bytes=" + list(200)}, 206, list(200)},
		{"one more", "17.15", []string{"Range", "bytes=" + list(201)}, 200, ""},
		{"thousands", "17.15", []string{"Range", "bytes=" + list(5000)}, 200, ""},
		{"the whole file, as often as is served", "17.15", []string{"Range", "bytes=0-" + strings.Repeat(",0-", 199)}, 206, "0-19999"},
		{"the whole file, thousands of times", "17.15", []string{"Range", "bytes=0-" + strings.Repeat(",0-", 4999)}, 200, ""},
		{"none that can be satisfied, one too many", "17.15", []string{"Range", "bytes=-0" + strings.Repeat(",-0", 200)}, 200, ""},
		{"empty elements are none", "5.6.1.2", []string{"Range", "bytes=0-4" + strings.Repeat(",", 300)}, 206, "0-4"},
	})
}

// Generated content is generated once for windows in their order, and never
// started over: with a step backward the field is ignored.
func TestMultipartIsOneGeneration(t *testing.T) {
	for _, test := range []struct {
		reason string
		ranges string
		parts  string // "": all of it, 200
	}{
		{"forward", "0-1,10-11,20-21", "0-1,10-11,20-21"},
		{"forward, twice within a piece", "0-0,2-2,4-4,90-99", "0-0,2-2,4-4,90-99"},
		{"overlaps are one", "0-5,3-9,20-21", "0-9,20-21"},
		{"overlaps stand where the first of them was", "5-14,30-34,0-9", "0-14,30-34"},
		{"backward", "20-21,10-11", ""},
		{"backward in the end", "10-11,20-21,0-1", ""},
		{"to and fro", "20-21,0-1,30-31", ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			large := strings.Repeat("0123456789", 10)
			starts, stops := 0, 0
			seq := func(yield func(string) bool) {
				starts++
				defer func() { stops++ }()
				chunks(large, 7)(yield)
			}
			f := generated(seq)
			f.Size, f.ETag = int64(len(large)), `"v1"`
			got := servertest.Record(send(f, response.Options{}), "GET", "/", "Range", "bytes="+test.ranges)
			if starts != 1 || stops != 1 {
				t.Errorf("the generator started %d times and ended %d times, want once", starts, stops)
			}
			if test.parts == "" {
				got.Check(t, http.StatusOK, large)
				return
			}
			if diff := cmp.Diff(partsOf(t, large, test.parts), readParts(t, got)); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// A reader that cannot seek has ranges in ascending order only.
func TestMultipartOfOneWayReader(t *testing.T) {
	for _, test := range []struct {
		ranges, body string
		status       int
	}{
		{"10-12", "abc", 206},
		{"10-12,0-1", alphanumeric, 200},
	} {
		f := files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(alphanumeric)}, "file.txt")
		f.Size, f.ETag = int64(len(alphanumeric)), `"v1"`
		servertest.Record(send(f, response.Options{}), "GET", "/", "Range", "bytes="+test.ranges).Check(t, test.status, test.body)
	}
}

// Parts that were sent do not make an answer complete.
func TestMultipartThatFails(t *testing.T) {
	servertest.CaptureLog(t)
	f := producing(201, fails)
	f.Size, f.ETag = 400, `"v1"`
	srv := servertest.Start(t, servertest.HTTP11, send(f, response.Options{FlushInterval: -1}))
	srv.Do(t, "GET", "/", "Range", "bytes=0-1,100-112,300-301").CheckBroken(t, http.StatusPartialContent)
}

// Whatever fails before the first byte is a clean error, of several ranges too.
func TestMultipartThatFailsAtOnce(t *testing.T) {
	servertest.CaptureLog(t)
	f := producing(0, fails)
	f.Size, f.ETag = 100, `"v1"`
	got := servertest.Record(send(f, response.Options{}), "GET", "/", "Range", "bytes=1-2,5-6")
	got.CheckError(t, http.StatusInternalServerError)
}
