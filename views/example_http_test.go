package views_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

// NewReleaseView serves releases, which are kept in a folder of another server.
func NewReleaseView(folder *url.URL) views.HTTPDownloadView {
	return views.HTTPDownloadView{
		URL: func(r *http.Request) (string, error) {
			name, err := views.PathParam(r, "name")
			if err != nil {
				return "", err
			}
			u := *folder
			u.Path = path.Join(u.Path, path.Join("/", name)) // no ".." leads out of it
			return u.String(), nil
		},
	}
}

// Serve a file that another server has. What the client asks of it is asked of
// that server: a range, here.
func ExampleHTTPDownloadView() {
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("origin:", r.Method, r.URL, r.Header.Get("Range"))
		views.AsView(TextDownloadView{})(w, r)
	}))
	defer remote.Close()
	folder, _ := url.Parse(remote.URL + "/releases")

	r := chi.NewRouter()
	views.Mount(r, "/downloads/{name}", NewReleaseView(folder))

	req := httptest.NewRequest("GET", "/downloads/hello.txt", nil)
	req.Header.Set("Range", "bytes=6-10")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	fmt.Println(w.Code, w.Header().Get("Content-Disposition"), w.Header().Get("Content-Range"))
	fmt.Println(w.Body)
	// Output:
	// origin: GET /releases/hello.txt bytes=6-10
	// 206 attachment; filename="hello.txt" bytes 6-10/12
	// world
}

// An origin that redirects to where the bytes are needs leave to do so.
func ExampleHTTPDownloadView_redirect() {
	bytes := httptest.NewServer(views.AsView(TextDownloadView{}))
	defer bytes.Close()
	remote := httptest.NewServer(http.RedirectHandler(bytes.URL+"/object", http.StatusFound))
	defer remote.Close()
	folder, _ := url.Parse(remote.URL)
	bytesHost := bytes.Listener.Addr().String()

	view := NewReleaseView(folder)
	view.Origin.AllowRedirect = func(to *url.URL) bool { return to.Host == bytesHost }

	w := httptest.NewRecorder()
	views.AsView(view)(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 Hello world!
}

// An origin that wants to know who asks is told by the client's transport. To
// where it redirects, the token does not go.
func ExampleHTTPDownloadView_credentials() {
	bytes := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Printf("elsewhere: %q\n", r.Header.Get("Authorization"))
		views.AsView(TextDownloadView{})(w, r)
	}))
	defer bytes.Close()
	remote := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Printf("origin: %q\n", r.Header.Get("Authorization"))
		http.Redirect(w, r, bytes.URL+"/object", http.StatusFound)
	}))
	defer remote.Close()
	folder, _ := url.Parse(remote.URL)
	transport := remote.Client().Transport

	view := NewReleaseView(folder)
	view.Origin.Client = &http.Client{Transport: bearer{folder.Host, "the server's own", transport}}
	view.Origin.AllowRedirect = func(to *url.URL) bool { return to.Host == bytes.Listener.Addr().String() }

	w := httptest.NewRecorder()
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Authorization", "Bearer of the client, which is not for the origin")
	views.AsView(view)(w, req)
	fmt.Println(w.Code, w.Body)
	// Output:
	// origin: "Bearer the server's own"
	// elsewhere: ""
	// 200 Hello world!
}

// bearer sends a token to one host, by https, and to nobody else: a redirect
// comes this way, too.
type bearer struct {
	host, token string
	next        http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" && r.URL.Host == b.host {
		r = r.Clone(r.Context()) // a RoundTripper must not change its request
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

// NewPreviewView serves what is at a URL that users choose.
func NewPreviewView() views.HTTPDownloadView {
	return views.HTTPDownloadView{
		URL:    func(r *http.Request) (string, error) { return r.FormValue("url"), nil },
		Origin: origin.Options{Client: origin.NewPublicClient()},
	}
}

// Users who choose the URL would choose your own network, if they could.
func ExampleHTTPDownloadView_public() {
	inside := httptest.NewServer(views.AsView(TextDownloadView{}))
	defer inside.Close()

	w := httptest.NewRecorder()
	views.AsView(NewPreviewView())(w, httptest.NewRequest("GET", "/?url="+url.QueryEscape(inside.URL), nil))
	fmt.Println(w.Code)
	// Output:
	// 502
}

// newOwnClient makes a client of your own that connects to public addresses
// alone.
func newOwnClient() *http.Client {
	dialer := &net.Dialer{
		Timeout: 5 * time.Second,
		Control: origin.PublicOnly, // is called with the address, after DNS
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Second,
		ForceAttemptHTTP2:     true,
	}}
}

// The same rule for a client of your own, which any program can use.
func ExampleHTTPDownloadView_dialer() {
	inside := httptest.NewServer(views.AsView(TextDownloadView{}))
	defer inside.Close()

	_, err := newOwnClient().Get(inside.URL)
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	fmt.Println(err)
	// Output:
	// origin: connection to 127.0.0.1 refused: loopback, RFC 1122
}
