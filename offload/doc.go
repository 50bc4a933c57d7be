// Package offload hands files over to a front server: the application decides who
// gets which file, and nginx, Caddy, Apache or lighttpd sends it. The application
// is done with a request before the first byte has left, however large the file
// and however slow the client is.
//
//	m, err := offload.New(offload.NGINX, offload.Options{
//		Rules: []offload.Rule{{Dir: "/srv/files", To: "/protected/"}},
//	})
//	...
//	r.Use(m.Wrap)
//
// [New] refuses settings that cannot work. [Middleware.Wrap] is middleware for a
// whole router, or for one view. The views stay as they are: whatever file on disk
// they return, below a rule's Dir, is handed over, and whatever has a URL that
// begins with a rule's URL. All else is sent by the application, as ever: content
// that is generated or in memory, files that are stored encoded, files with a name
// that the server cannot take, files that were replaced since they were opened. A
// line in the debug log says why.
//
// An answer that is handed over has status 200, no content, the file's header
// fields, and one that says where the file is. That one is removed by the server.
// The server serves ranges, and evaluates conditions by the validators that it
// sends. The view still decides about If-Modified-Since.
//
// # Safety
//
// Which server, which root and which location there are is said once, to New;
// nothing in a request takes part. So two things remain to be seen to:
//
//   - Only the front server may ask the application, which has to listen on a
//     loopback address: other clients would see the header, and no content.
//   - The internal location must be internal, and its paths end with a slash.
//
// [Check] looks at a deployment from outside; the command offload-check runs it.
// docs/configurations has a complete configuration for each kind of server, and
// docs/offload.md explains them.
//
// In django-downloadview: the middlewares and decorators of its packages nginx,
// apache and lighttpd.
package offload
