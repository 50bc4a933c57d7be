package offload

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Options say what is handed over, and how it is sent. All but Rules is for NGINX
// alone; a field of the same meaning that a view has set in the response's header
// (X-Accel-Limit-Rate, for who has paid) goes before it.
type Options struct {
	// Rules say which files are handed over. The first that matches holds; two
	// must not overlap.
	Rules []Rule

	// LimitRate is how many bytes a second each client gets; 0: nginx's own
	// setting, limit_rate.
	LimitRate int64

	// Buffering says whether nginx reads ahead of the client when the internal
	// location is itself a proxy's, with a bucket behind it; nil: its own setting,
	// proxy_buffering. It changes nothing for files on disk.
	Buffering *bool

	// Charset is what nginx adds to the type of a text that has none; a line of its
	// configuration, charset or charset_map, has to have the name. Empty: its own
	// setting.
	Charset string

	// Expires is how long nginx may keep the answer in its proxy_cache, which is
	// to say, the decision of the application, for whoever asks next. In whole
	// seconds, rounded up; negative: not at all; 0: its own setting.
	Expires time.Duration
}

// Middleware hands files over to a front server. Make it with [New]; it is safe
// for concurrent use.
type Middleware struct {
	kind  *kind
	rules []rule
	onDir bool        // a rule has a Dir
	accel http.Header // fields for NGINX, beside the file's
}

// New returns middleware that hands files over to a server of the given kind, or
// an error that says what is impossible about the settings.
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
	var err error
	if m.accel, err = opts.accel(); err != nil {
		return nil, fmt.Errorf("offload: %w", err)
	}
	if server != NGINX && len(m.accel) > 0 {
		return nil, fmt.Errorf("offload: LimitRate, Buffering, Charset and Expires are for NGINX, not for %v", server)
	}
	return m, nil
}

// accel returns the fields that the options come to.
func (o Options) accel() (http.Header, error) {
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
