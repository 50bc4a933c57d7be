package response_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// refuseLarge is middleware that refuses what has more than limit bytes.
func refuseLarge(limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := response.WithInterceptor(r.Context(), func(w http.ResponseWriter, _ *http.Request, rep *response.Representation) bool {
				if rep.Size <= limit {
					return false // the response is to answer
				}
				http.Error(w, "Use the download manager for large files.", http.StatusForbidden)
				return true
			})
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// Middleware can answer in the place of a response that knows its file already.
func ExampleWithInterceptor() {
	serve := func(content string) http.Handler {
		return response.New(files.NewContentFile(content, "a.txt"), response.Options{})
	}
	for _, content := range []string{"short", "much too long"} {
		rec := httptest.NewRecorder()
		refuseLarge(10)(serve(content)).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		fmt.Println(rec.Code, rec.Body)
	}
	// Output:
	// 200 short
	// 403 Use the download manager for large files.
}
