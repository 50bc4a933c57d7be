package cache_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// traceKey is the key of a request's trace ID in its context.
type traceKey struct{}

// WRONG: the generator asks its context for the tenant. A run has no value of the
// request: chi uses its route context for another request when this one has ended,
// and then the orders would be another tenant's. Take what is needed out of the
// request first, and close over that, as the key does.
func Example_incorrectContext() {
	root, remove := temporaryRoot()
	defer remove()
	reports, err := cache.New(root, cache.Options{})
	if err != nil {
		panic(err)
	}
	defer reports.Close()
	r := chi.NewRouter()
	views.Mount(r, "/{tenant}/report", views.FileFunc(func(r *http.Request) (fs.File, error) {
		tenant := chi.URLParam(r, "tenant")
		return reports.File(r.Context(), tenant+"/report", func(ctx context.Context) (fs.File, error) {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "closed over: %q, of the context: %q\n", tenant, chi.URLParamFromCtx(ctx, "tenant"))
				return err
			}), "report.txt"), nil
		})
	}))
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/acme/report", nil))
	fmt.Print(w.Body)
	// Output:
	// closed over: "acme", of the context: ""
}

// RunContext takes along what a run may have of a request: here its trace, which is
// a value that nobody uses again.
func ExampleOptions_runContext() {
	root, remove := temporaryRoot()
	defer remove()
	reports, err := cache.New(root, cache.Options{RunContext: func(request context.Context) context.Context {
		return context.WithValue(context.Background(), traceKey{}, request.Value(traceKey{}))
	}})
	if err != nil {
		panic(err)
	}
	defer reports.Close()
	ctx := context.WithValue(context.Background(), traceKey{}, "4bf92f35")
	report, err := reports.File(ctx, "report", func(ctx context.Context) (fs.File, error) {
		return files.NewContentFile(fmt.Sprintln("made for", ctx.Value(traceKey{})), "report.txt"), nil
	})
	if err != nil {
		panic(err)
	}
	defer report.Close()
	content, err := io.ReadAll(report)
	fmt.Print(string(content), err)
	// Output:
	// made for 4bf92f35
	// <nil>
}
