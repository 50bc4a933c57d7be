// Package response sends one file as the answer to one HTTP request, as well as
// HTTP can: named, typed, with conditions, with ranges where the content allows
// them, and never truncated in silence.
//
//	response.New(file, response.Options{}).ServeHTTP(w, r)
//
// is all that a handler needs. Package views does it for its views.
//
// # Failure
//
// If something fails before the first byte has left, the client gets an error
// answer with nothing of the file in it. After that byte the status cannot be
// taken back. So ServeHTTP resets the connection, or the stream of HTTP/2 or HTTP/3,
// and panics with [http.ErrAbortHandler]. Clients, of HTTP/1.0 too, see that
// something is missing, even if middleware recovers the panic. Where they could not
// see it (HTTP/1.0 over a Unix socket), content of unknown size is refused by a 505.
// Causes are logged once, with the default logger of log/slog: failures of
// the producer as errors, clients that left at debug level.
//
// # Middleware
//
// Fields that middleware has set on the ResponseWriter's header stay: Cache-Control, ETag,
// Last-Modified, Content-Type, Content-Disposition. Content-Length is no such
// field. Wrapped writers need neither Flush nor ReadFrom; where they have an
// Unwrap method, [http.ResponseController] finds the server's writer.
package response

// The files, from the top down. Each uses the files below it, and never its
// callers. Below them all are the rules of RFC 9110 (internal/rfc9110), the bottom of a
// file (internal/stored), and the writer that content is pushed into
// (internal/body).
//
//	response.go        the value that is served; what happens in the end
//	answer.go          the order of things, and how they fail
//	intercept.go       middleware that answers instead
//	redirect.go        302 instead
//	conditions.go      304 or 412 instead
//	multipart.go       a 206 of several ranges
//	source.go          how the file produces content
//	head.go            the header, kept until there is a first byte
//	representation.go  the file's type, size, validators
//	etag.go            its entity tag
//	contenttype.go     types by extension
//	disposition.go     names
//	options.go         how the program wants it
//	outcome.go         how it ended, and who hears of it
//	failure.go         error answers
//	compression.go     writers in front that encode
//	context.go         what middleware puts into a request's context
