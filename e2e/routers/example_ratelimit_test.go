package routers_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
	"golang.org/x/time/rate"
)

// LimitedDownloadView sends all downloads of a user together at 512 KiB a second:
// players and download managers open several at once.
type LimitedDownloadView struct {
	ReportDownloadView
	limiters sync.Map // from the user's name to a *rate.Limiter
}

func (v *LimitedDownloadView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.ReportDownloadView.GetOptions(r, file)
	user, _, _ := r.BasicAuth()
	limiter, _ := v.limiters.LoadOrStore(user, rate.NewLimiter(512<<10, 64<<10))
	opts.Limiter = limiter.(*rate.Limiter)
	return opts
}

// Limit the speed of downloads, for each user.
func Example_limitRate() {
	r := chi.NewRouter()
	views.Mount(r, "/report", &LimitedDownloadView{})
	srv := httptest.NewServer(r)
	defer srv.Close()

	begun := time.Now()
	for range 2 { // the first is one burst, the second has to wait
		resp, err := http.Get(srv.URL + "/report")
		if err != nil {
			fmt.Println(err)
			return
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		fmt.Println(n, err)
	}
	fmt.Println(time.Since(begun) > 90*time.Millisecond)
	// Output:
	// 65536 <nil>
	// 65536 <nil>
	// true
}
