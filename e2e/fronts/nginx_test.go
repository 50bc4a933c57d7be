package fronts_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
)

// nginx does not follow a link that takes the place of a file between the decision
// and the sending.
func TestLinkInTheLastMoment(t *testing.T) {
	front := fronts.NGINX()
	dir, outside := fronts.Dir(t), fronts.Dir(t)
	writeFile(t, filepath.Join(outside, "secret.txt"), "outside")
	writeFile(t, filepath.Join(outside, "sub", "b.txt"), "outside")
	for _, tt := range []struct{ path, link, to string }{
		{"a.txt", "a.txt", "secret.txt"},
		{"sub/b.txt", "sub", "sub"},
	} {
		writeFile(t, filepath.Join(dir, tt.path), content)
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir), func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				link := filepath.Join(dir, tt.link)
				if err := os.RemoveAll(link); err != nil {
					t.Error(err)
				}
				if err := os.Symlink(filepath.Join(outside, tt.to), link); err != nil {
					t.Error(err)
				}
			})
		})
		resp, body := get(t, "GET", front.Start(t, app.address, dir)+"/"+tt.path)
		if outcome := app.outcome(); outcome.Ending != response.HandedOver || resp.StatusCode < 400 || strings.Contains(body, "outside") {
			t.Errorf("%s: status %d, content %q, outcome %+v", tt.path, resp.StatusCode, body, outcome)
		}
	}
}

// nginx carries out NGINXOptions, and does not pass them on.
func TestOptions(t *testing.T) {
	front := fronts.NGINX()
	dir := fronts.Dir(t)
	writeFile(t, filepath.Join(dir, "a.bin"), strings.Repeat("a", 60_000))
	no := false
	opts := offload.Options{
		Rules: []offload.Rule{front.Rule(dir)},
		NGINX: offload.NGINXOptions{LimitRate: 40_000, Buffering: &no, Charset: "koi8-r", Expires: time.Hour},
	}
	app := newApplicationWith(t, front.Kind, opts, view{
		func(r *http.Request) (fs.File, error) { return os.Open(filepath.Join(dir, "a.bin")) },
		response.Options{ContentType: "text/plain"},
	})
	url := front.StartWith(t, func(address string) string {
		return "charset_map koi8-r windows-1251 { 80 88; }\n" + front.Configuration(t, app.address, dir, address) // the names that it knows
	})
	begun := time.Now()
	resp, body := get(t, "GET", url)
	if outcome := app.outcome(); outcome.Ending != response.HandedOver || len(body) != 60_000 {
		t.Errorf("status %d, %d bytes, outcome %+v", resp.StatusCode, len(body), outcome)
	}
	// nginx counts in whole seconds.
	if took := time.Since(begun); took < 300*time.Millisecond {
		t.Errorf("60,000 bytes at 40,000 a second took %v", took)
	}
	if got, want := resp.Header.Get("Content-Type"), "text/plain; charset=koi8-r"; got != want {
		t.Errorf("Content-Type %q, want %q", got, want)
	}
	for key := range resp.Header {
		if strings.HasPrefix(key, "X-Accel-") {
			t.Errorf("the client sees %s", key)
		}
	}
}
