package fronts_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// What is generated is sent by the application the first time. From then on there
// is a copy on disk, which the front server sends, and which has ranges.
func TestKeptCopyIsHandedOver(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		kept, err := cache.New(root, cache.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		want := strings.Repeat("id,total\n", 50_000)
		runs := 0
		app := newApplication(t, front.Kind, front.Rule(dir), func(r *http.Request) (fs.File, error) {
			return kept.File(r.Context(), "orders", func(context.Context) (fs.File, error) {
				return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
					runs++
					_, err := fmt.Fprint(w, want)
					return err
				}), "orders.csv"), nil
			})
		})
		url := front.Start(t, app.address, dir)
		download := func(header ...string) (handedOver bool) {
			t.Helper()
			resp, body := get(t, "GET", url, header...)
			status, part := http.StatusOK, want
			if header != nil {
				status, part = http.StatusPartialContent, want[100:200]
			}
			if resp.StatusCode != status || body != part {
				t.Errorf("%q: status %d, %d bytes, want %d, %d", header, resp.StatusCode, len(body), status, len(part))
			}
			if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="orders.csv"` {
				t.Errorf("%q: Content-Disposition: %s", header, got)
			}
			return app.outcome().Ending == response.HandedOver
		}
		if download() {
			t.Error("the first download was handed over, and there was no copy yet")
		}
		for i := 0; !download(); i++ { // each waits a moment for the copy to be stored
			if i == 100 {
				t.Fatal("no download is handed over")
			}
		}
		if !download("Range: bytes=100-199") {
			t.Error("the range was not handed over")
		}
		if runs != 1 {
			t.Errorf("it was generated %d times, want once", runs)
		}
	})
}
