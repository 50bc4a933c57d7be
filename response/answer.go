package response

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// answer is what becomes of one request.
type answer struct {
	w           http.ResponseWriter
	r           *http.Request
	opts        *Options
	handleError func(w http.ResponseWriter, r *http.Request, err error)

	rep     representation
	src     source
	head    head
	body    body.Writer
	hook    statusWriter // what a hook may answer by instead
	outcome Outcome
	ended   bool // it is known how: no panic of others is passing
	broken  bool // by breaking off
}

// begin prepares the answer to r.
func (a *answer) begin(w http.ResponseWriter, r *http.Request) {
	a.w, a.r, a.hook.ResponseWriter = w, r, w
	a.body.Response, a.body.Context, a.body.Head = w, r.Context(), a
	a.body.FlushInterval = cmp.Or(a.opts.FlushInterval, defaultFlushInterval)
	a.body.WriteTimeout, a.body.Limiter = a.opts.WriteTimeout, a.opts.Limiter
	if !r.ProtoAtLeast(1, 1) {
		a.body.ReaderFrom, _ = own.ReaderFrom(w)
	}
	if r.ProtoMajor == 1 && r.Body != nil && r.Body != http.NoBody {
		// Content may be made of the request's body, which net/http would read
		// away when the head leaves. An error: there is no such limit.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	a.body.LiftDeadline() // the server's would run while the file is prepared
}

const defaultFlushInterval = 100 * time.Millisecond

// serve answers, in the order of RFC 9110 §13.2 and §14.2. An error is for fail.
func (a *answer) serve() error {
	rfc9110.Unify(a.w.Header())
	if err := a.rep.describe(a.r.Context(), a.opts, a.w.Header()); err != nil {
		return err
	}
	get := a.r.Method == http.MethodGet
	// Conditions are for answers that would be a success (§13.2.1).
	if get && a.rep.redirectURL != "" {
		redirect(a.w, a.r, a.rep.redirectURL)
		a.conclude(http.StatusFound)
		return nil
	}
	if get || a.r.Method == http.MethodHead {
		if a.intercepted() {
			return nil
		}
		if status := answerConditions(a.w, a.r, a.r.Header, &a.rep); status != 0 {
			a.conclude(status)
			return nil
		}
	}
	a.src.init(&a.rep)
	a.body.Persistent = a.src.inMemory || a.rep.stored.OnDisk != nil
	a.rep.acceptRanges = a.acceptsRanges()
	// Ranges are for GET alone (§14.2).
	if value, ok := rfc9110.Field(a.r.Header["Range"]); ok && get && a.rep.acceptRanges && a.rangeApplies() {
		specs, ok := rfc9110.ParseRanges(value)
		switch ranges := rfc9110.Resolve(specs, a.rep.size); {
		case !ok: // ignored
		case len(ranges) == 0:
			refuseRange(a.w, a.r, a.rep.size)
			a.conclude(http.StatusRequestedRangeNotSatisfiable)
			return nil
		case len(ranges) == 1:
			return a.sendPart(ranges[0])
		case a.rep.encoding == "" && a.src.canSend(ranges):
			return a.sendParts(ranges)
			// Else ignored: a body of several is not in the coding of the file.
		}
	}
	return a.sendAll()
}

// conclude notes the status of an answer without content.
func (a *answer) conclude(status int) {
	a.outcome.Status = status
	switch {
	case status >= 400:
		a.outcome.Ending = Refused
		a.outcome.Err = fmt.Errorf("response: %s", http.StatusText(status))
	case status == http.StatusNotModified:
		a.outcome.Ending = NotModified
	default:
		a.outcome.Ending = Complete
	}
}

// intercepted offers the request to the interceptors of its context.
func (a *answer) intercepted() bool {
	for link := linkOf[Interceptor](a.r.Context()); link != nil; link = link.outer {
		rep := newRepresentation(&a.rep)
		rep.MayBeCompressed = isWrapped(a.w, a.r)
		switch {
		case !link.f(&a.hook, a.r, rep):
			continue
		case rep.status != 0:
			a.conclude(rep.status)
		default:
			a.outcome.Status, a.outcome.Ending = a.hook.status(), HandedOver
		}
		return true
	}
	return false
}

// acceptsRanges reports whether the content can be had in parts.
func (a *answer) acceptsRanges() bool {
	switch {
	case a.rep.size <= 0, a.rep.encoded, a.opts.NoRanges, saysNoRanges(a.w.Header()):
		return false
	case a.src.access <= stored.Forward:
		return rfc9110.IsStrong(a.rep.etag) && !a.opts.NoGeneratedRanges && stored.GeneratedRanges(a.rep.stored.Bottom)
	}
	return true
}

// rangeApplies reports whether If-Range allows the Range beside it.
func (a *answer) rangeApplies() bool {
	validator, ok := rfc9110.Field(a.r.Header["If-Range"])
	modTime := a.rep.modTime
	if a.rep.varies {
		modTime = time.Time{} // the same content in another coding may have the same
	}
	return !ok || rfc9110.RangeApplies(validator, a.rep.etag, modTime)
}

// sendAll sends a 200.
func (a *answer) sendAll() error {
	a.setHead(http.StatusOK, a.rep.contentType)
	if a.rep.size >= 0 && !a.rep.encoded {
		a.head.setLength(a.rep.size)
	} else {
		// The caller does not decide on framing: only the bytes that are sent count.
		a.w.Header().Del("Content-Length")
		if err := a.checkEnd(); err != nil {
			return err
		}
	}
	if a.r.Method == http.MethodHead {
		a.head.send(a.w)
		a.outcome.Ending = Complete
		return nil
	}
	return a.end(a.src.send(&a.body, rfc9110.Range{Start: 0, Length: a.rep.size}))
}

// checkEnd returns an error if the client could not tell that a body of unknown
// length is broken: to a client of HTTP/1.0 the end of the connection is the end of the body,
// and only TCP has a reset.
func (a *answer) checkEnd() error {
	addr, ok := a.r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if a.r.ProtoAtLeast(1, 1) || !ok || strings.HasPrefix(addr.Network(), "tcp") {
		return nil
	}
	return WithStatus(fmt.Errorf("response: by HTTP/1.0 over %q, content of unknown size would look whole if it broke off; "+
		"use HTTP/1.1 (nginx: proxy_http_version 1.1) or declare the size", addr.Network()), http.StatusHTTPVersionNotSupported)
}

// sendPart sends a 206 with one range.
func (a *answer) sendPart(part rfc9110.Range) error {
	a.setHead(http.StatusPartialContent, a.rep.contentType)
	a.head.set("Content-Range", part.ContentRange(a.rep.size))
	a.head.setLength(part.Length)
	return a.end(a.src.send(&a.body, part))
}

// sendParts sends a 206 with several ranges.
func (a *answer) sendParts(ranges []rfc9110.Range) error {
	m := newMultipart(ranges, a.rep.size, a.rep.contentType)
	a.setHead(http.StatusPartialContent, m.contentType())
	a.head.setLength(m.length)
	return a.end(m.send(&a.body, &a.src))
}

// setHead prepares the head of an answer with content, or part of it.
func (a *answer) setHead(status int, contentType string) {
	a.head.status, a.outcome.Status = status, status
	a.rep.fill(&a.head, a.w, a.r, contentType)
}

// SendHead sends the head, ahead of the first byte. If nothing else is known of
// the length of the body, it may be now. A body that a trailer follows has none
// (RFC 9112 §6.5).
func (a *answer) SendHead(length int64) {
	if length >= 0 && a.rep.size < 0 && !a.rep.encoded && a.w.Header()["Trailer"] == nil {
		a.head.setLength(length)
	}
	a.head.send(a.w)
}

// end ends an answer with content: well if err is nil.
func (a *answer) end(err error) error {
	if err == nil {
		err = a.body.Finish()
	}
	if err == nil {
		a.body.Close()
		a.outcome.Ending = Complete
	}
	return err
}

// fail ends an answer that cannot be completed: with an error answer if nothing
// was sent, else by breaking it off.
//
// A client that has left gets neither.
func (a *answer) fail(err error) {
	a.body.Close()
	a.outcome.Err = err
	if a.body.Started() || hasLeft(a.r, err) {
		a.outcome.Ending = endingOf(a.r.Context(), err, 0)
		slog.Log(a.r.Context(), a.outcome.Ending.level(), "downloadview: download broken off",
			"err", err, "method", a.r.Method, "path", loggedPath(a.r), "file", a.rep.name, "sent", a.body.Sent())
		a.ended, a.broken = true, true
		if !a.body.Started() {
			a.outcome.Status = 0
		}
		abort(a.r)
		return
	}
	ClearHeader(a.w, a.r)
	if a.handleError != nil {
		// Observers are told of this answer, even if it is another file's.
		a.handleError(&a.hook, a.r.WithContext(withoutLinks[onDone](a.r.Context())), err)
	} else {
		Error(&a.hook, a.r, err)
	}
	a.outcome.Status = a.hook.status()
	a.outcome.Ending = endingOf(a.r.Context(), err, a.outcome.Status)
}

// onPanic is deferred, and does something if there is a panic that is not the
// answer's own: the client must not take its part for a complete download.
//
// Before the first byte the answer is a 500, and the panic goes on. After it
// the panic cannot, for a middleware that recovers it would return in good
// order, which ends the body properly. So it is logged here, and goes on as
// http.ErrAbortHandler, which is for this and which such middleware lets pass.
func (a *answer) onPanic() {
	if a.ended {
		return
	}
	a.body.Close()
	a.outcome.Err, a.outcome.Ending = errPanic, Failed
	if a.hook.begun() { // the panic is the hook's
		a.outcome.Status = a.hook.status()
	} else if !a.body.Started() {
		a.outcome.Status = http.StatusInternalServerError
		refuse(a.w, a.r, http.StatusInternalServerError)
		// The panic may close the connection before the answer leaves it.
		_ = http.NewResponseController(a.w).Flush()
		return
	}
	if v := recover(); v != nil && v != http.ErrAbortHandler {
		slog.ErrorContext(a.r.Context(), "downloadview: panic, download broken off",
			"panic", v, "method", a.r.Method, "path", loggedPath(a.r), "file", a.rep.name, "sent", a.body.Sent(),
			"stack", string(debug.Stack()))
	}
	a.broken = true
	abort(a.r)
}

var errPanic = errors.New("a panic while the file was served")

// leave is the last that is done: the connection is broken off, or the client
// given time for what the server still has to send.
func (a *answer) leave() {
	if a.broken {
		// HTTP/1.1 shows where a body ends.
		gently := a.r.ProtoAtLeast(1, 1) && errors.Is(a.outcome.Err, os.ErrDeadlineExceeded)
		body.BreakOff(a.w, gently)
		return
	}
	a.body.ExtendDeadline()
	if a.r.ProtoMajor == 3 && a.body.Sent() == 0 {
		// Else quic-go says that HEAD and 304 stand for content of no bytes.
		_ = http.NewResponseController(a.w).Flush()
	}
}
