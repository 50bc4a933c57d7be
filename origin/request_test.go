package origin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpenPassesOnConditionsAndOneRange(t *testing.T) {
	conditions := http.Header{
		"If-Match": {tag}, "If-None-Match": {`"v0"`}, "If-Modified-Since": {"Fri, 13 Mar 2026 00:00:00 GMT"},
		"If-Unmodified-Since": {date},
	}
	const passedOn = ` If-Match: "v1" If-None-Match: "v0" If-Modified-Since: Fri, 13 Mar 2026 00:00:00 GMT If-Unmodified-Since: ` + date
	for _, tt := range []struct {
		reason string
		method string
		header http.Header
		want   []string
	}{
		{"nothing but the file", "GET", nil, []string{"GET"}},
		{"HEAD asks HEAD", "HEAD", nil, []string{"HEAD"}},
		{"conditions", "GET", conditions, []string{"GET" + passedOn}},
		{"conditions of HEAD", "HEAD", conditions, []string{"HEAD" + passedOn}},
		{"lines of a list", "GET", http.Header{"If-None-Match": {`"a"`, `"b"`}}, []string{`GET If-None-Match: "a"|"b"`}},
		{"a POST has neither (RFC 9110 §13.2.1, §14.2)", "POST", http.Header{"If-None-Match": {tag}, "Range": {"bytes=0-1"}}, []string{"GET"}},
		{"one range", "GET", http.Header{"Range": {"bytes=1-2"}}, []string{"GET Range: bytes=1-2"}},
		{"units are case-insensitive", "GET", http.Header{"Range": {"Bytes=1-2"}}, []string{"GET Range: bytes=1-2"}},
		{"a suffix, conditionally", "GET", http.Header{"Range": {"bytes=-2"}, "If-Range": {tag}}, []string{`GET Range: bytes=-2 If-Range: "v1"`}},
		{"HEAD has no ranges (§14.2)", "HEAD", http.Header{"Range": {"bytes=1-2"}, "If-Range": {tag}}, []string{"HEAD"}},
		{"If-Range is nothing without Range (§13.1.5)", "GET", http.Header{"If-Range": {tag}}, []string{"GET"}},
		{"of many ranges the first, which tells how long the file is", "GET", http.Header{"Range": {"bytes=0-0,2-2"}, "If-Range": {tag}},
			[]string{`GET Range: bytes=0-0 If-Range: "v1"`}},
		{"of many lines, too", "GET", http.Header{"Range": {"bytes=0-0", "2-2"}}, []string{"GET Range: bytes=0-0"}},
		{"empty elements of the list (§5.6.1.2)", "GET", http.Header{"Range": {"bytes= ,, 1-2 ,"}}, []string{"GET Range: bytes=1-2"}},
		{"beyond the end of any file", "GET", http.Header{"Range": {"bytes=1-99999999999999999999"}}, []string{"GET Range: bytes=1-"}},
		{"200 ranges", "GET", http.Header{"Range": {"bytes=" + strings.Repeat("0-0,", 200)}}, []string{"GET Range: bytes=0-0"}},
		{"more are ignored", "GET", http.Header{"Range": {"bytes=" + strings.Repeat("0-0,", 201)}}, []string{"GET"}},
		{"other units are not for the origin", "GET", http.Header{"Range": {"lines=1-2"}}, []string{"GET"}},
		{"304 is an answer", "GET", http.Header{"If-None-Match": {tag}}, []string{`GET If-None-Match: "v1"`}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, serve("hello"))
			mustOpen(t, o, tt.method, "/a", tt.header)
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// What is to be ignored might be understood by the origin.
func TestOpenPassesOnNothingMalformed(t *testing.T) {
	for _, header := range []http.Header{
		{"Range": {"bytes"}}, {"Range": {"bytes="}}, {"Range": {"bytes=,"}}, {"Range": {"bytes=-"}}, {"Range": {"bytes=x-"}}, {"Range": {"bytes=1"}},
		{"Range": {"bytes=4-2"}}, {"Range": {"bytes=+1-2"}}, {"Range": {"bytes=1-+2"}}, {"Range": {"bytes=--2"}}, {"Range": {"bytes=1-2-3"}},
		{"Range": {"bytes=1 -2"}}, {"Range": {"bytes=1-2;q=1"}}, {"Range": {"bytes=1-2,x"}}, {"Range": {"bytes=1-2,4-3"}}, {"Range": {"bytes 1-2"}},
		{"Range": {"bytes=0-0", "bytes=2-2"}}, {"Range": {""}},
		{"Range": {"bytes=1-2"}, "If-Range": {"v1"}}, {"Range": {"bytes=1-2"}, "If-Range": {`"`}}, {"Range": {"bytes=1-2"}, "If-Range": {"yesterday"}},
		{"Range": {"bytes=1-2"}, "If-Range": {"W/" + tag}}, {"Range": {"bytes=1-2"}, "If-Range": {tag, tag}},
		{"If-Modified-Since": {"yesterday"}}, {"If-Modified-Since": {"2026-03-14T15:09:26Z"}}, {"If-Modified-Since": {""}}, {"If-Modified-Since": {"1773500966"}},
		{"If-Modified-Since": {date, date}}, {"If-Modified-Since": {"Saturday, 14-Mar-26 15:09:26 EST"}}, {"If-Modified-Since": {"Sat, 14 Mar 2026 15:09:26 +0100"}},
		{"If-Unmodified-Since": {"yesterday"}}, {"If-Unmodified-Since": {"Sat, 32 Mar 2026 15:09:26 GMT"}},
	} {
		o := newServer(t, serve("hello"))
		mustOpen(t, o, "GET", "/a", header)
		if diff := cmp.Diff([]string{"GET"}, o.requests()); diff != "" {
			t.Errorf("%q: requests to the origin (-want +got):\n%s", header, diff)
		}
	}
	for _, date := range []string{date, "Saturday, 14-Mar-26 15:09:26 GMT", "Sat Mar 14 15:09:26 2026"} { // all formats of RFC 9110 §5.6.7
		o := newServer(t, serve("hello"))
		mustOpen(t, o, "GET", "/a", http.Header{"If-Modified-Since": {date}})
		if diff := cmp.Diff([]string{"GET If-Modified-Since: " + date}, o.requests()); diff != "" {
			t.Error("requests to the origin (-want +got):\n" + diff)
		}
	}
}

func TestOpenSendsNothingElse(t *testing.T) {
	got := make(chan http.Header, 1)
	o := newServer(t, func(w http.ResponseWriter, r *http.Request) { got <- r.Header })
	mustOpen(t, o, "GET", "/a", http.Header{
		"Cookie": {"session=1"}, "Authorization": {"Bearer 1"}, "Proxy-Authorization": {"Basic 1"}, "Referer": {"http://here/"},
		"Accept": {"text/html"}, "Accept-Encoding": {"gzip"}, "Accept-Language": {"de"}, "X-Forwarded-For": {"1.2.3.4"},
		"Connection": {"close, X-Hop"}, "X-Hop": {"1"}, "Te": {"trailers"}, "User-Agent": {"curl"}, "Cache-Control": {"no-cache"},
		"Range": {"bytes=0-0"},
	})
	want := http.Header{"Accept-Encoding": {"identity"}, "Range": {"bytes=0-0"}, "User-Agent": {"Go-http-client/1.1"}}
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Error("header at the origin (-want +got):\n" + diff)
	}
}
