package offload

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say which files are handed over, and how.
type Options struct {
	// Rules say which files are handed over. The first that matches holds; two
	// must not overlap.
	Rules []Rule

	// NGINX is for nginx alone: New refuses it for another server.
	NGINX NGINXOptions
}

// NGINXOptions say how nginx sends the files. Middleware in front can set the same
// header fields for one request (X-Accel-Limit-Rate, for a user who has paid):
// those go first.
type NGINXOptions struct {
	// LimitRate is how many bytes a second each connection gets; 0: nginx's own
	// setting, limit_rate. A Limiter of response.Options limits only what the
	// application itself sends.
	LimitRate int64

	// Buffering says whether nginx reads ahead of the client where the internal
	// location is a proxy's, with a bucket behind it; nil: nginx's own setting,
	// proxy_buffering. It changes nothing for files on disk.
	Buffering *bool

	// Charset is added to the type of a text that has none. A line of nginx's
	// configuration, charset or charset_map, must have the name. Empty: nginx's
	// own setting.
	Charset string

	// Expires is how long nginx may keep the application's decision in its
	// proxy_cache, for every client that asks for the same. In whole seconds,
	// rounded up; negative: not at all; 0: nginx's own setting.
	Expires time.Duration
}

// Middleware hands files over to a front server. Make it with [New]; it is safe
// for concurrent use.
type Middleware struct {
	kind   *kind
	rules  []rule
	onDir  bool        // a rule has a Dir
	accel  http.Header // fields for NGINX, beside the file's
	http10 sync.Once   // the front server was seen to ask by HTTP/1.0
}

// New returns middleware that hands files over to a server of the given kind, or
// an error that says which setting cannot work.
func New(server Server, opts Options) (*Middleware, error) {
	k, ok := kinds[server]
	if !ok {
		return nil, fmt.Errorf("offload: %v is not a kind of server", server)
	}
	if len(opts.Rules) == 0 {
		return nil, errors.New("offload: there are no rules")
	}
	m := &Middleware{kind: k}
	for i, r := range opts.Rules {
		checked, err := newRule(k, r)
		if err != nil {
			return nil, fmt.Errorf("offload: rule %d: %w", i+1, err)
		}
		for j := range m.rules {
			if err := checkOverlap(&m.rules[j], &checked); err != nil {
				return nil, fmt.Errorf("offload: rules %d and %d: %w", j+1, i+1, err)
			}
		}
		m.rules = append(m.rules, checked)
		m.onDir = m.onDir || checked.Dir != ""
	}
	if server != NGINX && opts.NGINX != (NGINXOptions{}) {
		return nil, fmt.Errorf("offload: the options for NGINX cannot be used with %v", server)
	}
	var err error
	if m.accel, err = opts.NGINX.accel(); err != nil {
		return nil, fmt.Errorf("offload: %w", err)
	}
	return m, nil
}

// accel returns the header fields for the options.
func (o NGINXOptions) accel() (http.Header, error) {
	h := http.Header{}
	switch {
	case o.LimitRate < 0:
		return nil, fmt.Errorf("the LimitRate %d is negative", o.LimitRate)
	case o.LimitRate > 0:
		h.Set("X-Accel-Limit-Rate", strconv.FormatInt(o.LimitRate, 10))
	}
	if o.Buffering != nil {
		h.Set("X-Accel-Buffering", map[bool]string{true: "yes", false: "no"}[*o.Buffering])
	}
	if o.Charset != "" {
		if strings.ContainsFunc(o.Charset, isNoCharset) {
			return nil, fmt.Errorf("the Charset %q is not the name of one", o.Charset)
		}
		h.Set("X-Accel-Charset", o.Charset)
	}
	if o.Expires != 0 {
		seconds := (max(o.Expires, 0) + time.Second - 1) / time.Second
		h.Set("X-Accel-Expires", strconv.FormatInt(int64(seconds), 10))
	}
	return h, nil
}

// isNoCharset reports whether r cannot be in the name of a charset (RFC 2978 §2.3).
func isNoCharset(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'+-^_`{}~.:", r)
}
