package signing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/signing"
)

// loginOrLink is middleware that lets those pass who are logged in, and those who
// have a link.
func loginOrLink(signer *signing.Signer, loggedIn func(*http.Request) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		withLink := signer.Wrap(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if loggedIn(r) {
				next.ServeHTTP(w, r)
				return
			}
			withLink.ServeHTTP(w, r)
		})
	}
}

// One route for those who are logged in, or hold a link.
func Example_loginOrLink() {
	signer, err := signing.NewSigner(signing.Options{Keys: [][]byte{[]byte("32 random bytes, or more of them")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	hasSession := func(r *http.Request) bool { _, err := r.Cookie("session"); return err == nil } // yours knows more
	r := chi.NewRouter()
	r.With(loginOrLink(signer, hasSession)).Get("/report", func(http.ResponseWriter, *http.Request) {})

	link, err := signer.Sign(&url.URL{Path: "/report"}, time.Now().Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(target, cookie string) {
		req := httptest.NewRequest("GET", target, nil)
		req.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		fmt.Println(w.Code)
	}
	ask("/report", "session=7")
	ask(link.String(), "")
	ask("/report", "")
	// Output:
	// 200
	// 200
	// 403
}
