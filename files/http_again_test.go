package files_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
)

// once answers the first request by first, and all others by then.
func once(first, then http.HandlerFunc) http.HandlerFunc {
	asked := false
	return func(w http.ResponseWriter, r *http.Request) {
		if !asked {
			asked = true
			first(w, r)
			return
		}
		then(w, r)
	}
}

// An answer that does not tell enough is not guessed at. What is missing is
// asked for by HEAD; the content costs a GET if somebody reads it.
func TestOpenHTTPAsksAgain(t *testing.T) {
	const epoch = "Thu, 01 Jan 1970 00:00:00 GMT"
	for _, tt := range []struct {
		reason string
		header http.Header
		first  http.HandlerFunc
	}{
		{"a part of a whole of unknown length", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes 1-2/*")},
		{"a part of nowhere", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el")},
		{"a part that ends before it begins", http.Header{"Range": {"bytes=-0"}}, answer(206, "", "Content-Range: bytes 5-4/5")},
		{"a part beyond the end", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes 1-2/2")},
		{"a part with a sign", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: bytes +1-2/5")},
		{"a part in other units", http.Header{"Range": {"bytes=1-2"}}, answer(206, "el", "Content-Range: lines 1-2/5")},
		{"a part that nobody wanted", http.Header{"If-None-Match": {`"v0"`}}, answer(206, "he", "Content-Range: bytes 0-1/5")},
		{"304 without the tag that matched, of many", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, "")},
		{"304 that nobody wanted", http.Header{"If-Match": {tag}}, answer(304, "", "ETag: "+tag)},
		{"304 without a tag for If-Match", http.Header{"If-Match": {tag}, "If-Modified-Since": {date}}, answer(304, "")},
		{"304 by a time that says nothing", http.Header{"If-Modified-Since": {date}}, answer(304, "", "Last-Modified: "+epoch)},
		{"412 by a date", http.Header{"If-Unmodified-Since": {date}}, answer(412, "no", `ETag: "of the error page"`)},
		{"416", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", "Content-Range: bytes */5", `ETag: "of the error page"`)},
		{"416 of one range in many", http.Header{"Range": {"bytes=9-,12-"}}, answer(416, "no", "Content-Range: bytes */5")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, once(tt.first, serve("hello")))
			f := mustOpen(t, o, "GET", "/a", tt.header)
			if diff := cmp.Diff([]string{"HEAD"}, o.requests()[1:]); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
			if f.ETag != tag || f.Size != 5 || f.ContentType != "text/plain" || f.ModTime.IsZero() {
				t.Errorf("described by %q, %d, %q, %v; want what HEAD tells", f.ETag, f.Size, f.ContentType, f.ModTime)
			}
			if modified, err := f.WasModifiedSince(time.Unix(1, 0)); !modified || err != nil {
				t.Errorf("WasModifiedSince = %v, %v; want no verdict of an answer that is not believed", modified, err)
			}
			if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
				t.Errorf("read %q, %v", body, err)
			}
			if diff := cmp.Diff([]string{"HEAD", "GET"}, o.requests()[1:]); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// Where the answer is enough, it is all that the origin is asked for; and the
// content is there for whoever wants it all the same.
func TestOpenHTTPBelievesTheFirstAnswer(t *testing.T) {
	type told struct {
		ETag string
		Size int64
	}
	for _, tt := range []struct {
		reason string
		header http.Header
		first  http.HandlerFunc
		want   told
	}{
		{"304 with a tag", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, "", "ETag: "+tag), told{tag, -1}},
		{"304 without, to one", http.Header{"If-None-Match": {tag}}, answer(304, ""), told{tag, -1}},
		{"304 without any validator, to a date", http.Header{"If-Modified-Since": {date}}, answer(304, ""), told{"", -1}},
		{"412: no tag matches", http.Header{"If-Match": {`"v0"`}}, answer(412, "no", `ETag: "of the error page"`, "Content-Type: text/html"), told{"", -1}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newOrigin(t, once(tt.first, serve("hello")))
			f := mustOpen(t, o, "GET", "/a", tt.header)
			if asked := o.requests(); len(asked) != 1 {
				t.Errorf("the origin was asked %q, want one request", asked)
			}
			if diff := cmp.Diff(tt.want, told{f.ETag, f.Size}); diff != "" || f.ContentType != "" {
				t.Errorf("content type %q, (-want +got):\n%s", f.ContentType, diff)
			}
			if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
				t.Errorf("read %q, %v", body, err)
			}
		})
	}
}

// An origin that does not know HEAD is not asked for the content instead.
func TestOpenHTTPWithoutHEAD(t *testing.T) {
	for _, tt := range []struct {
		reason string
		header http.Header
		first  http.HandlerFunc
		want   int
	}{
		{"412 by a date", http.Header{"If-Unmodified-Since": {date}}, answer(412, "no"), 412},
		{"416", http.Header{"Range": {"bytes=9-"}}, answer(416, "no"), 416},
		{"412 that nobody asked for", http.Header{"Range": {"bytes=9-"}}, answer(412, "no"), 502},
		{"416 that nobody asked for", http.Header{"If-Match": {tag}}, answer(416, "no"), 502},
		{"304 without the tag that matched, of many", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, ""), 502},
	} {
		o := newOrigin(t, once(tt.first, answer(405, "")))
		_, err := o.open(t, "GET", "/a", tt.header)
		var e *files.HTTPError
		if !errors.As(err, &e) || e.DownloadStatus() != tt.want {
			t.Errorf("%s: error %v, want one that comes to %d", tt.reason, err, tt.want)
		}
		if asked := strings.Join(o.requests(), ", "); !strings.HasSuffix(asked, ", HEAD") || len(o.requests()) != 2 {
			t.Errorf("%s: the origin was asked %s", tt.reason, asked)
		}
	}
}
