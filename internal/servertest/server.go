package servertest

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The versions of HTTP, as [http.Request.Proto] has them.
const (
	HTTP10 = "HTTP/1.0"
	HTTP11 = "HTTP/1.1"
	HTTP2  = "HTTP/2.0" // over TLS, always
)

// Protocols are the versions of HTTP over which every answer is the same.
var Protocols = []string{HTTP11, HTTP2}

// Server is a server on a loopback address. Its Client speaks its protocol,
// trusts it, and does not ask for compression by itself.
type Server struct {
	*httptest.Server

	// Handler answers the requests. It may be exchanged between two of them.
	Handler http.Handler

	client  *http.Client
	mu      sync.Mutex
	idle    sync.Cond // running is 0
	running int       // requests in the hands of the handler
}

// Start returns a running server, without TLS if its protocol is of HTTP/1. It
// ends with the test.
func Start(t testing.TB, protocol string, h http.Handler) *Server {
	t.Helper()
	return start(t, protocol, protocol == HTTP2, nil, h)
}

// StartTLS is Start with TLS.
func StartTLS(t testing.TB, protocol string, h http.Handler) *Server {
	t.Helper()
	return start(t, protocol, true, nil, h)
}

// StartUnix is Start on a Unix socket, whose path is Listener.Addr.
func StartUnix(t testing.TB, protocol string, h http.Handler) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "unix") // the path of t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	return start(t, protocol, false, listener, h)
}

// StartBy is Start with a server that serve runs until the test ends, and a client
// for it: one that this module knows nothing of.
func StartBy(t testing.TB, protocol string, h http.Handler, serve func(testing.TB, http.Handler) (url string, client *http.Client)) *Server {
	t.Helper()
	srv := newServer(t, protocol, h)
	srv.Server.URL, srv.client = serve(t, srv.Server.Config.Handler)
	srv.Listener.Close()
	srv.client.Timeout = time.Minute
	return srv
}

func newServer(t testing.TB, protocol string, h http.Handler) *Server {
	srv := &Server{Handler: h}
	srv.idle.L = &srv.mu
	srv.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		srv.count(1)
		defer srv.count(-1)
		if r.Proto != protocol {
			t.Errorf("the request came by %s, want %s", r.Proto, protocol)
		}
		srv.Handler.ServeHTTP(w, r)
	}))
	return srv
}

func start(t testing.TB, protocol string, secure bool, listener net.Listener, h http.Handler) *Server {
	t.Helper()
	srv := newServer(t, protocol, h)
	if listener != nil {
		srv.Listener.Close()
		srv.Listener = listener
	}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.EnableHTTP2 = protocol == HTTP2
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	srv.client = srv.Server.Client()
	transport := srv.client.Transport.(*http.Transport)
	dial := new(net.Dialer).DialContext
	if listener != nil {
		srv.URL = "http://unix"
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, listener.Addr().Network(), listener.Addr().String())
		}
		transport.DialContext = dial
	}
	transport.DisableCompression = true
	// The client would send a request again if it breaks on a connection that
	// was used before.
	transport.DisableKeepAlives = protocol == HTTP11
	if protocol == HTTP10 {
		srv.client.Transport = http10{transport.TLSClientConfig, dial}
	}
	srv.client.Timeout = time.Minute
	return srv
}

// Client returns a client that speaks the server's protocol.
func (srv *Server) Client() *http.Client { return srv.client }

// OverEach runs test, as a subtest, with a server for h over each of
// [Protocols].
func OverEach(t *testing.T, h http.Handler, test func(t *testing.T, srv *Server)) {
	t.Helper()
	for _, protocol := range Protocols {
		t.Run(protocol, func(t *testing.T) { test(t, Start(t, protocol, h)) })
	}
}

// Wait returns when no request is in the hands of the handler any more.
func (srv *Server) Wait() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for srv.running > 0 {
		srv.idle.Wait()
	}
}

// count is not a [sync.WaitGroup], since tests wait while others ask.
func (srv *Server) count(delta int) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.running += delta; srv.running == 0 {
		srv.idle.Broadcast()
	}
}

// Do sends a request with the given header fields, names and values in turn,
// and reads the answer to its end. It returns when the handler has, too.
// Redirects are followed, unless CheckRedirect of the Client says otherwise.
func (srv *Server) Do(t testing.TB, method, target string, fields ...string) Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	addFields(r, fields)
	defer srv.Wait()
	resp, err := srv.Client().Do(r)
	if err != nil {
		return Answer{Err: err}
	}
	return read(resp)
}

func addFields(r *http.Request, fields []string) {
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
}

// StartRaw returns the URL of a server whose every connection is answered with
// text, as it is, and then closed. It ends with the test.
func StartRaw(t testing.TB, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			// What the client makes of it is the test's business.
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, text)
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return "http://" + listener.Addr().String()
}
