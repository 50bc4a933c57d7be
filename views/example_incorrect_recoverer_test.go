package views_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

// swallowPanics recovers whatever comes. That is too much.
func swallowPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }()
		next.ServeHTTP(w, r)
	})
}

// recoverPanics recovers what is not meant for the server.
func recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v) // the answer is broken off on purpose
			default:
				fmt.Println("panic:", v) // your logger here
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// DON'T recover http.ErrAbortHandler: the server then ends the answer in good
// order, and half a download looks like a whole one. (Ready-made middleware,
// chi's Recoverer for one, knows that.)
func Example_incorrectRecoverer() {
	broken := TableDownloadView{Table: Table{rows: 100_000, failAt: 99_999}}
	r := chi.NewRouter()
	views.Mount(r.With(swallowPanics), "/wrong", broken)
	views.Mount(r.With(recoverPanics), "/right", broken)
	srv := httptest.NewServer(r)
	defer srv.Close()

	for _, path := range []string{"/wrong", "/right"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		fmt.Println(path, err)
	}
	// Output:
	// /wrong <nil>
	// /right unexpected EOF
}
