package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
	"go.uber.org/goleak"
)

// No download leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answer is what a view answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask has h answer a request; header are names and values in turn.
func servertest.Record(h http.Handler, method, target string, header ...string) answer {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// overEachProtocol runs test against h over HTTP/1.1 and HTTP/2. finish returns
// when no request is in the hands of h any more.
func servertest.OverEach(t *testing.T, h http.Handler, test func(t *testing.T, srv *servertest.Server)) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			var handlers sync.WaitGroup
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handlers.Add(1)
				defer handlers.Done()
				if r.Proto != proto {
					t.Errorf("the request came by %s", r.Proto)
				}
				h.ServeHTTP(w, r)
			}))
			srv.Config.ErrorLog = log.New(io.Discard, "", 0)
			if srv.EnableHTTP2 = proto == "HTTP/2.0"; srv.EnableHTTP2 {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			transport := srv.Client().Transport.(*http.Transport)
			transport.DisableCompression = true
			// A connection that was used before and breaks makes the client
			// send its request again.
			transport.DisableKeepAlives = proto == "HTTP/1.1"
			test(t, srv, handlers.Wait)
		})
	}
}

// textView serves what its method returns; others embed it.
type textView struct{ views.VirtualDownloadView }

func (textView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!\n", "hello-world.txt"), nil
}

// logBook is what was logged, a line for each record.
type logBook struct {
	mu      sync.Mutex
	records []string
}

// captureLogs collects what slog.Default gets until the test ends, so that test
// must not be parallel.
func servertest.CaptureLog(t *testing.T) *logBook {
	logs, logger := &logBook{}, slog.Default()
	out, flags := log.Writer(), log.Flags() // SetDefault takes these, too
	slog.SetDefault(slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(out)
		log.SetFlags(flags)
	})
	return logs
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, string(p))
	return len(p), nil
}

func (l *logBook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.records...)
}

// mustPanic fails the test unless f panics with a text that has each of want in
// it.
func mustPanic(t *testing.T, f func(), want ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		got := fmt.Sprint(recover())
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("panic: %s\nwant %q in it", got, w)
			}
		}
	}()
	f()
}
