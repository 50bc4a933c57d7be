package body

import (
	"crypto/tls"
	"iter"
	"net"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// BreakOff makes the connection of w, or its stream, unusable, so that what was
// sent cannot be taken for a complete answer. The panic with
// [http.ErrAbortHandler] that follows is not enough: middleware of others
// recovers it, and returns to a server that then ends a chunked body in good
// order. And to a client of HTTP/1.0 the end of the connection is the end of the
// body, unless it is a reset.
func BreakOff(w http.ResponseWriter) {
	// Outside of the server's own writer there may be some that refuse once a
	// body has begun, as gin's does. So the innermost is asked first.
	writers := slices.Collect(Unwrapped(w))
	for _, w := range slices.Backward(writers) {
		// In HTTP/2 this resets the stream. In HTTP/1.x it keeps Hijack from
		// waiting for a client that does not read.
		d, ok := w.(interface{ SetWriteDeadline(time.Time) error })
		if ok && d.SetWriteDeadline(time.Unix(1, 0)) == nil {
			break
		}
	}
	for _, w := range slices.Backward(writers) {
		h, ok := w.(http.Hijacker)
		if !ok {
			continue
		}
		if conn, _, err := h.Hijack(); err == nil {
			reset(conn)
			return
		}
	}
}

// Unwrapped yields w and the writers that it is around, the innermost last.
// Those that middleware made are to have an Unwrap method, for
// [http.ResponseController]. Many have none, but embed the writer that they are
// around (struct{ gin.ResponseWriter }), where it is found, too.
func Unwrapped(w http.ResponseWriter) iter.Seq[http.ResponseWriter] {
	return func(yield func(http.ResponseWriter) bool) {
		for w != nil && yield(w) {
			if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
				w = u.Unwrap()
			} else {
				w = embedded[http.ResponseWriter](w)
			}
		}
	}
}

// reset closes conn so that the other end sees an error. TLS is left out of it:
// its Close tells the other end that all is well.
func reset(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	// That of a listener which limits or counts is around the system's own.
	for c := conn; c != nil; c = embedded[net.Conn](c) {
		if l, ok := c.(interface{ SetLinger(sec int) error }); ok {
			_ = l.SetLinger(0)
			break
		}
	}
	_ = conn.Close()
}

// embedded returns what the struct v, or the one that it points to, embeds by
// the name of an exported type and that is a T, else the zero value.
func embedded[T any](v any) (none T) {
	s := reflect.Indirect(reflect.ValueOf(v))
	if s.Kind() != reflect.Struct {
		return none
	}
	for i := range s.NumField() {
		if f := s.Type().Field(i); f.Anonymous && f.IsExported() {
			if t, ok := s.Field(i).Interface().(T); ok {
				return t
			}
		}
	}
	return none
}
