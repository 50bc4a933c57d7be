package origin

import (
	"fmt"
	"net/http"
	"strings"
)

// maxRedirects is as for a client without a policy.
const maxRedirects = 10

// redirectPolicy returns an [http.Client.CheckRedirect]. What next, the
// client's own policy, has to say comes on top.
func redirectPolicy(opts Options, next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		// It would tell the next host the query of this one.
		req.Header.Del("Referer")
		origin, from, to := via[0].URL, via[len(via)-1].URL, req.URL
		switch {
		case !isHTTP(to):
			return fmt.Errorf("redirect to %s refused: neither http nor https", redact(to))
		case from.Scheme == "https" && to.Scheme == "http" && !opts.InsecureRedirectToHTTP:
			return fmt.Errorf("redirect to %s refused: from https to http", redact(to))
		case !strings.EqualFold(origin.Host, to.Host) && (opts.AllowRedirect == nil || !opts.AllowRedirect(to)):
			return fmt.Errorf("redirect to %s refused: another host", redact(to))
		case len(via) >= maxRedirects:
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		case next != nil:
			return next(req, via)
		}
		return nil
	}
}
