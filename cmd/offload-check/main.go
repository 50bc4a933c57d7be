// Command offload-check asks a deployment for a file that its front server sends,
// and names the faults of the server's configuration:
//
//	go run github.com/go-downloadview/downloadview/cmd/offload-check@latest \
//		-header 'Cookie: session=…' https://downloads.example/report.pdf /protected/report.pdf
//
// Further arguments are URLs, or paths on the same host, where clients must not
// get the file. If all is well it prints the requests that it made, and the
// status is 0; else it is 1, or 2 if the arguments are wrong.
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
	var made strings.Builder
	client := &http.Client{Transport: &authorized{host: target.Host, header: header, made: &made}}
	if err := offload.Check(ctx, client, flags.Arg(0), flags.Args()[1:]...); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintf(stdout, "%sall is well\n%s", &made, unseen)
	return 0
}

const unseen = `not visible from outside, if the server is nginx: "proxy_http_version 1.1" and "proxy_max_temp_file_size 0" where it asks the application
`

// authorized adds header fields to requests, but only to those for one host: a
// redirect may lead elsewhere. It writes a line about each.
type authorized struct {
	host   string
	header http.Header
	made   io.Writer
}

func (a *authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	line := r.Method + " " + r.URL.EscapedPath() // a query may be a secret
	for _, key := range []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		if value := r.Header.Get(key); value != "" {
			line += ", " + key + ": " + value
		}
	}
	if coding := r.Header.Get("Accept-Encoding"); coding != "identity" {
		line += ", Accept-Encoding: " + coding
	}
	if r.URL.Host == a.host {
		r = r.Clone(r.Context())
		for key, values := range a.header {
			r.Header[key] = values
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		fmt.Fprintf(a.made, "%s: %d\n", line, resp.StatusCode)
	}
	return resp, err
}
