package response_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// A handler of one's own needs no view.
func ExampleNew() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		file := files.NewContentFile("Hello world!", "hello-world.txt")
		response.New(file, response.Options{Inline: true}).ServeHTTP(w, r)
	}

	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Disposition"))
	fmt.Println(w.Body)
	// Output:
	// 200 inline; filename="hello-world.txt"
	// Hello world!
}
