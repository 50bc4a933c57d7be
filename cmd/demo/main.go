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
	"io"
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
	set, err := parse(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "demo: %v (demo -h says more)\n", err)
		os.Exit(2)
	}
	if err := run(set); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

const usage = `Usage: demo [-addr host:port] [-behind nginx]

Demo serves examples of downloads, and a page that shows how each is made: open
the address that it prints in a browser. Ctrl-C lets running downloads finish,
for at most ten seconds; a second Ctrl-C breaks them off.

`

// settings are what the flags say.
type settings struct {
	addr   string // to listen on
	behind string // kind of the front server; empty: there is none
}

// parse returns the settings. With -h it writes to help what the program does, and
// returns flag.ErrHelp.
func parse(args []string, help io.Writer) (set settings, err error) {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are returned, too
	flags.StringVar(&set.addr, "addr", "127.0.0.1:8000", "`host:port` to listen on; with port 0 the system chooses one")
	flags.StringVar(&set.behind, "behind", "", "front `server` that is to send the files on disk: nginx, whose configuration is printed")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, usage)
		flags.SetOutput(help)
		flags.PrintDefaults()
		return set, err
	} else if err != nil {
		return set, err
	}
	if flags.NArg() > 0 {
		return set, fmt.Errorf("%q is no flag, and there are no other arguments", flags.Arg(0))
	}
	if _, _, err := net.SplitHostPort(set.addr); err != nil {
		return set, fmt.Errorf("-addr %q is not of the form host:port", set.addr)
	}
	return set, nil
}

// run serves the demo, behind a front server if the settings name one, until the
// first signal.
func run(set settings) error {
	listener, err := listen(set.addr)
	if err != nil {
		return err
	}
	defer listener.Close() // if nothing serves it
	stores, err := openStores()
	if err != nil {
		return err
	}
	handler, config, err := behind(set.behind, newRouter(newExamples(stores), stores.log), listener.Addr().String(), stores.disk.Name())
	if err != nil {
		return errors.Join(err, stores.Close())
	}
	fmt.Print(config)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("http://%s/ (Ctrl-C to stop)\n", listener.Addr())
	err = serve(ctx, newServer(handler), listener, grace)
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
