package routers_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"
)

// A wire is a server, and a client that speaks one protocol with it.
type wire struct {
	*httptest.Server
	client  *http.Client // nil: HTTP/1.0
	version string
}

// protocols are what downloads are tried over.
var protocols = []struct {
	name    string
	version string
	tls     bool
}{
	{"HTTP/1.0", "HTTP/1.0", false},
	{"HTTP/1.0 over TLS", "HTTP/1.0", true},
	{"HTTP/1.1", "HTTP/1.1", false},
	{"HTTP/1.1 over TLS", "HTTP/1.1", true},
	{"HTTP/2", "HTTP/2.0", true},
	{"HTTP/3", "HTTP/3.0", true},
}

// overEachProtocol runs test with a server of h for each of the protocols.
func overEachProtocol(t *testing.T, h http.Handler, test func(t *testing.T, w *wire)) {
	t.Helper()
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			w := &wire{version: p.version, Server: httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Proto != p.version {
					t.Errorf("the request came by %s", r.Proto)
				}
				h.ServeHTTP(w, r)
			}))}
			if p.version == "HTTP/3.0" {
				w.Listener.Close()
				w.URL, w.client = startHTTP3(t, w.Config.Handler)
				w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				test(t, w)
				return
			}
			w.Config.ErrorLog = quiet
			w.EnableHTTP2 = p.version == "HTTP/2.0"
			if p.tls {
				w.StartTLS()
			} else {
				w.Start()
			}
			t.Cleanup(w.Close)
			if p.version != "HTTP/1.0" {
				w.client = w.Client()
				w.client.Transport.(*http.Transport).DisableCompression = true
				w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			}
			test(t, w)
		})
	}
}

// A reply is what came of an answer.
type reply struct {
	status int // 0: nothing came
	header http.Header
	raw    []byte // the body as it came
	err    error  // why no more of it did
	reused bool   // the connection had carried an answer before
}

// get asks for path; header are names and values in turn.
func (w *wire) get(t *testing.T, path string, header ...string) reply {
	t.Helper()
	return w.do(t, "GET", path, header...)
}

func (w *wire) do(t *testing.T, method, path string, header ...string) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got reply
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { got.reused = info.Reused },
	})
	req, err := http.NewRequestWithContext(ctx, method, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	var resp *http.Response
	if w.client != nil {
		resp, err = w.client.Do(req)
	} else {
		resp, err = w.doHTTP10(t, req)
	}
	if err != nil {
		got.err = err
		return got
	}
	defer resp.Body.Close()
	got.status, got.header = resp.StatusCode, resp.Header
	got.raw, got.err = io.ReadAll(resp.Body)
	return got
}

// doHTTP10 does what http.Client cannot: it asks by HTTP/1.0, where a body of
// unknown length ends with the connection.
func (w *wire) doHTTP10(t *testing.T, req *http.Request) (*http.Response, error) {
	t.Helper()
	conn, err := net.Dial("tcp", w.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if w.TLS != nil {
		config := w.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		config.ServerName = "example.com" // the certificate is made out to it
		conn = tls.Client(conn, config)
	}
	t.Cleanup(func() { conn.Close() })
	deadline, _ := req.Context().Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString(req.Method + " " + req.URL.RequestURI() + " HTTP/1.0\r\nHost: " + req.URL.Host + "\r\n")
	if err := req.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\r\n")
	if _, err := conn.Write(b.Bytes()); err != nil {
		return nil, err
	}
	return http.ReadResponse(bufio.NewReader(conn), req)
}

// text returns the body as it was before somebody compressed it: all of it that
// can be had. It must be in the coding that the header names.
func (got reply) text(t *testing.T) string {
	t.Helper()
	if got.header.Get("Content-Encoding") != "gzip" || len(got.raw) == 0 {
		return string(got.raw)
	}
	var b strings.Builder
	zr, err := gzip.NewReader(bytes.NewReader(got.raw))
	if err == nil {
		_, err = io.Copy(&b, zr)
	}
	if err != nil && got.err == nil {
		t.Errorf("the answer is complete, but its gzip is not: %v", err)
	}
	return b.String()
}

// mustBreak checks that a download of content broke off, and visibly so.
func (got reply) mustBreak(t *testing.T, content string) {
	t.Helper()
	if got.err == nil {
		t.Errorf("%d, %d bytes and no error: a broken download looks whole", got.status, len(got.raw))
	}
	if got.status != 0 && got.status != http.StatusOK {
		t.Errorf("status %d", got.status)
	}
	if text := got.text(t); !strings.HasPrefix(content, text) {
		t.Errorf("the %d bytes that came are not the first of the content; they end in %q", len(text), tail(text))
	}
}

// mustBeWhole checks that content came.
func (got reply) mustBeWhole(t *testing.T, content string) {
	t.Helper()
	if got.status != http.StatusOK || got.err != nil {
		t.Errorf("%d, %v, want 200 and no error", got.status, got.err)
	}
	if text := got.text(t); text != content {
		t.Errorf("%d bytes came that end in %q, want %d", len(text), tail(text), len(content))
	}
}

func tail(s string) string { return s[max(0, len(s)-60):] }
