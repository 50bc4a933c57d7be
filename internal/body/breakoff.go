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

// BreakOff makes the connection of w, or its stream, unusable, so that the part
// that was sent cannot be taken for a complete answer. The panic with
// [http.ErrAbortHandler] that follows is not enough: middleware of others
// recovers it, and returns to a server that then ends a chunked body in good
// order. And to a client of HTTP/1.0 the end of the connection is the end of the
// body, unless it is a reset.
//
// gently: a connection is closed, and not reset. What the system has still to send
// is sent. That is for bodies that show their end, and clients that are slow: where
// the link is cut a reset is lost, and they would wait for ever.
func BreakOff(w http.ResponseWriter, gently bool) {
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
		if cancelStream(w) {
			return
		}
		h, ok := w.(http.Hijacker)
		if !ok {
			continue
		}
		if conn, _, err := h.Hijack(); err == nil {
			end(conn, gently)
			return
		}
	}
}

// IsHTTP3 reports whether w is the server's own of HTTP/3, as quic-go has it: its
// method HTTPStream returns a stream with CancelRead and CancelWrite. They are found
// by their names since their types are quic-go's.
func IsHTTP3(w http.ResponseWriter) bool {
	m, ok := reflect.TypeOf(w).MethodByName("HTTPStream")
	if !ok || m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
		return false
	}
	_, ok = m.Type.Out(0).MethodByName("CancelWrite")
	return ok
}

// cancelStream resets the stream of w if that is one of HTTP/3. No deadline does.
func cancelStream(w http.ResponseWriter) bool {
	if !IsHTTP3(w) {
		return false
	}
	stream := reflect.ValueOf(w).MethodByName("HTTPStream").Call(nil)[0]
	for _, cancel := range []reflect.Value{stream.MethodByName("CancelRead"), stream.MethodByName("CancelWrite")} {
		if cancel.IsValid() && cancel.Type().NumIn() == 1 && cancel.Type().In(0).Kind() == reflect.Uint64 {
			cancel.Call([]reflect.Value{reflect.ValueOf(internalError).Convert(cancel.Type().In(0))})
		}
	}
	return true
}

const internalError uint64 = 0x0102 // H3_INTERNAL_ERROR, RFC 9114 §8.1

// Unwrapped yields w and the writers that it is around, the innermost last.
// A writer of middleware should have an Unwrap method, for
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

// end closes conn, by a reset unless gently. TLS is left out of it: its Close tells
// the other end that all is well.
func end(conn net.Conn, gently bool) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	// A listener that limits or counts has its own connection around the system's.
	for c := conn; c != nil && !gently; c = embedded[net.Conn](c) {
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
