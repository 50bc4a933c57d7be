// Package downloadtest tests the downloads of a program, and your own views.
//
// In the tests of a program, [Assert] compares a response with a [Want]:
//
//	downloadtest.Assert(t, resp, downloadtest.Want{
//		Name:        "report.csv",
//		ContentType: "text/csv",
//		Content:     []byte("a,b\n"),
//	})
//
// [AssertNotModified] and [AssertPartial] are for the answers to conditions and
// ranges. They look at an [http.Response], wherever it comes from: a real
// server, or the Result of an httptest.ResponseRecorder. [AssertBroken] is for
// downloads that fail midway, which takes a real server.
//
// [TestView] puts a view through everything that HTTP demands of a download, as
// testing/fstest does with a file system:
//
//	func TestReport(t *testing.T) {
//		downloadtest.TestView(t, ReportView{})
//	}
//
// It asks over real connections, of HTTP/1.1 and of HTTP/2 ([Over] adds others, as
// HTTP/3), and each thing that can be wrong is a subtest:
//
//	headers       Content-Disposition, Content-Type, nosniff         headers.go
//	HEAD          the same header fields as GET, no work             headers.go
//	POST          refused                                            headers.go
//	same_content  one entity tag, one content                        headers.go
//	conditions    304 and 412 where they are due                     conditions.go
//	ranges        206 and 416 where they are due, the right bytes    ranges.go
//	codings       what Accept-Encoding gets, kept apart              codings.go
//	closing       every file is closed, once                         closing.go
//	failure       a broken download never looks complete             failure.go
//	goroutines    none stays                                         goroutines.go
//
// [TestHandler] does the same for a handler that is no view, without closing and
// failure.
package downloadtest
