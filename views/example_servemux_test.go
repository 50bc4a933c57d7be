package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// A view that is nothing but a GetFile can be a function, and a view is mounted
// on http.ServeMux by AsView.
func ExampleFileFunc() {
	greeting := views.FileFunc(func(r *http.Request) (fs.File, error) {
		name, err := views.PathParam(r, "name")
		if err != nil {
			return nil, err
		}
		return files.NewContentFile("Hello "+name+"!", "hello.txt"), nil
	})

	mux := http.NewServeMux()
	mux.Handle("GET /hello/{name}", views.AsView(greeting)) // GET stands for HEAD, too

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/hello/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 Hello Ada!
}
