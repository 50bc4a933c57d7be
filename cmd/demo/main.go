// Command demo serves downloads of each kind, on a page that shows how each is
// made:
//
//	go run ./cmd/demo
//
// Ctrl-C lets running downloads finish, for at most ten seconds. A second Ctrl-C
// breaks them off.
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
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8000", "`host:port` to listen on; with port 0 the system chooses one")
	flag.Parse()
	if err := run(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves the demo until the first signal.
func run(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w (choose another address with -addr)", err)
	}
	defer listener.Close() // if nothing serves it
	d, err := newDemo(100 * time.Millisecond)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("http://%s/ (Ctrl-C to stop)\n", listener.Addr())
	// WriteTimeout is for a whole answer, which is right for small ones. Views whose
	// answers may take longer have a WriteTimeout for each piece.
	srv := &http.Server{Handler: d, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	return errors.Join(serve(ctx, srv, listener, 10*time.Second), d.Close())
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
	if err := srv.Shutdown(drain); drain.Err() == nil {
		return err
	}
	srv.Close() // its error would say nothing that the cause does not
	return fmt.Errorf("downloads were broken off: %w", context.Cause(drain))
}

// demo is the handler, and the state that its views share.
type demo struct {
	http.Handler
	log     downloadLog
	reports ReportView
	opened  []io.Closer
	dir     string // temporary
}

// newDemo returns a demo whose report pauses at each of a hundred rows.
func newDemo(pause time.Duration) (*demo, error) {
	dir, err := os.MkdirTemp("", "downloadview-demo-")
	if err != nil {
		return nil, err
	}
	d := &demo{dir: dir}
	if err := d.mount(pause); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// mount mounts all there is.
func (d *demo) mount(pause time.Duration) error {
	source := filepath.Join(d.dir, "source") // the cache leaves it alone
	err := os.CopyFS(source, embedded)
	root, err1 := os.OpenRoot(d.dir)
	disk, err2 := os.OpenRoot(source)
	signed, signer, err3 := newSignedView(embedded)
	if err := errors.Join(err, err1, err2, err3); err != nil {
		return err
	}
	reports, err := cache.New(root, cache.Options{MaxAge: 30 * time.Second})
	if err != nil {
		return err
	}
	d.opened = []io.Closer{reports, disk, root}
	d.reports = ReportView{Cache: reports, Pause: pause}

	all := chi.NewRouter()
	d.Handler = http.NewCrossOriginProtection().Handler(all)
	d.mountPages(all)
	all.Post("/report", d.reports.start)
	all.Head("/copy.csv", copyOrders)
	all.Get("/copy.csv", d.log.copyOrders)

	r := all.With(func(next http.Handler) http.Handler { return response.Observe(next, d.log.note) })
	views.Mount(r, "/orders.csv", ExportView{})
	views.Mount(r, "/report.csv", d.reports)
	views.Mount(r, "/demo.zip", ArchiveView{})
	views.Mount(r, "/demo.tar", ArchiveView{})
	views.Mount(r, "/tone.wav", ToneView{})
	views.Mount(r, "/text", text)
	views.Mount(r, "/fibonacci.txt", FibonacciView{})
	views.Mount(r, "/disk/*", newDiskView(disk))
	views.Mount(r, "/embedded/*", newEmbeddedView(embedded))
	views.Mount(r, "/documents/{id}", newDocumentView(library, embedded))
	views.Mount(r, "/proxy.txt", newOriginView("/fibonacci.txt"))
	views.Mount(r, "/signed", signed)
	views.Mount(r.With(signer.Wrap), "/private/*", newEmbeddedView(embedded))
	return nil
}

// Close ends runs, and leaves nothing behind.
func (d *demo) Close() error {
	var errs []error
	for _, c := range d.opened {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(d.dir))...)
}
