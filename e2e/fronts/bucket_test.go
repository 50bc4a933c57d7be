package fronts_test

import (
	"encoding/binary"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/offload"
)

const secretOfBucket = "AKIA-the-key-of-the-bucket"

// newBucket returns a bucket that answers as buckets do, with errors of which
// clients must not see a byte. The name of an object is the status.
func newBucket(t *testing.T) *httptest.Server {
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "bucket")
		w.Header().Set("ETag", `"of-bucket"`)
		switch r.URL.Path {
		case "/k/200":
			if r.URL.RawQuery != "X-Sig=a%2Fb%3D&c=d+e" {
				t.Errorf("the query is %q", r.URL.RawQuery)
			}
			http.ServeContent(w, r, "a.txt", modified, strings.NewReader(content))
		case "/k/301":
			http.Redirect(w, r, "https://elsewhere.example/?"+secretOfBucket, http.StatusMovedPermanently)
		case "/k/307":
			http.Redirect(w, r, "https://elsewhere.example/?"+secretOfBucket, http.StatusTemporaryRedirect)
		case "/k/403":
			http.Error(w, "<Error><Code>AccessDenied</Code>"+secretOfBucket, http.StatusForbidden)
		case "/k/404":
			http.Error(w, "<Error><Code>NoSuchKey</Code>"+secretOfBucket, http.StatusNotFound)
		case "/k/503":
			http.Error(w, "<Error><Code>SlowDown</Code>"+secretOfBucket, http.StatusServiceUnavailable)
		default:
			t.Errorf("the bucket is asked for %s", r.URL)
		}
	}))
	t.Cleanup(bucket.Close)
	return bucket
}

// startBucket starts nginx in front of an application whose files are in a bucket,
// and returns its URL.
func startBucket(t *testing.T, bucket string, change func(config string) string) string {
	t.Helper()
	front := fronts.NGINXWith("nginx-bucket.conf")
	front.Program(t)
	app := newApplication(t, offload.NGINX, offload.Rule{URL: "https://bucket.example/", To: "/remote/"}, func(r *http.Request) (fs.File, error) {
		f := files.NewContentFile("sent by the application", "a.txt")
		f.URL = "https://bucket.example/k/" + r.PathValue("path") + "?X-Sig=a%2Fb%3D&c=d+e"
		return f, nil
	}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "app")
			w.Header()["Vary"] = []string{"Origin", "Cookie"}
			next.ServeHTTP(w, r)
		})
	})
	drain(t, app)
	return front.StartWith(t, func(address string) string {
		return change(strings.Replace(front.Configuration(t, app.address, "", address), "set $bucket https://bucket.example", "set $bucket http://"+bucket, 1))
	})
}

// What the bucket says of an error, and where it redirects to, no client sees. What
// conditions and ranges come to passes.
func TestErrorsOfBucket(t *testing.T) {
	bucket := newBucket(t)
	base := startBucket(t, bucket.Listener.Addr().String(), func(config string) string { return config })
	down := startBucket(t, "127.0.0.1:1", func(config string) string { return config })
	for _, tt := range []struct {
		reason, url, header string
		status              int
		body                string // "": nginx's own page
	}{
		{"there", base + "/200", "", 200, content},
		{"a part", base + "/200", "Range: bytes=0-1", 206, "01"},
		{"no such part", base + "/200", "Range: bytes=9999-", 416, "invalid range: failed to overlap\n"},
		{"the client has it", base + "/200", `If-None-Match: "of-bucket"`, 304, ""},
		{"the client does not have it", base + "/200", `If-Match: "other"`, 412, ""},
		{"not there", base + "/404", "", 404, ""},
		{"forbidden", base + "/403", "", 502, ""},
		{"moved", base + "/301", "", 502, ""},
		{"moved for a while", base + "/307", "", 502, ""},
		{"busy", base + "/503", "", 502, ""},
		{"down", down + "/200", "", 502, ""},
	} {
		resp, body := get(t, "GET", tt.url, tt.header)
		if resp.StatusCode != tt.status || tt.body != "" && body != tt.body || tt.status > 499 && !strings.Contains(body, "<center>nginx") {
			t.Errorf("%s: status %d, want %d; body %q", tt.reason, resp.StatusCode, tt.status, body)
		}
		var header strings.Builder
		if err := resp.Header.Write(&header); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(body+header.String(), secretOfBucket) || resp.Header.Get("Location") != "" {
			t.Errorf("%s: the client sees what the bucket said: %v %q", tt.reason, resp.Header, body)
		}
		if tt.status < 300 && (!strings.Contains(strings.Join(resp.Header["Content-Security-Policy"], ", "), "app") || resp.Header.Get("Vary") != "Origin, Cookie") {
			t.Errorf("%s: header %v", tt.reason, resp.Header)
		}
	}
}

// nginx looks the bucket's name up again when its address has changed.
func TestBucketMoves(t *testing.T) {
	var answers atomic.Int32
	bucket := func(address string) (*httptest.Server, string) {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host+" "+address) }))
		srv.Listener.Close()
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		srv.Listener = l
		srv.Start()
		t.Cleanup(srv.Close)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		return srv, port
	}
	_, port := bucket("127.0.0.2:0")
	bucket("127.0.0.3:" + port)
	resolver := startResolver(t, func() net.IP {
		answers.Add(1)
		if answers.Load() == 1 {
			return net.IPv4(127, 0, 0, 2)
		}
		return net.IPv4(127, 0, 0, 3)
	})
	base := startBucket(t, "bucket.example:"+port, func(config string) string {
		return strings.Replace(config, "resolver 127.0.0.53;", "resolver "+resolver+" ipv6=off;", 1)
	})
	deadline := time.Now().Add(20 * time.Second)
	for first := true; ; first = false {
		_, body := get(t, "GET", base+"/x")
		if want := "bucket.example 127.0.0.2:0"; first && body != want {
			t.Fatalf("the first bucket answers %q, want %q", body, want)
		}
		if body == "bucket.example 127.0.0.3:"+port {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx still asks the first: %q; %d answers of the resolver", body, answers.Load())
		}
	}
}

// startResolver starts a name server that answers each question by an address that
// is good for a second (RFC 1035 §4), and returns where it listens.
func startResolver(t *testing.T, address func() net.IP) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return // closed
			}
			reply := append([]byte{}, buf[:n]...) // the question, once more
			binary.BigEndian.PutUint16(reply[2:], 0x8180)
			binary.BigEndian.PutUint16(reply[6:], 1)
			reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4)
			if _, err := conn.WriteTo(append(reply, address().To4()...), from); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return conn.LocalAddr().String()
}
