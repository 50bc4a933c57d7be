// Command demo serves one example of each kind of download, on a page that
// shows how each is made:
//
//	go run ./cmd/demo
//
// Ctrl-C lets running downloads finish, for at most ten seconds; a second
// Ctrl-C breaks them off.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long running downloads may take to finish.
const grace = 10 * time.Second

func main() {
	addr := flag.String("addr", "127.0.0.1:8000", "`address` to listen on")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the demo on addr until the first signal.
func run(addr string) error {
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	defer listener.Close() // if nothing serves it
	stores, err := openStores()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("http://%s/ (Ctrl-C to stop)\n", listener.Addr())
	err = serve(ctx, newServer(newRouter(newExamples(stores), stores.log)), listener, grace)
	return errors.Join(err, stores.Close())
}

// listen is net.Listen with an error for people.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: choose another address with -addr", addr)
	}
	return listener, err
}

// newServer returns a server with limits that suit downloads. WriteTimeout
// covers a whole answer, which is right for what is small; views whose answers
// may take longer have a WriteTimeout of their own, for each piece.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
}

// serve serves until ctx ends. Then it takes no new connections, and running
// downloads have the time of grace to finish, or until the next signal.
func serve(ctx context.Context, srv *http.Server, listener net.Listener, grace time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, stop := signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt, syscall.SIGTERM)
	defer stop()
	drain, cancel := context.WithTimeoutCause(drain, grace, fmt.Errorf("still running after %v", grace))
	defer cancel()
	fmt.Println("finishing running downloads (Ctrl-C to break them off)")
	err := srv.Shutdown(drain)
	if err != nil && drain.Err() != nil {
		srv.Close() // its error would say nothing that the cause does not
		return fmt.Errorf("downloads were broken off: %w", context.Cause(drain))
	}
	return err
}
