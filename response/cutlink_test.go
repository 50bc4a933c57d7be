package response_test

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
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// A link that is cut for longer than the WriteTimeout: when it is back, a client
// that keeps nothing alive sees the end of its download. This takes two network
// namespaces, and so root.
func TestCutLink(t *testing.T) {
	const served = "DOWNLOADVIEW_TEST_SERVED"
	if path := os.Getenv(served); path != "" {
		serveUntilOneEnds(t, path)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root makes network namespaces; TestWriteTimeoutOverTCP shows the same without a cut")
	}
	for _, program := range []string{"ip", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			cannotRun(t, "a program is missing", err)
		}
	}
	ip := func(args string) error {
		out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(args)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
		return nil
	}
	server, client := fmt.Sprintf("dvs%d", os.Getpid()), fmt.Sprintf("dvc%d", os.Getpid())
	t.Cleanup(func() {
		for _, ns := range []string{server, client} { // its links go with it
			_ = exec.Command("ip", "netns", "del", ns).Run()
		}
	})
	for _, args := range []string{
		"netns add " + server, "netns add " + client,
		"-n " + server + " link add link0 address 02:00:00:00:00:01 type veth peer name link0 address 02:00:00:00:00:02 netns " + client,
		"-n " + server + " addr add 192.0.2.1/30 dev link0", "-n " + server + " link set link0 up",
		"-n " + client + " addr add 192.0.2.2/30 dev link0", "-n " + client + " link set link0 up",
		// Else a packet waits until the other end is found again, and is not lost.
		"-n " + server + " neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev link0",
		"-n " + client + " neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev link0",
	} {
		if err := ip(args); err != nil {
			t.Skipf("this machine allows no network namespaces: %v", err)
		}
	}
	dir := t.TempDir()
	stored := filepath.Join(dir, "file.bin")
	if err := os.WriteFile(stored, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(stored, 1<<30); err != nil { // takes no room
		t.Fatal(err)
	}

	serving := exec.CommandContext(t.Context(), "ip", "netns", "exec", server, os.Args[0], "-test.run=^TestCutLink$", "-test.timeout=2m")
	serving.Env = append(os.Environ(), served+"="+stored)
	stdout, err := serving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = serving.Process.Kill(); _ = serving.Wait() }()
	lines := bufio.NewScanner(stdout)
	lines.Scan() // it listens

	got := filepath.Join(dir, "got")
	var stderr bytes.Buffer
	curl := exec.CommandContext(t.Context(), "ip", "netns", "exec", client, "curl", "-q", "-sS", "--no-keepalive",
		"--limit-rate", "20M", "--max-time", "30", "-o", got, "http://"+lines.Text())
	curl.Stderr = &stderr
	if err := curl.Start(); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(10 * time.Millisecond) { // nothing else tells
		if info, err := os.Stat(got); err == nil && info.Size() > 1<<20 {
			break
		}
	}
	if err := ip("-n " + client + " link set link0 down"); err != nil {
		t.Fatal(err)
	}
	lines.Scan() // the server has given up
	ending := lines.Text()
	if err := ip("-n " + client + " link set link0 up"); err != nil {
		t.Fatal(err)
	}
	err = curl.Wait()
	t.Logf("curl: %v %s", err, &stderr)
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) || exit.ExitCode() == 28 || ending != response.TimedOut.String() {
		t.Errorf("the server: %q; curl: %v, want an end before its own time is over: %s", ending, err, &stderr)
	}
}

// serveUntilOneEnds serves the file at path, and prints its address, and how the
// first download ended. It runs until it is killed.
func serveUntilOneEnds(t *testing.T, path string) {
	servertest.CaptureLog(t)
	listener, err := net.Listen("tcp", "192.0.2.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(listener.Addr())
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ending response.Ending
		defer func() { fmt.Println(ending) }() // when the connection is broken off
		response.New(open(t, path), response.Options{
			WriteTimeout: time.Second,
			OnDone:       func(_ *http.Request, o response.Outcome) { ending = o.Ending },
		}).ServeHTTP(w, r)
	}))
}

// heldConn is a connection that is read from while the link holds.
type heldConn struct {
	net.Conn
	link <-chan struct{} // closed when the link is back
	left int             // bytes until it is cut
}

func (c *heldConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		<-c.link
	}
	n, err := c.Conn.Read(p)
	c.left -= n
	return n, err
}

// By HTTP/2 the deadline of a stream does not end the connection, whose other
// streams would wait. http.HTTP2Config.WriteByteTimeout does.
func TestCutLinkOverHTTP2(t *testing.T) {
	servertest.CaptureLog(t)
	link, ended, closed := make(chan struct{}), make(chan response.Outcome, 1), make(chan struct{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response.New(producing(2<<20, fails), response.Options{
			WriteTimeout: 200 * time.Millisecond,
			OnDone:       func(_ *http.Request, o response.Outcome) { ended <- o },
		}).ServeHTTP(w, r)
	}))
	srv.Config.HTTP2 = &http.HTTP2Config{WriteByteTimeout: 200 * time.Millisecond}
	srv.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		_ = conn.(*tls.Conn).NetConn().(*net.TCPConn).SetWriteBuffer(4 << 10) // so that little is on its way
		return ctx
	}
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	transport := srv.Client().Transport.(*http.Transport)
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
		if err != nil {
			return nil, err
		}
		return &heldConn{conn, link, 16 << 10}, conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	}
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if o := <-ended; o.Ending != response.TimedOut && o.Ending != response.ClientLeft { // whichever of the two is first
		t.Errorf("%v (%v), want timed out", o.Ending, o.Err)
	}
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Error("the connection is still open")
	}
	close(link)
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the download looks whole")
	}
}
