package main

import (
	"net"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/views"
)

// NewProxyView serves what is at path on the server that the request came to.
func NewProxyView(path string) views.HTTPDownloadView {
	view := views.HTTPDownloadView{
		URL: func(r *http.Request) (string, error) {
			// Not r.Host: that is the client's to choose.
			self := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			return "http://" + self.String() + path, nil
		},
	}
	view.Options.Basename = "unicode-by-proxy.csv"
	view.Options.WriteTimeout = 30 * time.Second
	return view
}
