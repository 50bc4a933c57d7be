package response_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// A write deadline that passes midway, as that of http.Server.WriteTimeout does,
// breaks a download off like anything else. The server itself then ends the
// connection in good order, which is the end of the body to a client of HTTP/1.0.
func TestWriteDeadlinePasses(t *testing.T) {
	for _, protocol := range []string{servertest.HTTP10, servertest.HTTP11, servertest.HTTP2} {
		t.Run(protocol, func(t *testing.T) {
			servertest.CaptureLog(t)
			var outcome response.Outcome
			srv := servertest.Start(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pieces := func(yield func(string) bool) {
					for i := range 100 {
						if i == 50 {
							if err := http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)); err != nil {
								t.Error(err)
							}
						}
						if !yield(strings.Repeat("x", 10_000)) {
							return
						}
					}
				}
				opts := response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }}
				response.New(files.NewVirtualFile(files.NewStringIteratorIO(pieces), "a.txt"), opts).ServeHTTP(w, r)
			}))
			got := srv.Do(t, "GET", "/")
			got.CheckBroken(t, 200)
			if outcome.Ending == response.Complete || outcome.Err == nil {
				t.Errorf("outcome %+v, want one that is not complete", outcome)
			}
		})
	}
}
