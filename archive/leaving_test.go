package archive_test

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/views"
)

// When the client leaves, the entry that is open is closed, and no other opened;
// also while there is nothing to send, since CRC-32s are being computed.
func TestClientLeaves(t *testing.T) {
	for _, tt := range []struct {
		reason string
		ranges string
	}{
		{"while content is sent", ""},
		{"while content is hashed", "bytes=-230"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			w := new(watch)
			reading := make(chan struct{})
			var begun sync.Once
			endless := archive.Entry{Name: "endless", Size: 1 << 50, ETag: `"1"`, Open: func(context.Context) (fs.File, error) {
				w.add("endless")
				return &watched{file: fileOf(readerFunc(func(p []byte) (int, error) {
					begun.Do(func() { close(reading) })
					return len(p), nil
				}), 1<<50), w: w}, nil
			}}
			var handlers sync.WaitGroup
			handler := views.AsView(view([]archive.Entry{endless, w.entry("next", text(10), kind{size: true, tag: true})}))
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				handlers.Add(1)
				defer handlers.Done()
				handler(rw, r)
			}))
			defer srv.Close()
			ctx, leave := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.ranges != "" {
				req.Header.Set("Range", tt.ranges)
			}
			go func() {
				<-reading
				leave()
			}()
			if resp, err := srv.Client().Do(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			ended := make(chan struct{})
			go func() {
				handlers.Wait()
				close(ended)
			}()
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("the download goes on without a client")
			}
			if opened := w.take(t); len(opened) != 1 {
				t.Errorf("opened %q, want one", opened)
			}
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
