package origin_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-downloadview/downloadview/origin"
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
func TestOpenAsksAgain(t *testing.T) {
	const epoch = "Thu, 01 Jan 1970 00:00:00 GMT"
	for _, tt := range []struct {
		reason string
		header http.Header
		first  http.HandlerFunc
	}{
		{"304 without the tag that matched, of many", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, "")},
		{"304 that nobody wanted", http.Header{"If-Match": {tag}}, answer(304, "", "ETag: "+tag)},
		{"304 without a tag for If-Match", http.Header{"If-Match": {tag}, "If-Modified-Since": {date}}, answer(304, "")},
		{"304 by a time that says nothing", http.Header{"If-Modified-Since": {date}}, answer(304, "", "Last-Modified: "+epoch)},
		{"412 by a date", http.Header{"If-Unmodified-Since": {date}}, answer(412, "no", `ETag: "of the error page"`)},
		{"416 without a length", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", `ETag: "of the error page"`)},
		{"416 with a part", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", "Content-Range: bytes 0-4/5")},
		{"416 of one range in many", http.Header{"Range": {"bytes=9-,12-"}}, answer(416, "no", "Content-Range: bytes */5")},
		{"416 of one version", http.Header{"Range": {"bytes=9-"}, "If-Range": {tag}}, answer(416, "no", "Content-Range: bytes */5")},
		{"416 that nobody wanted", http.Header{"If-Match": {tag}}, answer(416, "no", "Content-Range: bytes */5")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, once(tt.first, serve("hello")))
			f := mustOpen(t, o, "GET", "/a", tt.header)
			if diff := cmp.Diff([]string{"HEAD"}, o.requests()[1:]); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
			checkHello(t, f)
			if diff := cmp.Diff([]string{"HEAD", "GET"}, o.requests()[1:]); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// checkHello checks that f is the file of serve("hello").
func checkHello(t *testing.T, f *origin.File) {
	t.Helper()
	if f.ETag != tag || f.Size != 5 || f.ContentType != "text/plain" || f.ModTime.IsZero() {
		t.Errorf("described by %q, %d, %q, %v", f.ETag, f.Size, f.ContentType, f.ModTime)
	}
	if modified, err := f.WasModifiedSince(time.Unix(1, 0)); !modified || err != nil {
		t.Errorf("WasModifiedSince = %v, %v; want no verdict of an answer that is not believed", modified, err)
	}
	if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
		t.Errorf("read %q, %v", body, err)
	}
}

// Whatever part is unusable, the whole file is not: that is what is asked for next,
// and there are no parts of this file.
func TestOpenAsksForTheWholeFileWhereAPartIsUnusable(t *testing.T) {
	for _, tt := range []struct {
		reason string
		ranges string // of the client; empty: none
		part   http.HandlerFunc
	}{
		{"of a whole of unknown length", "bytes=1-2", answer(206, "el", "Content-Range: bytes 1-2/*")},
		{"of nowhere", "bytes=1-2", answer(206, "el")},
		{"without a unit", "bytes=1-2", answer(206, "el", "Content-Range: 1-2/5")},
		{"with the unit of Range", "bytes=1-2", answer(206, "el", "Content-Range: bytes=1-2/5")},
		{"in other units", "bytes=1-2", answer(206, "el", "Content-Range: lines 1-2/5")},
		{"with a sign", "bytes=1-2", answer(206, "el", "Content-Range: bytes +1-2/5")},
		{"that ends before it begins", "bytes=-0", answer(206, "", "Content-Range: bytes 5-4/5")},
		{"beyond the end", "bytes=1-2", answer(206, "el", "Content-Range: bytes 1-2/2")},
		{"that is none", "bytes=1-2", answer(206, "el", "Content-Range: bytes */5")},
		{"of another length than its own", "bytes=1-2", answer(206, "ello", "Content-Range: bytes 1-2/5", "ETag: "+tag)},
		{"several in place of one", "bytes=1-2", answer(206, "--x\r\n\r\nel\r\n--x--", "Content-Type: multipart/byteranges; boundary=x", "ETag: "+tag)},
		{"another one", "bytes=1-2", answer(206, "lo", "Content-Range: bytes 3-4/5", "ETag: "+tag)},
		{"of an unknown version", "bytes=1-2", answer(206, "el", "Content-Range: bytes 1-2/5")},
		{"for none", "", answer(206, "he", "Content-Range: bytes 0-1/5")},
		{"of nowhere for none", "", answer(206, "he")},
		{"that begins later for none", "", answer(206, "el", "Content-Range: bytes 1-2/5", "ETag: "+tag)},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			header := http.Header{"If-None-Match": {`"v0"`}}
			if tt.ranges != "" {
				header.Set("Range", tt.ranges)
			}
			o := newServer(t, once(tt.part, serve("hello")))
			f := mustOpen(t, o, "GET", "/a", header)
			if canSeek(f) {
				t.Error("the file has parts")
			}
			checkHello(t, f)
			if diff := cmp.Diff([]string{"GET"}, o.requests()[1:]); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
		})
	}
	o := newServer(t, answer(206, "he")) // whatever is asked for
	if _, err := o.open(t, "GET", "/a", nil); err == nil || len(o.requests()) != 2 {
		t.Errorf("error %v after the requests %q", err, o.requests())
	}
}

// A part is used as far as it goes, even if it is not what was asked for.
func TestOpenUsesPartsThatAreNotWhatWasAskedFor(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 1<<13) // 128 KiB
	const size = 128 << 10
	// part answers the first request by the content from first to last.
	part := func(first, last int, fields ...string) http.HandlerFunc {
		return answer(206, content[first:last+1], append(fields, fmt.Sprintf("Content-Range: bytes %d-%d/%d", first, last, size))...)
	}
	strong := "ETag: " + tag
	for _, tt := range []struct {
		reason string
		ranges string
		part   http.HandlerFunc
		want   []string // further requests
	}{
		{"it ends later", "bytes=100-199", part(100, size-1, strong), nil},
		{"it begins earlier", "bytes=100-199", part(0, 199, strong), nil},
		{"64 KiB earlier", "bytes=66000-66099", part(66000-65536, 66099, strong), nil},
		{"it begins much earlier", "bytes=66000-66099", part(66000-65537, 66099, strong), []string{"GET"}},
		{"it is shorter", "bytes=100-199", part(100, 149, strong), []string{"GET Range: bytes=150-199"}},
		{"it is all of the file", "bytes=100-199", part(0, size-1, strong), nil},
		{"all of the file, of an unknown version", "bytes=100-199", part(0, size-1), nil},
		{"all of the file for no part", "", part(0, size-1), nil},
		{"its beginning for no part", "", part(0, 99, strong), []string{"GET Range: bytes=100-65635"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			header := http.Header{}
			if tt.ranges != "" {
				header.Set("Range", tt.ranges)
			}
			o := newServer(t, once(tt.part, serve(content)))
			f := mustOpen(t, o, "GET", "/a", header)
			if f.Size != size {
				t.Errorf("size %d, want %d", f.Size, size)
			}
			if canSeek(f) && tt.ranges != "" {
				var first, last int
				fmt.Sscanf(tt.ranges, "bytes=%d-%d", &first, &last)
				seekAndRead(t, f, int64(first), content[first:last+1])
			} else if body, err := io.ReadAll(io.LimitReader(f, 200)); string(body) != content[:200] || err != nil {
				t.Errorf("read %.40q…, %v", body, err)
			}
			if diff := cmp.Diff(tt.want, o.requests()[1:], cmpopts.EquateEmpty()); diff != "" {
				t.Error("further requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// Non-authoritative information is content whose tag may be of other bytes.
func TestOpenTakesNonAuthoritativeInformation(t *testing.T) {
	f := mustOpen(t, newServer(t, answer(203, "hello", "ETag: "+tag, "Last-Modified: "+date, "Accept-Ranges: bytes")), "GET", "/a", nil)
	body, err := io.ReadAll(f)
	if string(body) != "hello" || err != nil || f.ETag != "" || f.Size != 5 || canSeek(f) {
		t.Errorf("read %q, %v; tag %q, size %d, can seek %v", body, err, f.ETag, f.Size, canSeek(f))
	}
}

// Where the answer is enough, it is all that the origin is asked for; and the
// content is there for whoever wants it all the same.
func TestOpenBelievesTheFirstAnswer(t *testing.T) {
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
		{"416 with a length", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", "Content-Range: bytes */5", `ETag: "of the error page"`), told{"", 5}},
		{"416 with a length, modified since", http.Header{"Range": {"bytes=9-"}, "If-None-Match": {`"v0"`}}, answer(416, "no", "Content-Range: bytes */5"), told{"", 5}},
		{"412: no tag matches", http.Header{"If-Match": {`"v0"`}}, answer(412, "no", `ETag: "of the error page"`, "Content-Type: text/html"), told{"", -1}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, once(tt.first, serve("hello")))
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

// Where HEAD is refused, or lies, one byte of a GET tells the same. So it is with a
// URL that is signed for GET.
func TestOpenWithoutHEAD(t *testing.T) {
	const one = "GET Range: bytes=0-0"
	head := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "HEAD" {
				h(w, r)
			} else {
				serve("hello")(w, r)
			}
		}
	}
	refuse := func(status int) http.HandlerFunc { return head(answer(status, "no")) }
	withoutRanges := func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		refuse(405)(w, r)
	}
	for _, tt := range []struct {
		reason string
		method string
		header http.Header
		origin http.HandlerFunc
		want   []string
		status int // of the error; 0: none
	}{
		{"403: signed for GET", "HEAD", nil, refuse(403), []string{"HEAD", one}, 0},
		{"400", "HEAD", nil, refuse(400), []string{"HEAD", one}, 0},
		{"405", "HEAD", nil, refuse(405), []string{"HEAD", one}, 0},
		{"501", "HEAD", nil, refuse(501), []string{"HEAD", one}, 0},
		{"a length of 0, whatever the file is", "HEAD", nil, head(answer(200, "", "Content-Length: 0")), []string{"HEAD", one}, 0},
		{"206", "HEAD", nil, head(answer(206, "", "Content-Range: bytes 0-0/5")), []string{"HEAD", "GET"}, 0},
		{"405, and no ranges", "HEAD", nil, withoutRanges, []string{"HEAD", one}, 0},
		{"405, and parts that are unusable", "HEAD", nil, once(answer(405, ""), once(answer(206, "h"), serve("hello"))), []string{"HEAD", one, "GET"}, 0},
		{"405 after 412", "GET", http.Header{"If-Unmodified-Since": {date}}, once(answer(412, ""), refuse(405)),
			[]string{"GET If-Unmodified-Since: " + date, "HEAD", one}, 0},
		{"405 after 416", "GET", http.Header{"Range": {"bytes=9-"}}, once(answer(416, ""), refuse(405)), []string{"GET Range: bytes=9-", "HEAD", one}, 0},
		{"405 after 304", "HEAD", http.Header{"If-Match": {tag}}, once(answer(304, ""), refuse(405)), []string{`HEAD If-Match: "v1"`, "HEAD", one}, 0},

		{"404", "HEAD", nil, refuse(404), []string{"HEAD"}, 404},
		{"410", "HEAD", nil, refuse(410), []string{"HEAD"}, 404},
		{"429", "HEAD", nil, refuse(429), []string{"HEAD"}, 502},
		{"500", "HEAD", nil, refuse(500), []string{"HEAD"}, 502},
		{"405, and no file either", "HEAD", nil, once(answer(405, ""), answer(404, "")), []string{"HEAD", one}, 404},
		{"405 for GET, too", "HEAD", nil, answer(405, ""), []string{"HEAD", one}, 502},
		{"always 416", "GET", http.Header{"Range": {"bytes=9-"}}, answer(416, ""), []string{"GET Range: bytes=9-", "HEAD", one, "GET"}, 502},
		{"always 304", "HEAD", nil, answer(304, ""), []string{"HEAD", "HEAD", one, "GET"}, 502},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, tt.origin)
			f, err := o.open(t, tt.method, "/a", tt.header)
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
			if tt.status != 0 {
				var e *origin.Error
				if !errors.As(err, &e) || e.DownloadStatus() != tt.status {
					t.Errorf("error %v, want one that comes to %d", err, tt.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkHello(t, f)
		})
	}
}
