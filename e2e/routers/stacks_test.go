package routers_test

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzhttp"
	echo4 "github.com/labstack/echo/v4"
	echo4middleware "github.com/labstack/echo/v4/middleware"
	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
	"github.com/urfave/negroni/v3"
)

// A stack is what stands in front of a view: a router and its middleware.
type stack struct {
	name string
	wrap func(http.HandlerFunc) http.Handler
	size int // of what is downloaded; less where it is compressed, which is slow under the race detector
}

// overEachStack runs test with each of the stacks.
func overEachStack(t *testing.T, test func(t *testing.T, s stack)) {
	for _, s := range recovering {
		s.size = 1 << 20
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
	for _, s := range compressing {
		s.size = 128 << 10
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

// recovering are routers with middleware that recovers panics, as their
// documentation has it. Those of gin, gorilla and negroni recover
// http.ErrAbortHandler, too; those of chi and echo let it pass.
var recovering = []stack{
	{name: "nothing", wrap: func(h http.HandlerFunc) http.Handler { return h }},
	{name: "chi's Recoverer", wrap: func(h http.HandlerFunc) http.Handler { return onChi(h, chimiddleware.Recoverer) }},
	{name: "gin.Default", wrap: func(h http.HandlerFunc) http.Handler { return onGin(gin.Default(), gin.WrapF(h)) }},
	{name: "gorilla's RecoveryHandler", wrap: func(h http.HandlerFunc) http.Handler { return onMux(h, gorillaRecovery) }},
	{name: "negroni's Recovery", wrap: func(h http.HandlerFunc) http.Handler { return onNegroni(h) }},
	{name: "echo's Recover", wrap: func(h http.HandlerFunc) http.Handler { return onEcho(h, echomiddleware.Recover()) }},
	{name: "echo/v4's Recover", wrap: func(h http.HandlerFunc) http.Handler { return onEcho4(h, echo4middleware.Recover()) }},
}

// compressing are stacks that compress inside of what recovers.
var compressing = []stack{
	{name: "chi's Recoverer, Compress", wrap: func(h http.HandlerFunc) http.Handler {
		return onChi(h, chimiddleware.Recoverer, chimiddleware.Compress(5))
	}},
	{name: "gin.Default, gzhttp", wrap: func(h http.HandlerFunc) http.Handler {
		return onGin(gin.Default(), gin.WrapF(gzhttp.GzipHandler(h)))
	}},
	{name: "gorilla's RecoveryHandler, CompressHandler", wrap: func(h http.HandlerFunc) http.Handler {
		return onMux(h, gorillaRecovery, handlers.CompressHandler)
	}},
	{name: "negroni's Recovery, gzhttp", wrap: func(h http.HandlerFunc) http.Handler { return onNegroni(gzhttp.GzipHandler(h)) }},
	{name: "echo's Recover, Gzip", wrap: func(h http.HandlerFunc) http.Handler {
		return onEcho(h, echomiddleware.Recover(), echomiddleware.Gzip())
	}},
	{name: "echo/v4's Recover, Gzip", wrap: func(h http.HandlerFunc) http.Handler {
		return onEcho4(h, echo4middleware.Recover(), echo4middleware.Gzip())
	}},
}

func onChi(h http.Handler, middlewares ...func(http.Handler) http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Use(quietly)
	r.Use(middlewares...)
	r.Handle("/*", h)
	return r
}

// quietly keeps chi's Recoverer from printing what it recovers.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, chimiddleware.WithLogEntry(r, noLogEntry{}))
	})
}

type noLogEntry struct{}

func (noLogEntry) Write(int, int, http.Header, time.Duration, any) {}
func (noLogEntry) Panic(any, []byte)                               {}

func onGin(engine *gin.Engine, h gin.HandlerFunc) http.Handler {
	engine.Match([]string{"GET", "HEAD", "POST"}, "/*path", h)
	return engine
}

func onMux(h http.Handler, middlewares ...mux.MiddlewareFunc) http.Handler {
	r := mux.NewRouter()
	r.Use(middlewares...)
	r.PathPrefix("/").Handler(h)
	return r
}

func gorillaRecovery(next http.Handler) http.Handler {
	return handlers.RecoveryHandler(handlers.RecoveryLogger(quiet))(next)
}

// onNegroni is negroni.Classic, but that it does not print.
func onNegroni(h http.Handler) http.Handler {
	recovery, logger := negroni.NewRecovery(), negroni.NewLogger()
	recovery.Logger, logger.ALogger = quiet, quiet
	n := negroni.New(recovery, logger)
	n.UseHandler(h)
	return n
}

func onEcho(h http.Handler, middlewares ...echo.MiddlewareFunc) http.Handler {
	e := echo.NewWithConfig(echo.Config{Logger: slog.New(slog.DiscardHandler)})
	e.Use(middlewares...)
	e.Any("/*", echo.WrapHandler(h))
	return e
}

func onEcho4(h http.Handler, middlewares ...echo4.MiddlewareFunc) http.Handler {
	e := echo4.New()
	e.Logger.SetOutput(io.Discard)
	e.Use(middlewares...)
	e.Any("/*", echo4.WrapHandler(h))
	return e
}

var quiet = log.New(io.Discard, "", 0)
