package routers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// routers are the programs that docs/routers.md shows.
var routers = []struct {
	name string
	new  func(root *os.Root) http.Handler
}{
	{"ServeMux", newServeMux},
	{"chi", newChi},
	{"gorilla", newGorilla},
	{"gin", newGin},
	{"echo", newEcho},
}

// served is what lies in the root that the routers serve.
var served = fstest.MapFS{
	"hello.txt":     {Data: []byte("Hello world!\n")},
	"a/b/c d.txt":   {Data: []byte("nested\n")},
	"100%.txt":      {Data: []byte("a percent sign\n")},
	"%41.txt":       {Data: []byte("what looks like an escape\n")},
	"x/y.txt":       {Data: []byte("slash\n")},
	"x%2Fy.txt":     {Data: []byte("no slash\n")},
	"große+1.txt":   {Data: []byte("not ASCII\n")},
	".secret":       {Data: []byte("hidden\n")},
	"large/log.txt": {Data: []byte(rows(64 << 10))},
}

func openServed(t *testing.T) *os.Root {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, served); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func TestRouters(t *testing.T) {
	root := openServed(t)
	for _, router := range routers {
		t.Run(router.name, func(t *testing.T) {
			srv := httptest.NewServer(router.new(root))
			defer srv.Close()
			for _, tt := range []struct {
				method, target string
				status         int    // 0: any but 200, for routers differ
				body           string // of a 200
				reason         string
			}{
				{"GET", "/files/hello.txt", 200, "Hello world!\n", "a file"},
				{"GET", "/files/a/b/c%20d.txt", 200, "nested\n", "the wildcard is all of the rest"},
				{"GET", "/files/100%25.txt", 200, "a percent sign\n", "unescaped"},
				{"GET", "/files/%2541.txt", 200, "what looks like an escape\n", "unescaped once"},
				{"GET", "/files/x%2Fy.txt", 200, "slash\n", "an escaped slash is a slash"},
				{"GET", "/files/x%252Fy.txt", 200, "no slash\n", "and twice escaped it is none"},
				{"GET", "/files/gro%C3%9Fe+1.txt", 200, "not ASCII\n", "a plus is a plus"},
				{"GET", "/files/gro%C3%9Fe%2B1.txt", 200, "not ASCII\n", "however it is written"},
				{"GET", "/files/missing.txt", 404, "", "no such file"},
				{"GET", "/files/a", 404, "", "a directory"},
				{"GET", "/files/.secret", 404, "", "not for clients"},
				{"GET", "/files/..%2F..%2Fetc%2Fpasswd", 0, "", "out of the root"},
				{"HEAD", "/files/hello.txt", 200, "", "HEAD"},
				{"POST", "/files/hello.txt", 0, "", "neither GET nor HEAD"},
				{"GET", "/members/invoices/7", 401, "", "in the group, without login"},
				{"GET", "http://ada:secret@members/members/invoices/7", 200, "Invoice 7\n", "with it"},
				{"GET", "http://ada:secret@members/members/invoices/7%20b", 200, "Invoice 7 b\n", "a parameter is unescaped"},
				{"GET", "http://ada:secret@members/members/invoices/7%2525", 200, "Invoice 7%25\n", "once"},
				{"GET", "http://ada:secret@members/members/invoices/%37%2525", 200, "Invoice 7%25\n", "also where an escape is not needed"},
			} {
				req := httptest.NewRequest(tt.method, tt.target, nil)
				if user := req.URL.User; user != nil {
					password, _ := user.Password()
					req.SetBasicAuth(user.Username(), password)
				}
				req.RequestURI, req.URL.Scheme, req.URL.Host, req.URL.User = "", "http", srv.Listener.Addr().String(), nil
				resp, err := srv.Client().Transport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				asWanted := resp.StatusCode == tt.status || tt.status == 0 && resp.StatusCode != 200
				if !asWanted || tt.status == 200 && string(body) != tt.body || err != nil {
					t.Errorf("%s %s: %d %q, %v, want %d %q: %s", tt.method, tt.target, resp.StatusCode, body, err, tt.status, tt.body, tt.reason)
				}
			}
		})
	}
}

// Compression leaves alone what a client may resume, and compresses the rest.
func TestRoutersCompress(t *testing.T) {
	root := openServed(t)
	for _, router := range routers {
		t.Run(router.name, func(t *testing.T) {
			h := router.new(root)
			type answer struct {
				Status                int
				Encoding, Range, Body string
			}
			log := string(served["large/log.txt"].Data)
			for _, tt := range []struct {
				header string
				want   answer
			}{
				{"", answer{200, "identity", "", log}},
				{"bytes=1000-1009", answer{206, "identity", "bytes 1000-1009/65536", log[1000:1010]}},
			} {
				r := httptest.NewRequest("GET", "/files/large/log.txt", nil)
				r.Header.Set("Accept-Encoding", "gzip")
				if tt.header != "" {
					r.Header.Set("Range", tt.header)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				got := answer{w.Code, w.Header().Get("Content-Encoding"), w.Header().Get("Content-Range"), w.Body.String()}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("Range %q (-want +got):\n%s", tt.header, diff)
				}
			}
		})
	}
}
