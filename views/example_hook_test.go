package views_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-downloadview/downloadview/views"
)

// One test for each hook that a view overrides, through AsView, is what catches
// a misspelt one.
func TestConstantDownloadViewIsNeverModified(t *testing.T) {
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("If-Modified-Since", "Sat, 14 Mar 2026 15:09:26 GMT")
	w := httptest.NewRecorder()
	views.AsView(ConstantDownloadView{})(w, req)
	if w.Code != http.StatusNotModified {
		t.Errorf("status %d, want 304: is WasModifiedSince spelt as in views.DownloadView?", w.Code)
	}
}
