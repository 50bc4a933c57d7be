package routers_test

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quic-go/quic-go/http3"
)

// startHTTP3 serves h over HTTP/3 until the test ends.
func startHTTP3(t testing.TB, h http.Handler) (url string, client *http.Client) {
	t.Helper()
	secure := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	secure.Close()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http3.Server{
		Handler:   h,
		TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: secure.TLS.Certificates}),
		Logger:    slog.New(slog.DiscardHandler),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(conn) // until it is closed
	}()
	config := secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport := &http3.Transport{TLSClientConfig: config, DisableCompression: true}
	t.Cleanup(func() {
		transport.Close()
		srv.Close()
		conn.Close()
		<-served
	})
	return "https://" + conn.LocalAddr().String(), &http.Client{Transport: transport}
}
