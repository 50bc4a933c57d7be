package response_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// seeds are fields of the tables that took some thought.
var (
	rangeSeeds = []string{
		"bytes=0-4", "bytes=10-", "bytes=-5", "bytes=-0", "Bytes=0-0,-1", "bytes=", "bytes=,", "bytes=-", "items=0-4",
		"bytes=+5-9", "bytes=0 -4", "bytes=0x0-0x4", "bytes=4-3", "bytes==0-4", "bytes=0-4,x", "bytes=100-,0-4",
		"bytes=30-99999999999999999999999", "bytes=-99999999999999999999999", "bytes=99999999999999999999-99999999999999999998",
		"bytes=9223372036854775807-", "bytes=00000000000000000000005-00000000000000000000006", "bytes=0-9,5-14", "bytes=20-24,0-4,22-29",
		"bytes=0-5,10-15,4-11", "bytes=10-14,0-4", "bytes=,0-4 ,\t10-14,", "bytes=0-" + strings.Repeat(",0-", 64),
	}
	tagSeeds = []string{
		`"v1"`, `W/"v1"`, `w/"v1"`, `v1`, `"v1`, `*`, `"*"`, `""`, `, ,"v2",,W/"v1" ,`, `"v1" "v2"`, `"v 1", "v1"`, `"v2,", "v1"`,
		`"v2", *`, `"v1", ?`, `W/ "v1"`, "\"v\xfc\"", "\"v2\"\t,\t\"v1\"",
	}
)

// Whatever a request asks for, the body is the bytes that the answer says.
func FuzzRequest(f *testing.F) {
	for i, r := range rangeSeeds {
		tag := tagSeeds[i%len(tagSeeds)]
		f.Add(byte(i), r, "", "", "", "", "")
		f.Add(byte(i), r, tag, "", "", "", "")
		f.Add(byte(i), r, exact, "", "", "", "")
		f.Add(byte(i), r, "", tag, "", "", "")
		f.Add(byte(i), r, "", "", tag, "", "")
		f.Add(byte(i), r, "", "", "", exact, "")
		f.Add(byte(i), r, "", "", "", older, "")
		f.Add(byte(i), r, "", "", "", "", older)
	}
	f.Fuzz(func(t *testing.T, which byte, rang, ifRange, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince string) {
		k := allKinds[int(which)%len(allKinds)]
		o := offer{content: alphanumeric, etag: `"v1"`, modTime: modified}
		var fields []string
		for key, value := range map[string]string{
			"Range": rang, "If-Range": ifRange, "If-Match": ifMatch, "If-None-Match": ifNoneMatch,
			"If-Modified-Since": ifModifiedSince, "If-Unmodified-Since": ifUnmodifiedSince,
		} {
			if value != "" {
				for line := range strings.SplitSeq(value, "\n") {
					fields = append(fields, key, line)
				}
			}
		}
		got := servertest.Record(send(k.open(o), response.Options{}), "GET", "/", fields...)
		checkInvariant(t, got, o.content)
		if length := got.Header.Get("Content-Length"); got.Status != http.StatusNotModified && length != strconv.Itoa(len(got.Body)) {
			t.Errorf("status %d, Content-Length %q, %d bytes", got.Status, length, len(got.Body))
		}
	})
}

// checkInvariant checks that an answer to a GET is one of five, and that its
// body is exactly the bytes of content that it says.
func checkInvariant(t *testing.T, got servertest.Answer, content string) {
	t.Helper()
	contentRange := got.Header.Get("Content-Range")
	var want string
	switch got.Status {
	case http.StatusOK:
		want = content
	case http.StatusPartialContent:
		if contentRange == "" {
			checkParts(t, readParts(t, got), content)
			want = got.Body
			break
		}
		want = bytesOf(t, contentRange, content)
		contentRange = ""
	case http.StatusNotModified:
	case http.StatusPreconditionFailed:
		want = "Precondition Failed\n"
	case http.StatusRequestedRangeNotSatisfiable:
		want = "Requested Range Not Satisfiable\n"
		if contentRange != fmt.Sprintf("bytes */%d", len(content)) {
			t.Errorf("416 with Content-Range %q", contentRange)
		}
		contentRange = ""
	default:
		t.Errorf("status %d", got.Status)
	}
	if got.Body != want {
		t.Errorf("status %d, body %q, want %q", got.Status, got.Body, want)
	}
	if contentRange != "" {
		t.Errorf("status %d with Content-Range %q", got.Status, contentRange)
	}
}

// checkParts checks that each part is the bytes that it says, and that there
// are two or more, with no byte of content twice.
func checkParts(t *testing.T, parts []part, content string) {
	t.Helper()
	total := 0
	for _, p := range parts {
		if want := bytesOf(t, p.Range, content); p.Body != want {
			t.Errorf("part %s is %q, want %q", p.Range, p.Body, want)
		}
		total += len(p.Body)
	}
	if len(parts) < 2 || total > len(content) {
		t.Errorf("%d parts with %d bytes of %d", len(parts), total, len(content))
	}
}

// bytesOf returns the bytes of content that a Content-Range stands for.
func bytesOf(t *testing.T, contentRange, content string) string {
	t.Helper()
	var first, last, size int
	if _, err := fmt.Sscanf(contentRange, "bytes %d-%d/%d", &first, &last, &size); err != nil {
		t.Fatalf("Content-Range %q: %v", contentRange, err)
	}
	if first < 0 || last < first || last >= size || size != len(content) {
		t.Fatalf("Content-Range %q of %d bytes", contentRange, len(content))
	}
	return content[first : last+1]
}
