package response

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// breakOff makes the connection of w, or its stream, unusable, so that what was
// sent cannot be taken for a complete answer. The panic with
// [http.ErrAbortHandler] that follows is not enough: middleware of others
// recovers it, and returns to a server that then ends a chunked body in good
// order. And to a client of HTTP/1.0 the end of the connection is the end of the
// body, unless it is a reset.
func breakOff(w http.ResponseWriter) {
	// In HTTP/2 this resets the stream. In HTTP/1.x it keeps Hijack from waiting
	// for a client that does not read.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
	if conn := hijack(w); conn != nil {
		reset(conn)
	}
}

// hijack returns the connection of w, nil if it cannot be had. The innermost
// writer is asked first: those around it may refuse once a body has begun.
func hijack(w http.ResponseWriter) net.Conn {
	if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		if inner := u.Unwrap(); inner != nil {
			if conn := hijack(inner); conn != nil {
				return conn
			}
		}
	}
	h, ok := w.(http.Hijacker)
	if !ok {
		return nil
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// reset closes conn so that the other end sees an error. TLS is left out of it:
// its Close tells the other end that all is well.
func reset(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if l, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
	_ = conn.Close()
}
