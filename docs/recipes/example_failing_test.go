package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing/iotest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

func copyOrders(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Content-Disposition", `attachment; filename="orders.csv"`)
	if _, err := io.Copy(w, readOrders(r.Context())); err != nil {
		log.Print(err) // too late: the client has a 200, and now the end
	}
}

func sendOrders(r *http.Request) (fs.File, error) {
	return files.NewVirtualFile(readOrders(r.Context()), "orders.csv"), nil
}

// readOrders returns 100,000 orders, and then fails.
func readOrders(context.Context) io.Reader {
	orders := strings.NewReader(strings.Repeat("7,tea,250\n", 100_000))
	return io.MultiReader(orders, iotest.ErrReader(errors.New("connection to the database lost")))
}

// A copy that fails midway looks complete. A view's does not.
func Example_failing() {
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard)
	for _, handler := range []http.HandlerFunc{copyOrders, views.AsView(views.FileFunc(sendOrders))} {
		srv := httptest.NewServer(handler)
		resp, err := http.Get(srv.URL)
		if err != nil {
			panic(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		fmt.Println(resp.StatusCode, "failed:", err != nil)
		resp.Body.Close()
		srv.Close()
	}
	// Output:
	// 200 failed: false
	// 200 failed: true
}
