package routers_test

import (
	"net/http"
	"os"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-downloadview/downloadview/views"
	"github.com/klauspost/compress/gzhttp"
)

// ginPathValues is middleware for gin: the parameters of the route become the path
// values of the request.
func ginPathValues(c *gin.Context) {
	for _, p := range c.Params {
		c.Request.SetPathValue(p.Key, strings.TrimPrefix(p.Value, "/")) // *path begins with a slash
	}
}

// newGin returns downloads on gin.
func newGin(root *os.Root) http.Handler {
	get := []string{"GET", "HEAD"}
	r := gin.Default()
	r.Use(ginPathValues)
	r.Match(get, "/files/*path", gin.WrapF(views.AsView(views.PathDownloadView{Root: root})))
	members := r.Group("/members", gin.BasicAuth(gin.Accounts{"ada": "secret"}))
	members.Match(get, "/invoices/:id", gin.WrapF(views.AsView(InvoiceDownloadView{})))
	return gzhttp.GzipHandler(r)
}
