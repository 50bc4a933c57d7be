package routers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
	"golang.org/x/time/rate"
)

// limitRate is middleware that sends each answer at no more than so many bytes a
// second. One limiter made here instead would be for all answers together.
func limitRate(bytesPerSecond int) func(http.Handler) http.Handler {
	const burst = 16 << 10 // at most so many bytes at once
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			limiter := rate.NewLimiter(rate.Limit(bytesPerSecond), burst)
			next.ServeHTTP(&limitedWriter{w, r.Context(), limiter}, r)
		})
	}
}

type limitedWriter struct {
	http.ResponseWriter
	ctx     context.Context // of the request: a client that leaves ends the wait
	limiter *rate.Limiter
}

// Unwrap lets http.ResponseController flush, move deadlines and break off.
func (w *limitedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *limitedWriter) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		piece := p[:min(len(p), w.limiter.Burst())] // WaitN refuses more
		if err := w.limiter.WaitN(w.ctx, len(piece)); err != nil {
			return written, err
		}
		n, err := w.ResponseWriter.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// Limit the speed of downloads, by middleware.
func Example_limitRate() {
	view := ReportDownloadView{}
	view.Options.WriteTimeout = 30 * time.Second // for 256 KiB, the time that limitRate waits included
	r := chi.NewRouter()
	r.Use(limitRate(512 << 10))
	views.Mount(r, "/report", view)
	srv := httptest.NewServer(r)
	defer srv.Close()

	begun := time.Now()
	resp, err := http.Get(srv.URL + "/report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	fmt.Println(n, err, time.Since(begun) > 90*time.Millisecond)
	// Output:
	// 65536 <nil> true
}
