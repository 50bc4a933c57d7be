package files_test

import (
	"io"
	"net/http"
	"testing"
)

// An answer that does not tell enough is not guessed at.
func TestOpenHTTPAsksAgain(t *testing.T) {
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
		{"304 without the tag that matched", http.Header{"If-None-Match": {`"v0", "v1"`}}, answer(304, "")},
		{"304 that nobody wanted", http.Header{"If-Match": {tag}}, answer(304, "", "ETag: "+tag)},
		{"412", http.Header{"If-Match": {`"v0"`}}, answer(412, "no")},
		{"416", http.Header{"Range": {"bytes=9-"}}, answer(416, "no", "Content-Range: bytes */5")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			asked := 0
			o := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked == 1 {
					tt.first(w, r)
					return
				}
				serve("hello")(w, r)
			})
			f := mustOpen(t, o, "GET", "/a", tt.header)
			if got := o.requests(); len(got) != 2 || got[1] != "GET" {
				t.Errorf("the origin was asked %q, want two requests, the second without conditions", got)
			}
			if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
				t.Errorf("read %q, %v", body, err)
			}
		})
	}
}
