package response_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// Bytes that are stored compressed are sent as they are, and clients unpack
// them.
func ExampleOptions_encoding() {
	var stored bytes.Buffer
	zw := gzip.NewWriter(&stored)
	fmt.Fprint(zw, "Hello world!")
	zw.Close()

	handler := func(w http.ResponseWriter, r *http.Request) {
		file := files.NewContentFile(stored.Bytes(), "hello-world.txt")
		response.New(file, response.Options{Encoding: "gzip"}).ServeHTTP(w, r)
	}

	w := httptest.NewRecorder()
	handler(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Header().Get("Content-Type"), w.Header().Get("Content-Encoding"))
	zr, err := gzip.NewReader(w.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(zr); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(&text)
	// Output:
	// text/plain; charset=utf-8 gzip
	// Hello world!
}
