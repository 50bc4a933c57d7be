package cache_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/views"
)

// newReportRouter returns a handler of reports that are kept in root. nginx, which
// has the directory at its internal location /kept/, sends those that are finished.
func newReportRouter(root *os.Root, reports *cache.Cache) (http.Handler, error) {
	handOver, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{Dir: root.Name(), To: "/kept/"}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{tenant}/report", views.AsView(ReportView{Cache: reports}))
	return handOver.Wrap(mux), nil
}

// The first download is generated while it is sent. The second is the front
// server's: the application only says where the copy is.
func TestFinishedCopyIsHandedOver(t *testing.T) {
	root, remove := temporaryRoot()
	defer remove()
	reports, err := cache.New(root, cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reports.Close()
	h, err := newReportRouter(root, reports)
	if err != nil {
		t.Fatal(err)
	}
	first := servertest.Record(h, "GET", "/acme/report")
	first.Check(t, http.StatusOK, "acme, day 1\nacme, day 2\nacme, day 3\n")
	reports.Settle()
	second := servertest.Record(h, "GET", "/acme/report")
	second.Check(t, http.StatusOK, "")
	if place := second.Header.Get("X-Accel-Redirect"); !strings.HasPrefix(place, "/kept/") {
		t.Errorf("X-Accel-Redirect: %q, want a place below /kept/", place)
	}
	for _, answer := range []servertest.Answer{first, second} {
		if got := answer.Header.Get("Content-Disposition"); got != `attachment; filename="report.txt"` {
			t.Errorf("Content-Disposition: %s", got)
		}
	}
}
