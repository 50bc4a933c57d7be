package routers_test

import (
	"net/http"
	"os"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-downloadview/downloadview/views"
	"github.com/klauspost/compress/gzhttp"
)

// ginView is gin.WrapF for views, which also get the path parameters.
func ginView(v views.DownloadView) gin.HandlerFunc {
	h := views.AsView(v)
	return func(c *gin.Context) {
		for _, p := range c.Params {
			c.Request.SetPathValue(p.Key, strings.TrimPrefix(p.Value, "/")) // that of *path begins with one
		}
		h(c.Writer, c.Request)
	}
}

// newGin returns downloads on gin.
func newGin(root *os.Root) http.Handler {
	get := []string{"GET", "HEAD"}
	r := gin.Default()
	r.Match(get, "/files/*path", ginView(views.PathDownloadView{Root: root}))
	members := r.Group("/members", gin.BasicAuth(gin.Accounts{"ada": "secret"}))
	members.Match(get, "/invoices/:id", ginView(InvoiceDownloadView{}))
	return gzhttp.GzipHandler(r)
}
