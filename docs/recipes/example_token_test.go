package recipes_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

// newOriginView returns a view of the files of another server, which wants to know
// for whom they are.
func newOriginView(at *url.URL, transport http.RoundTripper) views.HTTPDownloadView {
	return views.HTTPDownloadView{
		URL: func(r *http.Request) (string, error) {
			name, err := views.PathParam(r, "name")
			if err != nil {
				return "", err
			}
			return at.JoinPath("documents", url.PathEscape(name)).String(), nil
		},
		Origin: origin.Options{Client: &http.Client{Transport: userToken{at.Host, transport}}},
	}
}

// userToken sends the token of the user who asks: to one host, by https, and to
// nobody else.
type userToken struct {
	host string
	next http.RoundTripper
}

func (t userToken) RoundTrip(r *http.Request) (*http.Response, error) {
	user, err := userOf(r.Context()) // the context is that of the client's request
	if err == nil && r.URL.Scheme == "https" && r.URL.Host == t.host {
		r = r.Clone(r.Context()) // a RoundTripper must not change its request
		r.Header.Set("Authorization", "Bearer "+user.Token)
	}
	return t.next.RoundTrip(r)
}

// The origin is asked with the token of the user, whom the program knows. What
// the user sends does not go there.
func Example_token() {
	remote := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.URL, r.Header["Authorization"])
		fmt.Fprint(w, "Hello!")
	}))
	defer remote.Close()
	base, err := url.Parse(remote.URL)
	if err != nil {
		fmt.Println(err)
		return
	}

	r := chi.NewRouter()
	r.Use(requireLogin)
	views.Mount(r, "/documents/{name}", newOriginView(base, remote.Client().Transport))
	for _, target := range []string{"/documents/a.txt", "/documents/..%2Fsecret"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, as("grace", target))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// /documents/a.txt [Bearer token of Grace]
	// 200 Hello!
	// /documents/..%2Fsecret [Bearer token of Grace]
	// 200 Hello!
}
