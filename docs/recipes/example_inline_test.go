package recipes_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// ScanDownloadView shows a document in the page, and saves it for "?dl=1".
type ScanDownloadView struct{ views.VirtualDownloadView }

func (ScanDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("%PDF-1.7 …", "scan.pdf"), nil
}

func (v ScanDownloadView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.VirtualDownloadView.GetOptions(r, file)
	opts.Inline = r.URL.Query().Get("dl") != "1"
	return opts
}

// One URL for both, the preview and the download.
func Example_inline() {
	for _, target := range []string{"/scan", "/scan?dl=1"} {
		w := httptest.NewRecorder()
		views.AsView(ScanDownloadView{})(w, httptest.NewRequest("GET", target, nil))
		fmt.Println(w.Header().Get("Content-Disposition"))
	}
	// Output:
	// inline; filename="scan.pdf"
	// attachment; filename="scan.pdf"
}
