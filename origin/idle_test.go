package origin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/origin"
)

// slowly is a transport whose origin needs so long for the head of its answer,
// and then for each byte of "hello".
func slowly(head, piece time.Duration) roundTripper {
	wait := func(ctx context.Context, d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return func(r *http.Request) (*http.Response, error) {
		if err := wait(r.Context(), head); err != nil {
			return nil, err
		}
		pr, pw := io.Pipe()
		go func() {
			for _, c := range []byte("hello") {
				if err := wait(r.Context(), piece); err != nil {
					pw.CloseWithError(err)
					return
				}
				pw.Write([]byte{c})
			}
			pw.Close()
		}()
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: pr, ContentLength: 5}, nil
	}
}

func TestFileIdleTimeout(t *testing.T) {
	const forever = 1000 * time.Hour
	for _, tt := range []struct {
		reason      string
		timeout     time.Duration
		head, piece time.Duration // that the origin needs
		client      time.Duration // that the client needs for each byte
		want        string
		after       time.Duration // when it is over; of a timeout
	}{
		{"30 s by default, to the head", 0, forever, 0, 0, "", 30 * time.Second},
		{"between pieces", 0, 0, forever, 0, "", 30 * time.Second},
		{"not for both together", 0, 29 * time.Second, 29 * time.Second, 0, "hello", 0},
		{"a client may take its time", 0, 0, 0, time.Hour, "hello", 0},
		{"less", time.Second, 0, 2 * time.Second, 0, "", time.Second},
		{"more", time.Hour, 59 * time.Minute, 59 * time.Minute, 0, "hello", 0},
		{"none", -1, 24 * time.Hour, 24 * time.Hour, 0, "hello", 0},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				f, err := origin.Open(httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), "http://origin/a",
					origin.Options{Client: &http.Client{Transport: slowly(tt.head, tt.piece)}, IdleTimeout: tt.timeout})
				var body []byte
				for err == nil {
					p := make([]byte, 1)
					time.Sleep(tt.client)
					var n int
					n, err = f.Read(p)
					body = append(body, p[:n]...)
				}
				if f != nil {
					f.Close()
				}
				if string(body) != tt.want {
					t.Errorf("read %q, want %q", body, tt.want)
				}
				if tt.after == 0 {
					if err != io.EOF {
						t.Error(err)
					}
					return
				}
				var e *origin.Error
				if !errors.As(err, &e) || e.DownloadStatus() != 504 || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("error %v, want one that comes to 504", err)
				}
				if took := time.Since(begun); took != tt.after {
					t.Errorf("after %v, want %v", took, tt.after)
				}
			})
		})
	}
}
