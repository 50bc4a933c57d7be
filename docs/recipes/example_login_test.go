package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// User is somebody who has logged in.
type User struct {
	ID    int64
	Token string // for the document server
}

type userKey struct{}

// userOf returns the user that requireLogin has put into a request's context.
func userOf(ctx context.Context) (User, error) {
	user, ok := ctx.Value(userKey{}).(User)
	if !ok {
		return User{}, response.WithStatus(errors.New("nobody is logged in"), http.StatusUnauthorized)
	}
	return user, nil
}

// requireLogin is middleware that lets pass who is logged in.
func requireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth() // or a session, or a token
		user, ok := users[name]
		if !ok || password != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "Log in, please.", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Cache-Control", "private, no-cache")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

var users = map[string]User{
	"ada":   {ID: 1, Token: "token of Ada"},
	"grace": {ID: 2, Token: "token of Grace"},
}

// as returns a request of a user, who is nobody if the name is empty.
func as(name, target string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	if name != "" {
		r.SetBasicAuth(name, "secret")
	}
	return r
}

// What is behind a login is for one person, and not for caches that others use.
// The browser may keep it, and asks each time whether that person may still have
// it.
func Example_login() {
	h := requireLogin(views.AsView(ScanDownloadView{}))

	w := httptest.NewRecorder()
	h.ServeHTTP(w, as("", "/"))
	fmt.Printf("%d %q\n", w.Code, w.Header().Get("Cache-Control"))

	w = httptest.NewRecorder()
	h.ServeHTTP(w, as("ada", "/"))
	fmt.Printf("%d %q\n", w.Code, w.Header().Get("Cache-Control"))

	again := as("ada", "/")
	again.Header.Set("If-None-Match", w.Header().Get("ETag"))
	w = httptest.NewRecorder()
	h.ServeHTTP(w, again)
	fmt.Printf("%d %q\n", w.Code, w.Header().Get("Cache-Control"))
	// Output:
	// 401 ""
	// 200 "private, no-cache"
	// 304 "private, no-cache"
}
