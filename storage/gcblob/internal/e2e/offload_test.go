package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

// nginx sends an object straight from the bucket, by a URL that the application
// has signed, and has no byte of it go through the application.
func TestHandedOverToBucket(t *testing.T) {
	bucket, w := s3Bucket(t)
	names := []string{
		"plain.txt", "%41.txt", "100%.txt", "a b.txt", "a+b", "a&b=c", "a;b", "a?b", "a#b", "a:b@c", "a,b", "(a)'!*", "$uri", "~",
		"Жз.txt", "日本語", "deep/er/object",
	}
	for _, name := range names {
		put(t, bucket, name, []byte(string(text)+name), "text/html")
	}
	m, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{URL: "http://" + server.address + "/", To: "/remote/"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make(chan response.Outcome, 1)
	v := views.StorageDownloadView{Storage: gcblob.New(bucket)}
	v.Options.OnDone = func(_ *http.Request, o response.Outcome) { outcomes <- o }
	mux := http.NewServeMux()
	mux.Handle("GET /{path...}", m.Wrap(views.AsView(v)))
	app := httptest.NewServer(mux)
	defer app.Close()
	front := fronts.NGINXWith("nginx-bucket.conf")
	base := front.StartWith(t, func(address string) string {
		return strings.NewReplacer("https://bucket.example", "http://"+server.address, "bucket.example", server.address).
			Replace(front.Configuration(t, app.Listener.Addr().String(), "", address))
	})
	for _, name := range names {
		w.reset()
		path := base + "/" + (&url.URL{Path: name}).EscapedPath()
		first, body := request(t, "GET", path)
		if outcome := <-outcomes; outcome.Ending != response.HandedOver {
			t.Fatalf("%q: not handed over: %+v", name, outcome)
		}
		if first.StatusCode != 200 || body != string(text)+name {
			t.Errorf("%q: status %d, %d bytes", name, first.StatusCode, len(body))
			continue
		}
		if _, bytes, _ := w.seen(); bytes > 0 {
			t.Errorf("%q: %d bytes went through the application", name, bytes)
		}
		for key, want := range map[string]string{
			"Content-Disposition":     response.ContentDisposition("attachment", name[strings.LastIndex(name, "/")+1:]),
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "",
			"X-Accel-Redirect":        "",
		} {
			if got := strings.Join(first.Header.Values(key), ", "); got != want {
				t.Errorf("%q: %s %q, want %q", name, key, got, want)
			}
		}
		for _, tt := range []struct {
			method, header string
			status         int
			body           string
		}{
			{"GET", "Range: bytes=10-19", 206, string(text[10:20])},
			{"GET", "If-None-Match: " + first.Header.Get("ETag"), 304, ""},
			{"GET", "Authorization: Basic bWU6bWU=", 200, body},
			{"HEAD", "", 200, ""},
		} {
			resp, got := request(t, tt.method, path, tt.header)
			<-outcomes
			if resp.StatusCode != tt.status || got != tt.body {
				t.Errorf("%q: %s %s: status %d, %d bytes, want %d", name, tt.method, tt.header, resp.StatusCode, len(got), tt.status)
			}
		}
	}
	if resp, _ := request(t, "GET", base+"/remote/"+s3BucketName(t)+"/plain.txt"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the internal location answers %d from outside", resp.StatusCode)
	}
}

// request returns the answer to a request and its body.
func request(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		if key, value, ok := strings.Cut(line, ": "); ok {
			req.Header.Set(key, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
	}
	return resp, string(body)
}
