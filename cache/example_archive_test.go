package cache_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// BackupView serves all tables of a tenant as one archive. They are generated
// once, and the archive is kept.
type BackupView struct {
	views.VirtualDownloadView
	Cache   *cache.Cache
	Version func(tenant string) string // of the data
	Write   func(ctx context.Context, w io.Writer, tenant, table string) error
}

func (v BackupView) GetFile(r *http.Request) (fs.File, error) {
	tenant := r.PathValue("tenant")
	return v.Cache.File(r.Context(), tenant+"/backup.zip", func(ctx context.Context) (fs.File, error) {
		return v.open(ctx, tenant)
	})
}

func (v BackupView) open(ctx context.Context, tenant string) (fs.File, error) {
	var entries []archive.Entry
	for _, table := range []string{"orders", "invoices"} {
		entries = append(entries, archive.Entry{
			Name: table + ".csv",
			Size: -1, // nobody knows, so it is compressed
			ETag: `"` + v.Version(tenant) + `"`,
			Open: func(ctx context.Context) (fs.File, error) {
				return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
					return v.Write(ctx, w, tenant, table)
				}), table+".csv"), nil
			},
		})
	}
	return archive.NewZip(ctx, "backup.zip", entries) // the run's context: the first client may leave
}

// An archive of what is generated has neither a length nor ranges while it is
// generated. Its copy has both, and the same tag: a download that broke off is
// resumed.
func Example_archive() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer root.Close()
	backups, err := cache.New(root, cache.Options{MaxBytes: 1 << 30})
	if err != nil {
		log.Fatal(err)
	}
	defer backups.Close()

	mux := http.NewServeMux()
	mux.Handle("GET /{tenant}/backup.zip", views.AsView(BackupView{
		Cache:   backups,
		Version: func(string) string { return "2024-02-29" },
		Write: func(_ context.Context, w io.Writer, tenant, table string) error {
			fmt.Println("generating the", table, "of", tenant)
			_, err := io.WriteString(w, "id,total\n")
			return err
		},
	}))
	get := func(fields ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/acme/backup.zip", nil)
		for i := 0; i < len(fields); i += 2 {
			r.Header.Set(fields[i], fields[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%d, ranges: %s\n", w.Code, w.Header().Get("Accept-Ranges"))
		return w
	}

	first := get()
	const arrived = 50 // bytes, and then the line broke
	rest := get("Range", fmt.Sprintf("bytes=%d-", arrived), "If-Range", first.Header().Get("Etag"))
	whole := append(first.Body.Bytes()[:arrived], rest.Body.Bytes()...)
	backup, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range backup.File {
		fmt.Println(file.Name)
	}
	// Output:
	// generating the orders of acme
	// generating the invoices of acme
	// 200, ranges: none
	// 206, ranges: bytes
	// orders.csv
	// invoices.csv
}
