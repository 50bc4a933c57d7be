package downloadtest

import (
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/views"
)

// An Option tells [TestView] what is particular about a view.
type Option func(*config)

type config struct {
	pattern, target string
	through         func(http.Handler) http.Handler
	prepare         func(*http.Request)
	changing        bool
	ranges          *bool // nil: as the view says
}

// At mounts the view at pattern, one of [http.ServeMux], and asks for target, a
// path with or without a query, so that path values work:
//
//	downloadtest.At("/invoices/{id}", "/invoices/7?lang=fr")
//
// Without it the view is at "/".
func At(pattern, target string) Option {
	return func(c *config) { c.pattern, c.target = pattern, target }
}

// Through puts the view behind what wrap makes of it: middleware, or another
// router. With [At], that is what is mounted at the pattern.
func Through(wrap func(view http.Handler) http.Handler) Option {
	return func(c *config) { c.through = wrap }
}

// EachRequest calls prepare with each request before it is sent: to add a
// cookie, for example.
func EachRequest(prepare func(r *http.Request)) Option {
	return func(c *config) { c.prepare = prepare }
}

// Changing says that the content may be another at each request. What follows
// from a content that stays the same is then not tested.
func Changing() Option {
	return func(c *config) { c.changing = true }
}

// Ranges says whether the view must serve ranges, or must not. Without it
// either is right, if it is what Accept-Ranges says.
func Ranges(want bool) Option {
	return func(c *config) { c.ranges = &want }
}

// subject is a view under test, over one protocol.
type subject struct {
	config
	view   views.DownloadView
	serve  func(*testing.T, views.DownloadView) *server
	server *server // of the view as it is
	whole  answer  // to a plain GET
}

var checks = []struct {
	name string
	run  func(*testing.T, *subject)
}{
	{"headers", testHeaders},
	{"HEAD", testHead},
	{"POST", testPost},
	{"same_content", testSameContent},
	{"conditions", testConditions},
	{"ranges", testRanges},
	{"closing", testClosing},
	{"failure", testFailure},
	{"goroutines", testGoroutines},
}

// TestView tests that view is a good download. The view must answer the request
// with 200 and the same content each time, unless opts say otherwise; it is
// asked some two hundred times. The content is kept in memory and must not be
// longer than 64 MiB: choose a request whose answer is short, but if possible
// longer than a few bytes, since there are no ranges in one byte.
//
// The request that the view sees comes from an HTTP server on a loopback
// address. TestView makes downloads fail on purpose, and they are logged by the
// default logger of log/slog. It panics where [views.AsView] does. It may be
// called by several tests at once.
func TestView(t *testing.T, view views.DownloadView, opts ...Option) {
	c := config{pattern: "/", target: "/"}
	for _, opt := range opts {
		opt(&c)
	}
	for _, protocol := range []string{"HTTP1", "HTTP2"} {
		t.Run(protocol, func(t *testing.T) {
			s := &subject{config: c, view: view}
			s.serve = func(t *testing.T, v views.DownloadView) *server { return serve(t, protocol, v, &c) }
			s.server = s.serve(t, view)
			s.whole = s.server.ask(t, http.MethodGet)
			if s.whole.status != http.StatusOK {
				t.Fatalf("GET %s: status %d, want 200 (is the target one of At's pattern, and does the view have a file for it?); the body is %s",
					c.target, s.whole.status, quote(s.whole.body))
			}
			for _, check := range checks {
				t.Run(check.name, func(t *testing.T) { check.run(t, s) })
			}
		})
	}
}
