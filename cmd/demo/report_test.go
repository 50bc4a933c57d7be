package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/views"
)

// TestReport downloads the report several times at once. One run makes it, and
// all of them can read which download has started that.
func TestReport(t *testing.T) {
	stores, err := openStores()
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	view := &ReportDownloadView{Cache: stores.reports, Orders: stores.library, Pause: time.Millisecond}
	srv := httptest.NewServer(views.AsView(view))
	defer srv.Close()

	const clients = 5
	var bodies [clients]string
	var all sync.WaitGroup
	for i := range bodies {
		all.Go(func() {
			resp, err := http.Get(srv.URL)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Error(err)
			}
			bodies[i] = string(body)
		})
	}
	all.Wait()
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("one begins with %.60q, another with %.60q", body, bodies[0])
		}
	}
	if rows := strings.Split(bodies[0], "\n"); len(rows) != 102 || !strings.HasPrefix(rows[100], "100,100,") {
		t.Errorf("%d rows, of which the last but one is %q", len(rows), rows[len(rows)-2])
	}
	if s := stores.reports.Stats(); s.Misses != 1 {
		t.Errorf("%+v, want one run", s)
	}
	if note, err := view.note(t.Context()); err != nil || !strings.Contains(note, "has started") {
		t.Errorf("the page says %q, %v", note, err)
	}
}
