package servertest_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a test that remembers whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

// echo answers with what the request was.
func echo(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Proto, " ", r.Method, " ", r.RequestURI, " ", r.Header["X-Echo"])
}

func TestDo(t *testing.T) {
	for _, protocol := range []string{servertest.HTTP10, servertest.HTTP11, servertest.HTTP2} {
		servertest.StartTLS(t, protocol, http.HandlerFunc(echo)).Do(t, "GET", "/").Check(t, 200, protocol+" GET / []")
		srv := servertest.Start(t, protocol, http.HandlerFunc(echo))
		srv.Do(t, "GET", "/a%2Fb?c", "X-Echo", "1", "X-Echo", "2").Check(t, 200, protocol+" GET /a%2Fb?c [1 2]")
		srv.Do(t, "HEAD", "/").Check(t, 200, "")
		srv.Handler = http.NotFoundHandler()
		if got := srv.Do(t, "GET", "/"); got.Status != 404 || got.Length != int64(len(got.Body)) {
			t.Errorf("%s: %+v", protocol, got)
		}
	}
}

func TestOverEach(t *testing.T) {
	var got []string
	servertest.OverEach(t, http.HandlerFunc(echo), func(t *testing.T, srv *servertest.Server) {
		got = append(got, strings.Fields(srv.Do(t, "GET", "/").Body)[0])
	})
	if diff := cmp.Diff(servertest.Protocols, got); diff != "" {
		t.Errorf("protocols (-want +got):\n%s", diff)
	}
}

// A download that breaks off is one for every client but that of HTTP/1.0, to
// whom the end of a connection in good order is the end of the body.
func TestCheckBroken(t *testing.T) {
	abort := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	for protocol, seen := range map[string]bool{servertest.HTTP10: false, servertest.HTTP11: true, servertest.HTTP2: true} {
		r := &recorder{TB: t}
		servertest.Start(t, protocol, abort).Do(t, "GET", "/").CheckBroken(r, 200)
		if r.failed == seen {
			t.Errorf("%s: the client sees that the download broke off: %v, want %v", protocol, !r.failed, seen)
		}
	}
}

func TestCheck(t *testing.T) {
	file := http.Header{"Etag": {`"v1"`}, "X-Content-Type-Options": {"nosniff"}}
	clean := http.Header{"X-Content-Type-Options": {"nosniff"}, "Cache-Control": {"no-store"}}
	answer := func(status int, h http.Header, body string, err error) servertest.Answer {
		return servertest.Answer{Status: status, Header: h, Body: body, Err: err}
	}
	for _, tt := range []struct {
		reason string
		check  func(t testing.TB)
		fails  bool
	}{
		{"as wanted", func(t testing.TB) { answer(200, file, "a", nil).Check(t, 200, "a") }, false},
		{"another status", func(t testing.TB) { answer(206, file, "a", nil).Check(t, 200, "a") }, true},
		{"another body", func(t testing.TB) { answer(200, file, "b", nil).Check(t, 200, "a") }, true},
		{"not complete", func(t testing.TB) { answer(200, file, "a", io.ErrUnexpectedEOF).Check(t, 200, "a") }, true},
		{"an error answer", func(t testing.TB) { answer(404, clean, "Not Found\n", nil).CheckError(t, 404) }, false},
		{"with a text of its own", func(t testing.TB) { answer(404, clean, "secret", nil).CheckError(t, 404) }, true},
		{"with a tag", func(t testing.TB) { answer(404, file, "Not Found\n", nil).CheckError(t, 404) }, true},
		{"for a cache to keep", func(t testing.TB) {
			h := http.Header{"X-Content-Type-Options": {"nosniff"}, "Cache-Control": {"max-age=60"}}
			answer(404, h, "Not Found\n", nil).CheckError(t, 404)
		}, true},
		{"broken off", func(t testing.TB) { answer(200, file, "a", io.ErrUnexpectedEOF).CheckBroken(t, 200) }, false},
		{"broken off before all", func(t testing.TB) { answer(0, nil, "", io.EOF).CheckBroken(t, 200) }, false},
		{"not broken off", func(t testing.TB) { answer(200, file, "a", nil).CheckBroken(t, 200) }, true},
		{"broken off with another status", func(t testing.TB) { answer(500, file, "a", io.EOF).CheckBroken(t, 200) }, true},
	} {
		r := &recorder{TB: t}
		if tt.check(r); r.failed != tt.fails {
			t.Errorf("%s: failed %v, want %v", tt.reason, r.failed, tt.fails)
		}
	}
}

func TestRecord(t *testing.T) {
	servertest.Record(http.HandlerFunc(echo), "GET", "/x", "X-Echo", "1").Check(t, 200, "HTTP/1.1 GET /x [1]")
}

func TestStartRaw(t *testing.T) {
	url := servertest.StartRaw(t, "HTTP/1.1 299 Odd\r\nContent-Length: 9\r\n\r\nhalf")
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 299 || string(body) != "half" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%s, %q, %v", resp.Status, body, err)
	}
}

func TestCaptureLog(t *testing.T) {
	outer := servertest.CaptureLog(t)
	t.Run("inner", func(t *testing.T) {
		inner := servertest.CaptureLog(t)
		slog.Debug("one")
		slog.Info("two")
		if lines := inner.Lines(); len(lines) != 2 || !strings.Contains(inner.String(), "msg=two") {
			t.Errorf("%q", lines)
		}
		if inner.Reset(); inner.String() != "" {
			t.Errorf("after Reset: %q", inner.Lines())
		}
	})
	slog.Info("three")
	if lines := outer.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "msg=three") {
		t.Errorf("%q", lines)
	}
}

func TestCountedFile(t *testing.T) {
	file, err := fstest.MapFS{"a.txt": {Data: []byte("Hello")}}.Open("a.txt")
	if err != nil {
		t.Fatal(err)
	}
	f := servertest.Count(file)
	if _, err := f.Seek(1, io.SeekStart); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(f); string(b) != "ello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	f.CloseErr = errors.New("cannot be closed")
	if err := f.Close(); f.Closed() != 1 || err != f.CloseErr {
		t.Errorf("closed %d times, %v", f.Closed(), err)
	}
	plain := servertest.Count(struct{ fs.File }{file})
	if _, err := plain.Seek(0, io.SeekStart); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Seek of what has none: %v", err)
	}
}
