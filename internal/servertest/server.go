package servertest

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
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

// Protocols are those that every answer is the same over.
var Protocols = []string{HTTP11, HTTP2}

// Server is a server on a loopback address. Its Client speaks its protocol,
// trusts it, and accepts no compression of its own accord.
type Server struct {
	*httptest.Server

	// Handler answers the requests. It may be exchanged between two of them.
	Handler http.Handler

	mu      sync.Mutex
	idle    sync.Cond // running is 0
	running int       // requests in the hands of the handler
}

// Start returns a running server, without TLS if its protocol is of HTTP/1. It
// ends with the test.
func Start(t testing.TB, protocol string, h http.Handler) *Server {
	t.Helper()
	return start(t, protocol, protocol == HTTP2, h)
}

// StartTLS is Start with TLS.
func StartTLS(t testing.TB, protocol string, h http.Handler) *Server {
	t.Helper()
	return start(t, protocol, true, h)
}

func start(t testing.TB, protocol string, secure bool, h http.Handler) *Server {
	t.Helper()
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
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.EnableHTTP2 = protocol == HTTP2
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	transport := srv.Client().Transport.(*http.Transport)
	transport.DisableCompression = true
	// The client would send a request again if it breaks on a connection that
	// was used before.
	transport.DisableKeepAlives = protocol == HTTP11
	if protocol == HTTP10 {
		srv.Client().Transport = http10{transport.TLSClientConfig}
	}
	srv.Client().Timeout = time.Minute
	return srv
}

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
