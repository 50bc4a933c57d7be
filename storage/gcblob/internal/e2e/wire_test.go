package e2e_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
)

// wire is what lies between a client and the S3 server. It writes down what is
// asked for, and counts what comes.
type wire struct {
	transport http.Transport

	mu       sync.Mutex
	requests []string
	bytes    int64 // of content that was read
	open     int   // answers that are not closed
}

func newWire(t *testing.T) *wire {
	w := &wire{}
	t.Cleanup(w.transport.CloseIdleConnections)
	return w
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	request := r.Method
	if asked := r.Header.Get("Range"); asked != "" {
		request += " " + asked
	}
	resp, err := w.transport.RoundTrip(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, request)
	if err == nil {
		w.open++
		resp.Body = &wireBody{ReadCloser: resp.Body, wire: w}
	}
	return resp, err
}

// reset forgets what was before.
func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests, w.bytes = nil, 0
}

// seen returns what was asked for and how much came since the last reset, and
// how many answers are still open.
func (w *wire) seen() (requests []string, bytes int64, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.requests...), w.bytes, w.open
}

// wireBody is the content of an answer.
type wireBody struct {
	io.ReadCloser
	wire   *wire
	closed sync.Once
}

func (b *wireBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.wire.mu.Lock()
	defer b.wire.mu.Unlock()
	b.wire.bytes += int64(n)
	return n, err
}

func (b *wireBody) Close() error {
	b.closed.Do(func() {
		b.wire.mu.Lock()
		defer b.wire.mu.Unlock()
		b.wire.open--
	})
	return b.ReadCloser.Close()
}
