package response_test

import (
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

var downloads = expvar.NewMap("downloads") // at /debug/vars

func count(_ *http.Request, o response.Outcome) {
	downloads.Add(o.Ending.String(), 1)
	downloads.Add("bytes", o.Bytes)
}

// Count downloads, in expvar or whatever gathers your metrics.
func ExampleOptions_onDone() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		file := files.NewContentFile("Hello world!", "hello-world.txt")
		response.New(file, response.Options{OnDone: count}).ServeHTTP(w, r)
	}

	for _, condition := range []string{"", `"another"`} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("If-Match", condition)
		handler(httptest.NewRecorder(), req)
	}
	fmt.Println(downloads)
	// Output:
	// {"bytes": 12, "complete": 1, "refused": 1}
}
