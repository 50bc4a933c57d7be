package fronts_test

import (
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// A compressed form reaches the client with its coding, whoever sends it. The file
// itself is handed over to every server.
func TestPrecompressed(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		writeOld(t, filepath.Join(dir, "a.txt.gz"), "coded as gzip")
		view := views.PathDownloadView{Dir: dir, Precompressed: []string{"gzip"}}
		app := newApplication(t, front.Kind, front.Rule(dir), view.GetFile)
		url := front.Start(t, app.address, dir) + "/a.txt"
		tags := make(map[string]bool)
		for _, tt := range []struct {
			accept, field, coding, body string
			handedOver                  bool
		}{
			{"identity", "", "", content, true},
			{"identity", "Range: bytes=0-3", "", content[:4], true},
			{"gzip", "", "gzip", "coded as gzip", front.Kind == offload.Lighttpd},
			{"gzip", "Range: bytes=0-3", "gzip", "code", false},
		} {
			fields := []string{"Accept-Encoding: " + tt.accept}
			if tt.field != "" {
				fields = append(fields, tt.field)
			}
			resp, body := get(t, "GET", url, fields...)
			if handedOver := app.outcome().Ending == response.HandedOver; body != tt.body || resp.Header.Get("Content-Encoding") != tt.coding ||
				resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || handedOver != tt.handedOver {
				t.Errorf("%q: handed over %v, status %d, header %v, content %q", fields, handedOver, resp.StatusCode, resp.Header, body)
			}
			tags[resp.Header.Get("ETag")] = true
		}
		if len(tags) != 2 {
			t.Errorf("the ETags of two forms are %v", tags)
		}
	})
}
