package downloadtest

import (
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/views"
)

// An Option tells [TestView] and [TestHandler] how a download differs from others.
type Option func(*config)

type config struct {
	pattern, target string
	through         func(http.Handler) http.Handler
	prepare         func(*http.Request)
	changing        bool
	protocols       []protocol
	ranges          *bool // nil: as the view says
}

// protocol is a subtest, and how to start its server; nil: as net/http does.
type protocol struct {
	name  string
	start func(t testing.TB, h http.Handler) (url string, client *http.Client)
}

// At mounts the view or the handler at pattern, one of [http.ServeMux], and asks for target, a
// path with or without a query, so that path values work:
//
//	downloadtest.At("/invoices/{id}", "/invoices/7?lang=fr")
//
// Without it, it is at "/".
func At(pattern, target string) Option {
	return func(c *config) { c.pattern, c.target = pattern, target }
}

// Through wraps the view in middleware, or in another router. With [At], the wrapped
// view is mounted at the pattern.
func Through(wrap func(view http.Handler) http.Handler) Option {
	return func(c *config) { c.through = wrap }
}

// EachRequest calls prepare with each request before it is sent: to add a
// cookie, for example.
func EachRequest(prepare func(r *http.Request)) Option {
	return func(c *config) { c.prepare = prepare }
}

// Changing says that the content may be another at each request. Promises about
// content that stays the same are then not tested.
func Changing() Option {
	return func(c *config) { c.changing = true }
}

// Over tests over one more protocol, by that name: with a server that start runs
// for the handler until the test ends, at url, and a client for it. The client must
// not ask for compression by itself. docs/routers.md has one for HTTP/3.
func Over(name string, start func(t testing.TB, h http.Handler) (url string, client *http.Client)) Option {
	return func(c *config) { c.protocols = append(c.protocols, protocol{name, start}) }
}

// Ranges says whether the view must serve ranges, or must not. Without it
// either is right, if it is what Accept-Ranges says.
func Ranges(want bool) Option {
	return func(c *config) { c.ranges = &want }
}

// subject is a view or a handler under test, over one protocol.
type subject struct {
	config
	view   views.DownloadView // nil: it is a handler
	serve  func(*testing.T, http.Handler) *server
	server *server // of the subject as it is
	whole  answer  // to a plain GET
}

// serveWatched returns a server of w, which watches the view.
func (s *subject) serveWatched(t *testing.T, w *watch) *server {
	return s.serve(t, views.AsView(w))
}

type check struct {
	name string
	run  func(*testing.T, *subject)
}

// checks returns the checks for s. Only a view has files that can be watched.
func (s *subject) checks() []check {
	checks := []check{
		{"headers", testHeaders},
		{"HEAD", testHead},
		{"POST", testPost},
		{"same_content", testSameContent},
		{"conditions", testConditions},
		{"ranges", testRanges},
		{"codings", testCodings},
	}
	if s.view != nil {
		checks = append(checks, check{"closing", testClosing}, check{"failure", testFailure})
	} else {
		checks = append(checks, check{"client_leaves", testLeaving})
	}
	return append(checks, check{"goroutines", testGoroutines})
}

// TestView tests that view is a good download. The view must answer the request
// with 200 and the same content each time, unless opts say otherwise; it is
// asked some two hundred times. The content is kept in memory and must not be
// longer than 64 MiB: choose a request whose answer is short, but if possible
// longer than a few bytes, since there are no ranges in one byte.
//
// The request that the view sees comes from an HTTP server on a loopback
// address. TestView makes downloads fail on purpose; what the default logger of
// log/slog gets of that is dropped. It panics where [views.AsView] does. It may
// be called by several tests at once.
func TestView(t *testing.T, view views.DownloadView, opts ...Option) {
	test(t, view, views.AsView(view), opts)
}

// TestHandler is [TestView] for a handler that is no view: a router with all its
// middleware, or one that serves a [response.DownloadResponse] itself.
//
// It sees what clients see. It cannot see whether files are closed and whether
// HEAD does any work, and has no file to let fail: see [AssertBroken]. A
// handler may answer POST. If it answers 405, there must be an Allow.
func TestHandler(t *testing.T, h http.Handler, opts ...Option) {
	test(t, nil, h, opts)
}

func test(t *testing.T, view views.DownloadView, h http.Handler, opts []Option) {
	c := config{pattern: "/", target: "/", protocols: []protocol{{name: "HTTP1"}, {name: "HTTP2"}}}
	for _, opt := range opts {
		opt(&c)
	}
	for _, protocol := range c.protocols {
		t.Run(protocol.name, func(t *testing.T) {
			muteFailures(t)
			s := &subject{config: c, view: view}
			s.serve = func(t *testing.T, h http.Handler) *server { return serve(t, protocol, h, &c) }
			s.server = s.serve(t, h)
			s.whole = s.server.ask(t, http.MethodGet)
			if s.whole.status != http.StatusOK {
				t.Fatalf("GET %s: status %d, want 200 (is the target one of At's pattern, and is there a file for it?); the body is %s",
					c.target, s.whole.status, quote(s.whole.body))
			}
			for _, check := range s.checks() {
				t.Run(check.name, func(t *testing.T) { check.run(t, s) })
			}
		})
	}
}
