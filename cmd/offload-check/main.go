// Command offload-check asks a deployment for a file that its front server is to
// send, and says what is wrong with the server's configuration:
//
//	go run github.com/go-downloadview/downloadview/cmd/offload-check@latest \
//		-header 'Cookie: session=…' https://downloads.example/report.pdf /protected/report.pdf
//
// Further arguments are URLs, or paths on the same host, where clients must not
// get the file. The status is 0 if all is well, 1 if not, 2 if the arguments are
// wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/offload"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("offload-check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: offload-check [flags] url [internal location…]")
		flags.PrintDefaults()
	}
	header := http.Header{}
	flags.Func("header", "a `field` of all requests, 'Name: value'; may be given again", func(line string) error {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("%q has no colon", line)
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		return nil
	})
	timeout := flags.Duration("timeout", time.Minute, "how long it may take in all")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	target, err := url.Parse(flags.Arg(0))
	if err != nil || target.Host == "" {
		flags.Usage()
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	client := &http.Client{Transport: &authorized{host: target.Host, header: header}}
	if err := offload.Check(ctx, client, flags.Arg(0), flags.Args()[1:]...); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintln(stdout, "all is well")
	return 0
}

// authorized adds header fields to requests, but only to those for one host: a
// redirect may lead elsewhere.
type authorized struct {
	host   string
	header http.Header
}

func (a *authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == a.host {
		r = r.Clone(r.Context())
		for key, values := range a.header {
			r.Header[key] = values
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}
