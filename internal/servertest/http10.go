package servertest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// http10 sends requests of HTTP/1.0, which the client of net/http cannot: those
// of nginx to its upstream, by default, and of curl -0. Each has its own
// connection, and where the answer has no Content-Length, the end of the
// connection is the end of the body (RFC 9112 §6.3).
type http10 struct {
	config *tls.Config
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
}

func (t http10) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		return nil, errors.New("servertest: no request of HTTP/1.0 with a body")
	}
	dial := t.dial
	if r.URL.Scheme == "https" {
		dial = (&tls.Dialer{Config: t.config}).DialContext
	}
	conn, err := dial(r.Context(), "tcp", r.URL.Host)
	if err != nil {
		return nil, err
	}
	body := &http10Body{conn: conn, stop: context.AfterFunc(r.Context(), func() { conn.Close() })}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.0\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), r.URL.Host)
	r.Header.Write(&head) // a buffer takes all
	head.WriteString("\r\n")
	if _, err := conn.Write(head.Bytes()); err != nil {
		return nil, errors.Join(err, body.Close())
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return nil, errors.Join(err, body.Close())
	}
	body.ReadCloser, resp.Body = resp.Body, body
	return resp, nil
}

// http10Body closes the connection with the body.
type http10Body struct {
	io.ReadCloser
	conn net.Conn
	stop func() bool
}

func (b *http10Body) Close() error {
	b.stop()
	return b.conn.Close()
}
