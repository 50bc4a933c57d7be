package downloadtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// recorder is a test that remembers its failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Error(args ...any)                 { r.failures = append(r.failures, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

// answer returns a response without a server.
func answer(status int, body string, fields ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(fields); i += 2 {
		h.Add(fields[i], fields[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func TestAssert(t *testing.T) {
	csv := func(disposition string) *http.Response {
		return answer(200, "a,b\n", "Content-Type", "text/csv; charset=utf-8", "Content-Disposition", disposition)
	}
	const (
		plain    = `attachment; filename="a.csv"`
		extended = `attachment; filename="_.csv"; filename*=UTF-8''%C3%A9.csv`
	)
	broken := csv(plain)
	broken.Body = io.NopCloser(io.MultiReader(strings.NewReader("a,"), brokenReader{}))

	for _, tc := range []struct {
		name   string
		reason string
		resp   *http.Response
		want   downloadtest.Want
		failed []string
	}{
		{"zero", "an attachment, whatever it is", csv(plain), downloadtest.Want{}, nil},
		{"all", "everything as wanted", csv(plain), downloadtest.Want{
			Name: "a.csv", Fallback: "a.csv", ContentType: "text/csv", Content: []byte("a,b\n"),
		}, nil},
		{"extended name", "filename* is preferred, RFC 6266 §4.3", csv(extended), downloadtest.Want{Name: "é.csv", Fallback: "_.csv"}, nil},
		{"extended name first", "the order does not matter, RFC 6266 §4.1", csv(`attachment; FileName*=utf-8'en'%C3%A9.csv; filename="_.csv"`),
			downloadtest.Want{Name: "é.csv", Fallback: "_.csv"}, nil},
		{"quoted", "a filename may look like parameters", csv(`attachment; filename="a; filename*=b\"; c"`),
			downloadtest.Want{Name: `a; filename*=b"; c`, Fallback: `a; filename*=b"; c`}, nil},
		{"token", "a filename without quotes", csv(`attachment; filename=a.csv`), downloadtest.Want{Name: "a.csv"}, nil},
		{"inline", "as wanted", csv(`inline; filename="a.csv"`), downloadtest.Want{Name: "a.csv", Inline: true}, nil},
		{"type with parameters", "as wanted, in another spelling", csv(plain), downloadtest.Want{ContentType: `Text/CSV;charset="utf-8"`}, nil},
		{"empty content", "not looked at is not empty", answer(200, "", "Content-Disposition", plain), downloadtest.Want{Content: []byte{}}, nil},

		{"status", "nothing else counts then", answer(404, "Not Found\n"), downloadtest.Want{Name: "a.csv"},
			[]string{`status 404, want 200; the body is "Not Found\n"`}},
		{"no disposition", "not a download", answer(200, "x"), downloadtest.Want{}, []string{"0 fields Content-Disposition, want 1"}},
		{"two dispositions", "clients disagree on which counts",
			answer(200, "x", "Content-Disposition", plain, "Content-Disposition", plain), downloadtest.Want{},
			[]string{"2 fields Content-Disposition, want 1"}},
		{"malformed", "a quote is missing", csv(`attachment; filename="a`), downloadtest.Want{},
			[]string{`Content-Disposition: attachment; filename="a: mime: invalid media parameter`}},
		{"name", "another", csv(extended), downloadtest.Want{Name: "_.csv"}, []string{"name (-want +got):\n- \"_.csv\"\n+ \"é.csv\""}},
		{"fallback", "another", csv(extended), downloadtest.Want{Fallback: "e.csv"},
			[]string{"name for clients that know no filename* (-want +got):\n- \"e.csv\"\n+ \"_.csv\""}},
		{"attachment wanted", "the zero value", csv(`inline; filename="a.csv"`), downloadtest.Want{},
			[]string{"disposition (-want +got):\n- \"attachment\"\n+ \"inline\""}},
		{"inline wanted", "an attachment", csv(plain), downloadtest.Want{Inline: true},
			[]string{"disposition (-want +got):\n- \"inline\"\n+ \"attachment\""}},
		{"type", "another", csv(plain), downloadtest.Want{ContentType: "text/plain"},
			[]string{"Content-Type (-want +got):\n- \"text/plain\"\n+ \"text/csv; charset=utf-8\""}},
		{"parameter", "another", csv(plain), downloadtest.Want{ContentType: "text/csv; charset=latin1"},
			[]string{"Content-Type (-want +got):\n- \"text/csv; charset=latin1\"\n+ \"text/csv; charset=utf-8\""}},
		{"content", "another", csv(plain), downloadtest.Want{Content: []byte("a,c\n")},
			[]string{"content differs at byte 2 (-want +got):\n- \"a,c\\n\" (4 bytes in all)\n+ \"a,b\\n\" (4 bytes in all)"}},
		{"content wanted empty", "an empty slice is not nil", csv(plain), downloadtest.Want{Content: []byte{}},
			[]string{"content differs at byte 0 (-want +got):\n- \"\" (0 bytes in all)\n+ \"a,b\\n\" (4 bytes in all)"}},
		{"long content", "only where it differs", answer(200, strings.Repeat("x", 200), "Content-Disposition", plain),
			downloadtest.Want{Content: []byte(strings.Repeat("x", 100))},
			[]string{"content differs at byte 100 (-want +got):\n- …\"xxxxxxxxxx\" (100 bytes in all)\n+ …\"" +
				strings.Repeat("x", 60) + "\"… (200 bytes in all)"}},
		{"broken off", "an incomplete body", broken, downloadtest.Want{}, []string{"the download broke off after 2 bytes: unexpected EOF"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r recorder
			downloadtest.Assert(&r, tc.resp, tc.want)
			if d := cmp.Diff(tc.failed, r.failures); d != "" {
				t.Errorf("failures (-want +got), %s:\n%s", tc.reason, d)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAssertLeavesTheBody(t *testing.T) {
	resp := answer(200, "Hello", "Content-Disposition", "attachment")
	downloadtest.Assert(t, resp, downloadtest.Want{Content: []byte("Hello")})
	downloadtest.Assert(t, resp, downloadtest.Want{Content: []byte("Hello")})
}

func TestAssertNotModified(t *testing.T) {
	for _, tc := range []struct {
		name   string
		resp   *http.Response
		failed []string
	}{
		{"good", answer(304, "", "Etag", `"1"`), nil},
		{"status", answer(200, "x"), []string{"status 200, want 304"}},
		{"body", answer(304, "x"), []string{`a 304 with a body: "x"`}},
		{"type", answer(304, "", "Content-Type", "text/plain"),
			[]string{`a 304 describes content that it does not have: Content-Type: ["text/plain"]`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r recorder
			downloadtest.AssertNotModified(&r, tc.resp)
			if d := cmp.Diff(tc.failed, r.failures); d != "" {
				t.Errorf("failures (-want +got):\n%s", d)
			}
		})
	}
}

func TestAssertPartial(t *testing.T) {
	const whole = "Hello world!"
	// ask returns the library's own answer.
	ask := func(ranges string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", ranges)
		w := httptest.NewRecorder()
		response.New(files.NewContentFile(whole, "hello.txt"), response.Options{}).ServeHTTP(w, r)
		return w.Result()
	}
	for _, tc := range []struct {
		name   string
		resp   *http.Response
		ranges []string
		failed []string
	}{
		{"one", ask("bytes=0-4"), []string{"0-4"}, nil},
		{"several", ask("bytes=-1,0-0"), []string{"11-11", "0-0"}, nil},
		{"any", ask("bytes=3-"), nil, nil},
		{"status", ask("bytes=x"), nil, []string{`status 200, want 206; the body is "Hello world!"`}},
		{"other range", ask("bytes=0-4"), []string{"0-5"}, []string{"ranges (-want +got):\n- \"0-5\"\n+ \"0-4\""}},
		{"other order", ask("bytes=-1,0-0"), []string{"0-0", "11-11"}, []string{"ranges (-want +got):\n- \"0-0, 11-11\"\n+ \"11-11, 0-0\""}},
		{"other content", answer(206, "hell", "Content-Range", "bytes 0-3/12"), nil,
			[]string{"range 0-3: content differs at byte 0 (-want +got):\n- \"Hell\" (4 bytes in all)\n+ \"hell\" (4 bytes in all)"}},
		{"other size", answer(206, "Hell", "Content-Range", "bytes 0-3/13"), nil, []string{"range 0-3 of 13 bytes, want of 12"}},
		{"beyond the end", answer(206, "!", "Content-Range", "bytes 12-12/12"), nil, []string{"range 12-12 is not within 12 bytes"}},
		{"no range", answer(206, "Hell"), nil, []string{`Content-Range: "" is not as in RFC 9110 §14.4`}},
		{"more than a range", answer(206, "Hell", "Content-Range", "bytes 0-3/12 or so"), nil,
			[]string{`Content-Range: "bytes 0-3/12 or so" is not as in RFC 9110 §14.4`}},
		{"no parts", answer(206, "--x--", "Content-Type", "multipart/byteranges; boundary=x"), nil, []string{"multipart/byteranges: EOF"}},
		{"cut multipart", answer(206, "--x\r\nContent-Range: bytes 0-3/12\r\n\r\nHell", "Content-Type", "multipart/byteranges; boundary=x"), nil,
			[]string{"multipart/byteranges: unexpected EOF"}},
		{"multipart with a range", answer(206, "--x--", "Content-Type", "multipart/byteranges; boundary=x", "Content-Range", "bytes 0-3/12"), nil,
			[]string{"a multipart/byteranges with a Content-Range of its own (RFC 9110 §15.3.7.2)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r recorder
			downloadtest.AssertPartial(&r, tc.resp, []byte(whole), tc.ranges...)
			if d := cmp.Diff(tc.failed, r.failures); d != "" {
				t.Errorf("failures (-want +got):\n%s", d)
			}
		})
	}
}
