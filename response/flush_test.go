package response_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// The piece that a generator yields before a pause arrives while it pauses.
func TestPausedGenerator(t *testing.T) {
	servertest.OverEach(t, nil, func(t *testing.T, srv *servertest.Server) {
		for _, interval := range []time.Duration{0, time.Millisecond, -1} {
			arrived := make(chan struct{})
			srv.Handler = send(generated(func(yield func(string) bool) {
				if yield("before ") {
					<-arrived // closed when the client has read that
					yield("after")
				}
			}), response.Options{FlushInterval: interval})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // if it does not
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := srv.Client().Do(req)
			if err != nil {
				close(arrived)
				t.Fatal(err)
			}
			before := make([]byte, len("before "))
			_, err = io.ReadFull(resp.Body, before)
			close(arrived)
			after, afterErr := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(before) != "before " || err != nil || string(after) != "after" || afterErr != nil {
				t.Errorf("FlushInterval %v: %q, %v, then %q, %v", interval, before, err, after, afterErr)
			}
		}
	})
}

func TestFlushInterval(t *testing.T) {
	for _, tt := range []struct {
		reason   string
		interval time.Duration
		wait     time.Duration // that is how long content waits; the clock is synctest's
	}{
		{"zero is the default", 0, 100 * time.Millisecond},
		{"shorter", 5 * time.Millisecond, 5 * time.Millisecond},
		{"longer", time.Hour, time.Hour},
		{"negative: no waiting", -1, 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &flushWriter{ResponseWriter: httptest.NewRecorder()}
				arrived := func() string { synctest.Wait(); return w.arrived() }
				file := generated(func(yield func(string) bool) {
					for _, want := range []string{"one ", "one two "} { // the timer starts anew
						before := arrived()
						yield(want[len(before):])
						if tt.wait > 0 {
							time.Sleep(tt.wait - 1) // by synctest's clock: it takes no time
							if got := arrived(); got != before {
								t.Errorf("too early: %q", got)
							}
							time.Sleep(time.Nanosecond) // by synctest's clock
						}
						if got := arrived(); got != want {
							t.Errorf("%q arrived, want %q", got, want)
						}
					}
				})
				send(file, response.Options{FlushInterval: tt.interval}).ServeHTTP(w, servertest.Request("GET", "/"))
			})
		})
	}
}

// flushWriter is a ResponseWriter that holds back what was not flushed.
type flushWriter struct {
	http.ResponseWriter
	mu          sync.Mutex
	taken, sent string
}

func (w *flushWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken += string(p)
	return len(p), nil
}

func (w *flushWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = w.taken
}

func (w *flushWriter) arrived() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// What a timer sends can meet a writer that panics, in a goroutine where nobody
// would recover.
func TestPanicOfAWriterDuringAPause(t *testing.T) {
	logs := servertest.CaptureLog(t)
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler {
				t.Errorf("the handler ended with %v, want http.ErrAbortHandler", v)
			}
			if len(logs.Lines()) != 1 || !strings.Contains(logs.Lines()[0], "broken writer") {
				t.Errorf("log: %q", logs.Lines())
			}
		}()
		file := generated(func(yield func(string) bool) {
			yield("before ")
			time.Sleep(time.Second) // by synctest's clock: the timer has run then
			if yield("after") {
				t.Error("the generator is still asked for more")
			}
		})
		send(file, response.Options{}).ServeHTTP(brokenWriter{httptest.NewRecorder()}, servertest.Request("GET", "/"))
	})
}

type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { panic("broken writer") }
