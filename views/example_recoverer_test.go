package views_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/views"
)

// swallowPanics recovers whatever comes, as ready-made middleware does here and
// there.
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

// A download that breaks off does so behind any recoverer: its connection, or
// its stream of HTTP/2, is reset before the panic.
func Example_recoverer() {
	broken := TableDownloadView{Table: Table{rows: 100_000, failAt: 99_999}}
	r := chi.NewRouter()
	views.Mount(r.With(swallowPanics), "/swallowed", broken)
	views.Mount(r.With(recoverPanics), "/recovered", broken)
	srv := httptest.NewServer(r)
	defer srv.Close()

	for _, path := range []string{"/swallowed", "/recovered"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		fmt.Println(path, "broken off:", err != nil)
	}
	// Output:
	// /swallowed broken off: true
	// /recovered broken off: true
}
