package downloadtest

import (
	"net/http"
	"testing"
)

// AssertHandedOver reports, by t.Errorf, in what resp is not an answer that has a
// front server send a file (see package offload). place is where the file is for
// the server, as the header field has it: "/protected/%D0%96.txt" for nginx, a
// path for Apache. want describes the header; its Content is ignored, since
// there must be none.
//
// resp is the application's own answer, without the server in front.
// AssertHandedOver closes the body, but leaves a copy in its place. In
// django-downloadview: assert_x_accel_redirect.
func AssertHandedOver(t testing.TB, resp *http.Response, place string, want Want) {
	t.Helper()
	if body := readBody(t, resp); len(body) > 0 {
		t.Errorf("the answer has content of its own: %s", quote(body))
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d, want 200", resp.StatusCode)
	}
	var places []string
	for _, key := range []string{"X-Accel-Redirect", "X-Sendfile"} {
		places = append(places, resp.Header.Values(key)...)
	}
	switch len(places) {
	case 0:
		t.Error("not handed over: there is neither X-Accel-Redirect nor X-Sendfile (the debug log says why)")
		return
	case 1:
		if places[0] != place {
			t.Errorf("place %s", diff(place, places[0]))
		}
	default:
		t.Errorf("handed over more than once: %q", places)
	}
	for _, key := range []string{"Accept-Ranges", "Content-Range"} {
		if value := resp.Header.Get(key); value != "" {
			t.Errorf("%s is the front server's to say: %q", key, value)
		}
	}
	assertDisposition(t, resp.Header, want)
	if got := resp.Header.Get("Content-Type"); want.ContentType != "" && !isType(got, want.ContentType) {
		t.Errorf("Content-Type %s", diff(want.ContentType, got))
	}
}
