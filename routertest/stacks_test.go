package routertest_test

import (
	"io"
	"log"
	"log/slog"
	"net/http"
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
}

// stacks are routers with middleware that recovers panics, as their
// documentation has it. Those of gin, gorilla and negroni recover
// http.ErrAbortHandler, too; those of chi and echo let it pass.
var stacks = []stack{
	{"nothing", func(h http.HandlerFunc) http.Handler { return h }},
	{"chi's Recoverer", func(h http.HandlerFunc) http.Handler { return onChi(h, chimiddleware.Recoverer) }},
	{"gin.Default", func(h http.HandlerFunc) http.Handler { return onGin(gin.Default(), gin.WrapF(h)) }},
	{"gorilla's RecoveryHandler", func(h http.HandlerFunc) http.Handler { return onMux(h, gorillaRecovery) }},
	{"negroni's Recovery", func(h http.HandlerFunc) http.Handler { return onNegroni(h) }},
	{"echo's Recover", func(h http.HandlerFunc) http.Handler { return onEcho(h, echomiddleware.Recover()) }},
	{"echo/v4's Recover", func(h http.HandlerFunc) http.Handler { return onEcho4(h, echo4middleware.Recover()) }},
}

// compressing are stacks that compress inside of what recovers.
var compressing = []stack{
	{"chi's Recoverer, Compress", func(h http.HandlerFunc) http.Handler {
		return onChi(h, chimiddleware.Recoverer, chimiddleware.Compress(5))
	}},
	{"gin.Default, gzhttp", func(h http.HandlerFunc) http.Handler {
		return onGin(gin.Default(), gin.WrapF(gzhttp.GzipHandler(h)))
	}},
	{"gorilla's RecoveryHandler, CompressHandler", func(h http.HandlerFunc) http.Handler {
		return onMux(h, gorillaRecovery, handlers.CompressHandler)
	}},
	{"negroni's Recovery, gzhttp", func(h http.HandlerFunc) http.Handler { return onNegroni(gzhttp.GzipHandler(h)) }},
	{"echo's Recover, Gzip", func(h http.HandlerFunc) http.Handler {
		return onEcho(h, echomiddleware.Recover(), echomiddleware.Gzip())
	}},
	{"echo/v4's Recover, Gzip", func(h http.HandlerFunc) http.Handler {
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
