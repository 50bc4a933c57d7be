package views_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// AtlasDownloadView serves content that it has in two forms.
type AtlasDownloadView struct {
	views.VirtualDownloadView
	Plain, Gzip []byte
}

func (v AtlasDownloadView) GetFile(r *http.Request) (fs.File, error) {
	content, coding := v.Plain, "identity" // there are others: Vary: Accept-Encoding
	if acceptsGzip(r) {
		content, coding = v.Gzip, "gzip"
	}
	file := files.NewDescribedFile(files.NewContentFile(content, "atlas.json"))
	file.Encoding = coding
	return file, nil
}

// acceptsGzip reports whether the client of r takes gzip (RFC 9110 §12.5.3).
func acceptsGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(strings.Join(r.Header["Accept-Encoding"], ","), ",") {
		coding, weight, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(item), " ", ""), ";")
		if coding == "gzip" {
			return weight == "" || strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != ""
		}
	}
	return false
}

// Send what is stored compressed to those who take it, and something else to the
// others.
func Example_negotiation() {
	atlas := []byte(strings.Repeat(`{"city": "Reykjavík"}`+"\n", 100))
	var compressed bytes.Buffer
	zw := gzip.NewWriter(&compressed)
	zw.Write(atlas)
	zw.Close()
	h := views.AsView(AtlasDownloadView{Plain: atlas, Gzip: compressed.Bytes()})

	for _, accepted := range []string{"", "br, gzip", "gzip;q=0.5", "gzip; q=0"} {
		r := httptest.NewRequest("GET", "/atlas", nil)
		r.Header.Set("Accept-Encoding", accepted)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Printf("%q: %q, Vary: %s\n", accepted, w.Header().Get("Content-Encoding"), w.Header().Get("Vary"))
	}
	// Output:
	// "": "", Vary: Accept-Encoding
	// "br, gzip": "gzip", Vary: Accept-Encoding
	// "gzip;q=0.5": "gzip", Vary: Accept-Encoding
	// "gzip; q=0": "identity", Vary: Accept-Encoding
}
