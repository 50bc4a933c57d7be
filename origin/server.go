package origin

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// server is the origin of a file, and how to ask it on behalf of one request: the
// context is that request's.
type server struct {
	ctx         context.Context
	client      *http.Client
	url         *url.URL
	idleTimeout time.Duration
}

func newServer(ctx context.Context, rawURL string, opts Options) (server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return server{}, fmt.Errorf("origin: the URL: %w", withoutURL(err))
	}
	if !isHTTP(u) || u.Hostname() == "" {
		return server{}, fmt.Errorf("origin: %s: not the URL of a file on an http or https server", redact(u))
	}
	client := defaultClient
	if opts.Client != nil {
		client = opts.Client
	}
	own := *client // somebody else's, so it stays as it is
	own.CheckRedirect = redirectPolicy(opts, client.CheckRedirect)
	return server{ctx, &own, u, opts.IdleTimeout}, nil
}

// ask sends q. The caller closes the body of the answer, which is a 200, a 206, or
// where conditions and ranges may lead.
func (s server) ask(q request) (*answer, error) {
	req, err := http.NewRequest(q.method, s.url.String(), nil)
	if err != nil {
		return nil, s.failure(err)
	}
	maps.Copy(req.Header, q.header)
	// Without this the transport would ask for gzip and decode it, and length,
	// ranges and entity tag would belong to other bytes.
	req.Header.Set("Accept-Encoding", "identity")
	idle := newIdleTimer(s.ctx, s.idleTimeout)
	resp, err := s.client.Do(req.WithContext(idle.ctx))
	if err = idle.stop(err); err != nil {
		idle.end()
		return nil, s.failure(err)
	}
	content := &body{ReadCloser: resp.Body, idle: idle, end: -1}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusPartialContent, http.StatusNotModified,
		http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		a := newAnswer(resp, q, content)
		if q.method == http.MethodHead {
			a.dropBody()
		}
		return a, nil
	}
	content.Close()
	return nil, s.refusal(resp.StatusCode)
}

// refusal is the error for a status code that has no content.
func (s server) refusal(status int) error {
	return &Error{URL: redact(s.url), StatusCode: status}
}

// failure is the error for a request that was not answered, or not to its end.
func (s server) failure(err error) error {
	return &Error{URL: redact(s.url), Err: withoutURL(err)}
}
