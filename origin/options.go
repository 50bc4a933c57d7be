package origin

import (
	"net/http"
	"net/url"
	"time"
)

// Options say how a file at a URL is asked for. The zero value is ready to use.
type Options struct {
	// Client asks the origin. nil: a client that limits the time to connect,
	// but not the time of the whole, since downloads are long; Client.Timeout
	// would. For URLs that users can choose, use [NewPublicClient].
	Client *http.Client

	// AllowRedirect reports whether a redirect may lead to another host or
	// port. nil: never. Redirects within the host are followed, ten at most.
	// Whatever it says, none leaves http and https, or leads from https to http.
	AllowRedirect func(to *url.URL) bool

	// InsecureRedirectToHTTP lets redirects lead from https to http. Anybody on
	// the way can then read and change requests and answers, credentials of
	// Client's transport included.
	InsecureRedirectToHTTP bool

	// IdleTimeout is how long the origin may send nothing while it is waited
	// for: until the head of its answer is there, and between two pieces of
	// the body. How long a client takes does not count. 0: 30 s; negative: for
	// as long as it likes.
	IdleTimeout time.Duration

	// GeneratedRanges gives ranges of files whose origin has none, but a strong
	// entity tag and a length. The bytes before a range are fetched and dropped:
	// a request for the last byte costs the origin the whole file.
	GeneratedRanges bool
}
