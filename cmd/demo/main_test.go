package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

func TestPortInUse(t *testing.T) {
	taken := listenLoopback(t)
	err := run(settings{addr: taken.Addr().String()})
	want := taken.Addr().String() + " is in use: choose another address with -addr"
	if err == nil || err.Error() != want {
		t.Errorf("run on a port in use: got error %v, want %q", err, want)
	}
}

func TestArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want settings
		err  string
		help string // is in what is written
	}{
		{nil, settings{addr: "127.0.0.1:8000"}, "", ""},
		{[]string{"-addr", "127.0.0.1:0"}, settings{addr: "127.0.0.1:0"}, "", ""},
		{[]string{"-behind", "nginx"}, settings{addr: "127.0.0.1:8000", behind: "nginx"}, "", ""},
		{[]string{"-h"}, settings{}, "flag: help requested", "Demo serves examples of downloads"},
		{[]string{"--help"}, settings{}, "flag: help requested", "-addr host:port"},
		{[]string{"8080"}, settings{}, `"8080" is no flag, and there are no other arguments`, ""},
		{[]string{"-addr", "8080"}, settings{}, `-addr "8080" is not of the form host:port`, ""},
		{[]string{"-addr"}, settings{}, "flag needs an argument: -addr", ""},
		{[]string{"-port", "8080"}, settings{}, "flag provided but not defined: -port", ""},
	} {
		var help strings.Builder
		set, err := parse(tt.args, &help)
		if tt.err == "" && (err != nil || set != tt.want) {
			t.Errorf("%q: got %+v, error %v, want %+v", tt.args, set, err, tt.want)
		}
		if tt.err != "" && fmt.Sprint(err) != tt.err {
			t.Errorf("%q: got error %v, want %s", tt.args, err, tt.err)
		}
		if !strings.Contains(help.String(), tt.help) || (tt.help == "") != (help.Len() == 0) {
			t.Errorf("%q: %q is written, want %q in it", tt.args, help.String(), tt.help)
		}
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
		{"drained", "a running download is let finish", time.Minute, true, false, "<nil>"},
		{"cut", "a download that does not end is not waited for without end", time.Millisecond, false, false,
			"downloads were broken off: still running after 1ms"},
		{"hurried", "who cannot wait ends it", time.Minute, false, true,
			"downloads were broken off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			half, shutdown := make(chan struct{}), make(chan struct{})
			srv := newServer(views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
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
			})))
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

func TestServeFailure(t *testing.T) {
	listener := listenLoopback(t)
	listener.Close()
	err := serve(t.Context(), newServer(http.NotFoundHandler()), listener, time.Minute)
	if err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("serve on a closed listener: got error %v", err)
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
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}
