package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// serve serves h on l until ctx ends. Then no new connection is taken, and running
// downloads have that much patience to end. What takes longer is broken off, so
// that its client can resume it. kept, a cache for example, is closed in the end.
func serve(ctx context.Context, l net.Listener, h http.Handler, patience time.Duration, kept io.Closer) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{Handler: h, BaseContext: func(net.Listener) context.Context { return base }}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Join(err, kept.Close())
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(base, patience)
	defer cancel()
	err := srv.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		stop() // generators that look at the request's context end
		err = srv.Close()
	}
	return errors.Join(err, kept.Close())
}

// A server that is told to stop lets a running download end.
func Example_shutdown() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	begun, goOn := make(chan bool), make(chan bool)
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string, error) bool) {
			yield("the beginning, ", nil)
			begun <- true
			select {
			case <-goOn:
				yield("the end", nil)
			case <-r.Context().Done():
				yield("", r.Context().Err())
			}
		}), "slow.txt")
		response.New(file, response.Options{FlushInterval: -1}).ServeHTTP(w, r)
	})
	for _, patience := range []time.Duration{time.Hour, time.Millisecond} {
		ctx, stop := context.WithCancel(context.Background())
		stopped := make(chan error)
		go func() { stopped <- serve(ctx, l, slow, patience, io.NopCloser(nil)) }()
		go func() {
			<-begun
			stop()
			if patience == time.Hour {
				goOn <- true
			}
		}()
		resp, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		content, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%q, whole: %v\n", content, err == nil)
		fmt.Println(<-stopped)
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			fmt.Println(err)
			return
		}
	}
	l.Close()
	// Output:
	// "the beginning, the end", whole: true
	// <nil>
	// "the beginning, ", whole: false
	// <nil>
}
