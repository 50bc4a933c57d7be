package signing_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/views"
)

// Links and hand-over go around a handler in either order: a request that is
// refused reaches no file that could be handed over.
func TestWrapInEitherOrderWithHandOver(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "poem.txt"), []byte("Roses are red.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	signer := newSigner(t)
	handOver, err := offload.New(offload.NGINX, offload.Options{Rules: []offload.Rule{{Dir: dir, To: "/protected/"}}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := signer.Sign(&url.URL{Path: "/poem.txt"}, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	view := views.AsView(views.PathDownloadView{Dir: dir, FixedPath: "poem.txt"})
	for order, h := range map[string]http.Handler{
		"the signer first":    signer.Wrap(handOver.Wrap(view)),
		"the hand-over first": handOver.Wrap(signer.Wrap(view)),
	} {
		t.Run(order, func(t *testing.T) {
			good := servertest.Record(h, "GET", link.String())
			good.Check(t, http.StatusOK, "")
			if place := good.Header.Get("X-Accel-Redirect"); place != "/protected/poem.txt" {
				t.Errorf("X-Accel-Redirect of a link: %q, want /protected/poem.txt", place)
			}
			if caching := good.Header.Get("Cache-Control"); !strings.HasPrefix(caching, "private, max-age=") {
				t.Errorf("Cache-Control of a link: %q, want private, max-age=…", caching)
			}
			refused := servertest.Record(h, "GET", "/poem.txt")
			refused.Check(t, http.StatusForbidden, "Forbidden\n")
			if place, ok := refused.Header["X-Accel-Redirect"]; ok {
				t.Errorf("X-Accel-Redirect without a link: %q, want none", place)
			}
		})
	}
}
