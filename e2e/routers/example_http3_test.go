package routers_test

import (
	"net/http"

	"github.com/quic-go/quic-go/http3"
)

// serveHTTP3 serves h over HTTP/3, and over HTTP/1.1 and HTTP/2, whose answers tell
// clients of it.
func serveHTTP3(h http.Handler) error {
	return http3.ListenAndServeTLS(":443", "cert.pem", "key.pem", h)
}

var _ = serveHTTP3
