// Package views turns a struct that knows which file answers a request into an
// HTTP handler.
//
// Embed a view, say which file, mount it:
//
//	type TextDownloadView struct{ views.VirtualDownloadView }
//
//	func (TextDownloadView) GetFile(*http.Request) (fs.File, error) {
//		return files.NewContentFile("Hello world!", "hello-world.txt"), nil
//	}
//
//	views.Mount(r, "/text", TextDownloadView{})
//
// For each request the view's hooks are called in this order, on the value that
// was mounted:
//
//	GetFile           which file? An error goes to HandleError.
//	GetOptions        how is it presented? Default: the view's Options.
//	WasModifiedSince  has it changed? Only where If-Modified-Since counts.
//	HandleError       what if it fails before the first byte?
//
// # The one law of embedding
//
// A method of an embedded struct never calls a method of the struct around it.
// So no method of an embeddable view calls another hook; only [AsView] does, on
// the outer value. That is why views have no ServeHTTP: a view's own would
// serve the embedded view's file.
//
// For the same reason a method of the outer struct with the name of a field that
// is a function, such as Path, would not be called. AsView refuses it. A field of
// the outer struct is its own, whatever its name.
//
// A view is shared by all requests. Hooks take the request, and keep nothing of
// it on the view.
package views
