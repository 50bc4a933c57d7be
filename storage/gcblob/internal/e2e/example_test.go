package e2e_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"gocloud.dev/blob/memblob"

	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

// The example of the package documentation of gcblob.
func Example() {
	bucket := memblob.OpenBucket(nil)
	defer bucket.Close()
	if err := bucket.WriteAll(context.Background(), "2024/q1.csv", []byte("year,total\n2024,42\n"), nil); err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.Handle("GET /reports/{path...}", views.AsView(views.StorageDownloadView{Storage: gcblob.New(bucket)}))

	srv := httptest.NewServer(mux)
	defer srv.Close()
	req, err := http.NewRequest(http.MethodGet, srv.URL+"/reports/2024/q1.csv", nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Range", "bytes=-8")
	resp, err := srv.Client().Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	line, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status)
	fmt.Println(resp.Header.Get("Content-Disposition"))
	fmt.Printf("%s", line)
	// Output:
	// 206 Partial Content
	// attachment; filename="q1.csv"
	// 2024,42
}
