package routers_test

import (
	"net/http"
	"os"

	"github.com/go-downloadview/downloadview/views"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

// newEcho returns downloads on echo.
func newEcho(root *os.Root) http.Handler {
	get := []string{"GET", "HEAD"}
	e := echo.New()
	e.Use(middleware.Recover())
	e.Match(get, "/files/*", echo.WrapHandler(views.AsView(views.PathDownloadView{Root: root})))
	members := e.Group("/members", echo.WrapMiddleware(requireLogin))
	members.Match(get, "/invoices/:id", echo.WrapHandler(views.AsView(InvoiceDownloadView{})))
	return gzhttp.GzipHandler(e)
}
