// Package servertest is what the tests of this module share: servers over each
// version of HTTP, the answers of their clients, the log, and files
// that count how often they are closed.
//
//	servertest.OverEach(t, handler, func(t *testing.T, srv *servertest.Server) {
//		srv.Do(t, "GET", "/report.csv", "Range", "bytes=0-4").Check(t, 206, "a,b,c")
//	})
package servertest
