// Package downloadview has the documentation of the module, for programs that show
// it. The code is in the packages of its folders.
//
// The module sends files to HTTP clients: generated or in memory, on disk or in a
// bucket. Each download arrives whole, or fails where the client can see it. One
// that broke off can be resumed, where the content allows it.
//
//	package main
//
//	import (
//		"io/fs"
//		"log"
//		"net/http"
//
//		"github.com/go-chi/chi/v5"
//		"github.com/go-downloadview/downloadview/files"
//		"github.com/go-downloadview/downloadview/views"
//	)
//
//	type TextDownloadView struct{ views.VirtualDownloadView }
//
//	func (TextDownloadView) GetFile(*http.Request) (fs.File, error) {
//		return files.NewContentFile("Hello world!", "hello-world.txt"), nil
//	}
//
//	func main() {
//		r := chi.NewRouter()
//		views.Mount(r, "/text", TextDownloadView{})
//		log.Fatal(http.ListenAndServe("127.0.0.1:8080", r))
//	}
//
// # The way of a request
//
//   - [github.com/go-downloadview/downloadview/views] says which file answers a
//     request. Start there.
//   - [github.com/go-downloadview/downloadview/files] makes text, readers and
//     generators look like a file, which is an [fs.File].
//   - [github.com/go-downloadview/downloadview/response] sends the file: header
//     fields, conditions, ranges, failures. Handlers can use it without a view.
//
// # Beside the way
//
//   - [github.com/go-downloadview/downloadview/origin] opens a file at a URL.
//   - [github.com/go-downloadview/downloadview/archive] makes one ZIP or tar of many
//     files.
//   - [github.com/go-downloadview/downloadview/cache] keeps generated files.
//   - [github.com/go-downloadview/downloadview/offload] hands files over to nginx,
//     Caddy, Apache or lighttpd.
//   - [github.com/go-downloadview/downloadview/signing] makes links that expire.
//   - [github.com/go-downloadview/downloadview/downloadtest] tests downloads.
//
// Buckets are in a separate module,
// [github.com/go-downloadview/downloadview/storage/gcblob].
//
// [fs.File]: https://pkg.go.dev/io/fs#File
package downloadview

import "embed"

// Documentation has README.md and its like, and docs/, with the paths that they
// have in the repository. So the links from one page to another hold.
//
//go:embed README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md LICENSE docs/*.md docs/*.svg docs/*.png
var Documentation embed.FS
