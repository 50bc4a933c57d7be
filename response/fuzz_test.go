package response_test

import (
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
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

func FuzzParseRange(f *testing.F) {
	for _, seed := range rangeSeeds {
		f.Add(seed, int64(36))
		f.Add(seed, int64(1))
		f.Add(seed, int64(1<<63-1))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		if size < 1 {
			return // no ranges, RFC 9110 §14.1.2
		}
		want, wantOK := naiveRange(value, size)
		got, ok := response.ParseRange(value, size)
		if !ok {
			got = nil
		}
		if diff := cmp.Diff(want, got); diff != "" || ok != wantOK {
			t.Errorf("%q of %d: ok %t, want %t; windows (-want +got):\n%s", value, size, ok, wantOK, diff)
		}
	})
}

var (
	rangeField = regexp.MustCompile(`(?s)^[Bb][Yy][Tt][Ee][Ss]=(.*)$`)
	intRange   = regexp.MustCompile(`^([0-9]+)-([0-9]*)$`)
	sufRange   = regexp.MustCompile(`^-([0-9]+)$`)
)

// naiveRange is parseRange by regular expressions, numbers of any size, and
// comparing each range with each other.
func naiveRange(value string, size int64) (windows [][2]int64, ok bool) {
	field := rangeField.FindStringSubmatch(value)
	if field == nil {
		return nil, false
	}
	specs := 0
	for _, spec := range strings.Split(field[1], ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		if specs++; specs > 64 {
			return nil, false
		}
		first, last := new(big.Int), big.NewInt(size-1)
		if m := intRange.FindStringSubmatch(spec); m != nil {
			first.SetString(m[1], 10)
			if m[2] != "" {
				end, _ := new(big.Int).SetString(m[2], 10)
				if end.Cmp(first) < 0 {
					return nil, false
				}
				if end.Cmp(last) < 0 {
					last = end
				}
			}
		} else if m := sufRange.FindStringSubmatch(spec); m != nil {
			length, _ := new(big.Int).SetString(m[1], 10)
			first.Sub(big.NewInt(size), length)
			if first.Sign() < 0 {
				first.SetInt64(0)
			}
		} else {
			return nil, false
		}
		if first.Cmp(last) <= 0 {
			windows = append(windows, [2]int64{first.Int64(), last.Int64() - first.Int64() + 1})
		}
	}
	return naiveCoalesce(windows), specs > 0
}

// naiveCoalesce merges two windows that overlap for as long as there are such.
func naiveCoalesce(windows [][2]int64) [][2]int64 {
	for i := range windows {
		for j := i + 1; j < len(windows); j++ {
			a, b := windows[i], windows[j]
			if a[0] > b[0] {
				a, b = b, a
			}
			if b[0] >= a[0]+a[1] {
				continue
			}
			windows[i] = [2]int64{a[0], max(a[1], b[0]-a[0]+b[1])}
			return naiveCoalesce(append(windows[:j], windows[j+1:]...))
		}
	}
	return windows
}

func FuzzEntityTagList(f *testing.F) {
	for _, list := range tagSeeds {
		for _, tag := range []string{`"v1"`, `W/"v1"`, `""`, `"v2,"`, ""} {
			f.Add(list, tag)
		}
	}
	f.Fuzz(func(t *testing.T, list, tag string) {
		list = strings.Trim(list, " \t") // as every field value is
		if tag != "" && !response.IsEntityTag(tag) {
			return
		}
		strong, weak := naiveMatch(list, tag)
		if got := response.MatchesStrongly(list, tag); got != strong {
			t.Errorf("%q matches %q strongly: %t, want %t", list, tag, got, strong)
		}
		if got := response.MatchesWeakly(list, tag); got != weak {
			t.Errorf("%q matches %q weakly: %t, want %t", list, tag, got, weak)
		}
		if naive := entityTag.MatchString(list); response.IsEntityTag(list) != naive {
			t.Errorf("%q is an entity tag: %t, want %t", list, !naive, naive)
		}
	})
}

// entityTag is RFC 9110 §8.8.3, over the bytes of a string: (?s) and the
// excluded class take what is not UTF-8 as well.
var entityTag = regexp.MustCompile(`^(?s:(W/)?"([^"\x00-\x20\x7f]*)")$`)

// naiveMatch splits list at the commas outside of quotes, and looks at one
// element after the other until one is not a tag.
func naiveMatch(list, tag string) (strong, weak bool) {
	if list == "*" {
		return true, true
	}
	for _, element := range splitOutsideQuotes(list) {
		element = strings.Trim(element, " \t")
		if element == "" {
			continue
		}
		m := entityTag.FindStringSubmatch(element)
		if m == nil {
			break
		}
		if own := entityTag.FindStringSubmatch(tag); own != nil && m[2] == own[2] {
			weak = true
			strong = strong || m[1] == "" && own[1] == ""
		}
	}
	return strong, weak
}

func splitOutsideQuotes(list string) (elements []string) {
	quoted, start := false, 0
	for i := range len(list) {
		switch {
		case list[i] == '"':
			quoted = !quoted
		case list[i] == ',' && !quoted:
			elements = append(elements, list[start:i])
			start = i + 1
		}
	}
	return append(elements, list[start:])
}

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
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		for key, value := range map[string]string{
			"Range": rang, "If-Range": ifRange, "If-Match": ifMatch, "If-None-Match": ifNoneMatch,
			"If-Modified-Since": ifModifiedSince, "If-Unmodified-Since": ifUnmodifiedSince,
		} {
			if value != "" {
				req.Header[key] = strings.Split(value, "\n") // several lines
			}
		}
		rec := httptest.NewRecorder()
		response.New(k.open(o), response.Options{}).ServeHTTP(rec, req)
		checkInvariant(t, rec.Result(), rec.Body.String(), o.content)
		if length := rec.Header().Get("Content-Length"); rec.Code != http.StatusNotModified && length != strconv.Itoa(rec.Body.Len()) {
			t.Errorf("status %d, Content-Length %q, %d bytes", rec.Code, length, rec.Body.Len())
		}
	})
}

// checkInvariant checks that an answer to a GET is one of five, and that its
// body is exactly the bytes of content that it says.
func checkInvariant(t *testing.T, res *http.Response, body, content string) {
	t.Helper()
	contentRange := res.Header.Get("Content-Range")
	var want string
	switch res.StatusCode {
	case http.StatusOK:
		want = content
	case http.StatusPartialContent:
		if contentRange == "" {
			checkParts(t, readParts(t, res, body), content)
			want = body
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
		t.Errorf("status %d", res.StatusCode)
	}
	if body != want {
		t.Errorf("status %d, body %q, want %q", res.StatusCode, body, want)
	}
	if contentRange != "" {
		t.Errorf("status %d with Content-Range %q", res.StatusCode, contentRange)
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
