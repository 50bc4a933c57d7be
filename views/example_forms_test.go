package views_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// serveText is a handler without a view.
func serveText(w http.ResponseWriter, r *http.Request) {
	file := files.NewContentFile("Hello world!", "hello-world.txt")
	response.New(file, response.Options{}).ServeHTTP(w, r)
}

// The same download by http.ServeMux, from a view and from a handler.
func ExampleAsView() {
	mux := http.NewServeMux()
	mux.Handle("GET /text", views.AsView(TextDownloadView{})) // GET stands for HEAD, too
	mux.HandleFunc("GET /same", serveText)

	for _, path := range []string{"/text", "/same"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Header().Get("Content-Disposition"), w.Body)
	}
	// Output:
	// 200 attachment; filename="hello-world.txt" Hello world!
	// 200 attachment; filename="hello-world.txt" Hello world!
}
