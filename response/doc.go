// Package response sends one file as the answer to one HTTP request, as well as
// HTTP can: named, typed, with conditions, with ranges where the content allows
// them, and never truncated in silence.
//
//	response.New(file, response.Options{}).ServeHTTP(w, r)
//
// is all there is to it in a handler of one's own; package views calls it for
// its views. An answer takes one way through the package:
//
//	describe        what is known of the file: type, size, validators   representation.go, etag.go, contenttype.go
//	preconditions   304 or 412 instead                                   conditions.go
//	ranges          206 or 416 instead                                   ranges.go, multipart.go
//	head            kept until there is a first byte                     head.go, disposition.go, compression.go
//	transfer        the file pushes its content                          transfer.go, disk.go
//	body            and this writer passes it on                         body.go, section.go, flush.go, send.go
//	failure         or the answer breaks off                             failure.go
//
// # Failure
//
// Whatever fails before the first byte has left, the client gets an error
// answer with nothing of the file in it. After that byte there is no way to
// take a status back, so ServeHTTP panics with [http.ErrAbortHandler]: clients
// of HTTP/1.1 see the connection break, those of HTTP/2 a stream error. HTTP/1.0
// knows no difference between the end of a body of unknown length and a broken
// connection. Causes are logged once, with the default logger of log/slog:
// those of the producer as errors, a client that left only at debug level.
//
// # Middleware
//
// What is set on the ResponseWriter's header before stays: Cache-Control, ETag,
// Last-Modified, Content-Type, Content-Disposition. Content-Length is no such
// field. Wrapped writers need neither Flush nor ReadFrom; where they have an
// Unwrap method, [http.ResponseController] finds what it needs.
package response
