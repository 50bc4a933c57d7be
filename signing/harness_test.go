package signing_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/signing"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // refusals are logged
	goleak.VerifyTestMain(m)
}

// noon is when the tests take place.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// key returns a key of 32 bytes that begins with first.
func key(first byte) []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = first + byte(i)
	}
	return key
}

// newSigner returns a signer for which it is noon.
func newSigner(t testing.TB, keys ...[]byte) *signing.Signer {
	t.Helper()
	return newSignerWith(t, signing.Options{Keys: keys})
}

// signerAt returns a signer for which it is now.
func signerAt(t testing.TB, now time.Time) *signing.Signer {
	t.Helper()
	return newSignerWith(t, signing.Options{Now: func() time.Time { return now }})
}

// newSignerWith returns a signer with other options than a key and noon.
func newSignerWith(t testing.TB, opts signing.Options) *signing.Signer {
	t.Helper()
	if len(opts.Keys) == 0 {
		opts.Keys = [][]byte{key(0)}
	}
	if opts.Now == nil {
		opts.Now = func() time.Time { return noon }
	}
	s, err := signing.NewSigner(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// expired returns a link to path that expired at noon.
func expired(t testing.TB, path string) *url.URL {
	t.Helper()
	link, err := signerAt(t, noon.Add(-time.Hour)).Sign(&url.URL{Path: path}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// sign returns a link to target that is good for an hour.
func sign(t testing.TB, s *signing.Signer, target string) *url.URL {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.Sign(u, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// request returns what a server makes of a request line, or an error where it
// would answer 400 by itself.
func request(method, target string) (*http.Request, error) {
	return http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: example.com\r\n\r\n")))
}

// verify asks s about a GET request.
func verify(t testing.TB, s *signing.Signer, target string) error {
	t.Helper()
	r, err := request(http.MethodGet, target)
	if err != nil {
		t.Fatal(err)
	}
	return s.Verify(r)
}

// ask sends a request line as it is, over a connection of its own. No client
// changes it on the way.
func ask(t *testing.T, addr net.Addr, target string) servertest.Answer {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", target); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
}
