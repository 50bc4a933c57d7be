package views

import "net/http"

// Router is what [Mount] needs of a router; chi.Router is one. With
// [http.ServeMux], handle the pattern "GET /path" by AsView(v): it stands for
// HEAD as well.
type Router interface {
	Method(method, pattern string, h http.Handler)
}

// Mount makes r answer GET and HEAD requests for pattern with v. It panics
// where [AsView] does, and if r is nil.
func Mount(r Router, pattern string, v DownloadView) {
	if isNil(r) {
		panic("views: Mount: the router is nil")
	}
	h := AsView(v)
	r.Method(http.MethodGet, pattern, h)
	r.Method(http.MethodHead, pattern, h)
}
