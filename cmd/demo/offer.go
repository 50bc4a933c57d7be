package main

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// An offer is a download that the page has a button for.
type offer struct{ Path, Name, Size string }

// offers returns those of an example. Name and size are what the download itself
// says: a HEAD costs little, since nothing is generated for it.
func (e example) offers(ctx context.Context, site http.Handler) ([]offer, error) {
	paths := []string{e.Path}
	if e.Paths != nil {
		var err error
		if paths, err = e.Paths(ctx); err != nil {
			return nil, err
		}
	}
	var all []offer
	for _, path := range paths {
		header, err := headerOf(ctx, site, path)
		if err != nil {
			return nil, err
		}
		_, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
		if err != nil {
			return nil, fmt.Errorf("%s: Content-Disposition: %w", path, err)
		}
		all = append(all, offer{path, params["filename"], sizeText(header.Get("Content-Length"))})
	}
	return all, nil
}

// headerOf returns the header fields of a download, which may be of any size.
func headerOf(ctx context.Context, site http.Handler, path string) (http.Header, error) {
	// What the server says of the connection holds for this request, too; what
	// routers and middleware have added to ctx is about another one.
	own := context.WithValue(context.Background(), http.LocalAddrContextKey, ctx.Value(http.LocalAddrContextKey))
	own, cancel := context.WithCancel(own)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	r, err := http.NewRequestWithContext(own, http.MethodHead, path, nil)
	if err != nil {
		return nil, err
	}
	r.RequestURI = r.URL.RequestURI() // as a server's request has it
	w := headWriter{header: http.Header{}, status: http.StatusOK}
	site.ServeHTTP(&w, r)
	if w.status != http.StatusOK {
		return nil, fmt.Errorf("HEAD %s: %d %s", path, w.status, http.StatusText(w.status))
	}
	return w.header, nil
}

// headWriter keeps the header of an answer.
type headWriter struct {
	header http.Header
	status int
}

func (w *headWriter) Header() http.Header         { return w.header }
func (w *headWriter) WriteHeader(status int)      { w.status = status }
func (w *headWriter) Write(p []byte) (int, error) { return len(p), nil }

// SetWriteDeadline is for views that have a WriteTimeout: nothing is written here.
func (w *headWriter) SetWriteDeadline(time.Time) error { return nil }

// sizeText returns a length in bytes for people.
func sizeText(length string) string {
	n, err := strconv.ParseInt(length, 10, 64)
	if err != nil {
		return "size not known"
	}
	return byteText(n)
}

func byteText(n int64) string {
	const kilo = 1000
	switch {
	case n == 1:
		return "1 byte"
	case n < kilo:
		return fmt.Sprintf("%d bytes", n)
	case n < kilo*kilo:
		return fmt.Sprintf("%.1f kB", float64(n)/kilo)
	case n < 100*kilo*kilo:
		return fmt.Sprintf("%.1f MB", float64(n)/kilo/kilo)
	}
	return fmt.Sprintf("%.f MB", float64(n)/kilo/kilo)
}
