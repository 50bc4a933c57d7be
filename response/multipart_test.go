package response_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// What mime/multipart makes of the body is in the tables; this is the body
// itself, as RFC 9110 §14.6 prints one.
func TestMultipartBody(t *testing.T) {
	for _, k := range allKinds {
		t.Run(k.name, func(t *testing.T) {
			o := offer{content: alphanumeric, etag: `"v1"`}
			rec := httptest.NewRecorder()
			response.New(k.open(o), response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes=10-12,-2"))

			mediaType, params, err := mime.ParseMediaType(rec.Header().Get("Content-Type"))
			if err != nil || mediaType != "multipart/byteranges" {
				t.Fatalf("Content-Type %q (%v), want multipart/byteranges", rec.Header().Get("Content-Type"), err)
			}
			if _, ok := rec.Header()["Content-Range"]; ok {
				t.Error("a Content-Range outside of the parts (RFC 9110 §15.3.7.2)")
			}
			want := strings.ReplaceAll(strings.Join([]string{
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
			}, "\r\n"), "BOUNDARY", params["boundary"])
			if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever knows the boundary could write content that ends its part.
func TestMultipartBoundaryIsNotGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		rec := httptest.NewRecorder()
		response.New(files.NewContentFile(alphanumeric, "file.txt"), response.Options{}).
			ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes=0-0,2-2"))
		seen[rec.Header().Get("Content-Type")] = true
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
	rec := httptest.NewRecorder()
	response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes=0-0,2-2"))
	for i, p := range readParts(t, rec.Result(), rec.Body.String()) { // which also counts the fields
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
		{"as many as are served", "17.15", []string{"Range: bytes=" + list(64)}, 206, list(64)},
		{"one more", "17.15", []string{"Range: bytes=" + list(65)}, 200, ""},
		{"thousands", "17.15", []string{"Range: bytes=" + list(5000)}, 200, ""},
		{"the whole file, as often as is served", "17.15", []string{"Range: bytes=0-" + strings.Repeat(",0-", 63)}, 206, "0-19999"},
		{"the whole file, thousands of times", "17.15", []string{"Range: bytes=0-" + strings.Repeat(",0-", 4999)}, 200, ""},
		{"none that can be satisfied, one too many", "17.15", []string{"Range: bytes=-0" + strings.Repeat(",-0", 64)}, 200, ""},
		{"empty elements are none", "5.6.1.2", []string{"Range: bytes=0-4" + strings.Repeat(",", 100)}, 206, "0-4"},
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
				piecesOf(large, 7)(yield)
			}
			f := files.NewVirtualFile(files.NewStringIteratorIO(seq), "file.txt")
			f.Size, f.ETag = int64(len(large)), `"v1"`
			rec := httptest.NewRecorder()
			response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes="+test.ranges))

			if starts != 1 || stops != 1 {
				t.Errorf("the generator started %d times and ended %d times, want once", starts, stops)
			}
			if test.parts == "" {
				if rec.Code != http.StatusOK || rec.Body.String() != large {
					t.Errorf("status %d, body %q, want the whole file", rec.Code, rec.Body)
				}
				return
			}
			if diff := cmp.Diff(partsOf(t, large, test.parts), readParts(t, rec.Result(), rec.Body.String())); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// A reader that can neither seek nor start over has single ranges only.
func TestMultipartOfOneWayReader(t *testing.T) {
	open := func() fs.File {
		f := files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(alphanumeric)}, "file.txt")
		f.Size, f.ETag = int64(len(alphanumeric)), `"v1"`
		return f
	}
	for _, test := range []struct {
		ranges, body string
		status       int
	}{
		{"10-12", "abc", 206},
		{"10-12,0-1", alphanumeric, 200},
	} {
		rec := httptest.NewRecorder()
		response.New(open(), response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes="+test.ranges))
		if rec.Code != test.status || rec.Body.String() != test.body {
			t.Errorf("%s: status %d, body %q, want %d, %q", test.ranges, rec.Code, rec.Body, test.status, test.body)
		}
	}
}

// Parts that were sent do not make an answer complete.
func TestMultipartThatFails(t *testing.T) {
	silence(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seq := func(yield func(string, error) bool) {
			for piece := range piecesOf(alphanumeric[:21], 7) {
				if !yield(piece, nil) {
					return
				}
			}
			yield("", errors.New("the database has gone"))
		}
		f := files.NewVirtualFile(files.NewStringIteratorIO2(seq), "file.txt")
		f.Size, f.ETag = int64(len(alphanumeric)), `"v1"`
		response.New(f, response.Options{FlushInterval: -1}).ServeHTTP(w, r)
	}))
	defer srv.Close()

	res, err := srv.Client().Do(newRequest(t, http.MethodGet, srv.URL, "Range: bytes=0-1,10-12,30-31"))
	if err != nil {
		return // even the head was still in a buffer
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%s, and all of a body of %d bytes, want one that breaks off", res.Status, len(body))
	}
}

// Whatever fails before the first byte is a clean error, of several ranges too.
func TestMultipartThatFailsAtOnce(t *testing.T) {
	silence(t)
	seq := func(yield func(string, error) bool) { yield("", errors.New("no database")) }
	f := files.NewVirtualFile(files.NewStringIteratorIO2(seq), "file.txt")
	f.Size, f.ETag = int64(len(alphanumeric)), `"v1"`
	rec := httptest.NewRecorder()
	response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes=1-2,5-6"))
	if rec.Code != http.StatusInternalServerError || rec.Header().Get("ETag") != "" {
		t.Errorf("status %d, ETag %q, want a 500 without", rec.Code, rec.Header().Get("ETag"))
	}
}
