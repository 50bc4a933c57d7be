package fronts_test

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// newPrivateFiles returns a router whose files in dir need a link, and are sent by
// nginx.
func newPrivateFiles(dir string, signer *signing.Signer) (http.Handler, error) {
	handOver, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{Dir: dir, To: "/protected/"}},
	})
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(signer.Wrap, handOver.Wrap)
	views.Mount(r, "/private/*", views.PathDownloadView{Root: root})
	return r, nil
}

// answerAuthRequest answers the auth_request of nginx: 204 to a link that is
// good, and else 403, since nginx makes a 500 of a 410.
func answerAuthRequest(signer *signing.Signer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := signer.Verify(r); err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// secureLink returns a link that nginx verifies by itself. The path of u has no
// empty segments and no dots for segments; a query is not covered.
func secureLink(u *url.URL, expires time.Time, secret string) *url.URL {
	seconds := strconv.FormatInt(expires.Unix(), 10)
	hash := md5.Sum([]byte(seconds + u.Path + " " + secret))
	link := *u
	link.RawQuery = "expires=" + seconds + "&signature=" + base64.RawURLEncoding.EncodeToString(hash[:])
	return &link
}
