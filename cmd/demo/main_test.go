package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

func TestPortInUse(t *testing.T) {
	taken := listenLoopback(t)
	err := run(taken.Addr().String())
	if err == nil || !strings.HasSuffix(err.Error(), "in use (choose another address with -addr)") {
		t.Errorf("run on a port in use: got error %v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	d, err := newDemo(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(d.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there (error %v)", d.dir, err)
	}
}

// TestShutdown stops the server while a download waits for its second half.
func TestShutdown(t *testing.T) {
	tests := []struct {
		name   string
		reason string
		grace  time.Duration
		finish bool   // the download gets its second half in time
		signal bool   // there is a second signal
		err    string // of serve
	}{
		{"drained", "a running download may finish", time.Minute, true, false, "<nil>"},
		{"cut", "the server does not wait for ever", time.Millisecond, false, false,
			"downloads were broken off: still running after 1ms"},
		{"hurried", "a second signal ends it", time.Minute, false, true,
			"downloads were broken off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			half, shutdown := make(chan struct{}), make(chan struct{})
			srv := &http.Server{Handler: views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
				return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
					if !yield("one half, ") {
						return
					}
					select {
					case <-half:
						yield("the other half")
					case <-r.Context().Done():
						yield("") // the response finds that nobody listens
					}
				}), "halves.txt"), nil
			}))}
			srv.RegisterOnShutdown(func() { close(shutdown) })
			listener := listenLoopback(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			served := make(chan error, 1)
			go func() { served <- serve(ctx, srv, listener, tt.grace) }()

			resp, err := http.Get("http://" + listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			stop()
			<-shutdown
			if tt.finish {
				close(half)
			}
			if tt.signal {
				interrupt(t)
			}
			body, err := io.ReadAll(resp.Body)
			if complete := err == nil && string(body) == "one half, the other half"; complete != tt.finish {
				t.Errorf("%s: got %q, error %v", tt.reason, body, err)
			}
			// Which signal it was is known from Go 1.26 on.
			if err := fmt.Sprint(<-served); !strings.HasPrefix(err, tt.err) {
				t.Errorf("%s: serve returned %s, want %s", tt.reason, err, tt.err)
			}
			if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
				conn.Close()
				t.Error("the address still takes connections")
			}
		})
	}
}

// interrupt sends this process the signal of Ctrl-C.
func interrupt(t *testing.T) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// testDemo is the demo behind a server.
type testDemo struct {
	*httptest.Server
	*demo
}

func newTestDemo(t *testing.T) testDemo {
	t.Helper()
	d, err := newDemo(0)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(d)
	t.Cleanup(func() {
		srv.Close()
		if err := d.Close(); err != nil {
			t.Errorf("closing the demo: %v", err)
		}
	})
	return testDemo{srv, d}
}

// get returns an answer and its whole body.
func get(t *testing.T, url string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
