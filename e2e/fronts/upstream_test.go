package fronts_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// An empty file arrives, whoever sends it.
func TestEmptyFile(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		writeOld(t, filepath.Join(dir, "empty.txt"), "")
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir))
		resp, body := get(t, "GET", front.Start(t, app.address, dir)+"/empty.txt")
		handedOver := app.outcome().Ending == response.HandedOver
		if resp.StatusCode != 200 || body != "" || resp.ContentLength != 0 || handedOver == (front.Kind == offload.CaddyRaw) {
			t.Errorf("status %d, %d bytes, handed over: %v", resp.StatusCode, resp.ContentLength, handedOver)
		}
		if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="empty.txt"` {
			t.Errorf("Content-Disposition: %q", got)
		}
	})
}

// Every line of a field reaches the client, in one or in several.
func TestFieldsOfSeveralLines(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		fields := http.Header{"Vary": {"Origin", "Cookie"}, "Content-Security-Policy": {"default-src 'none'", "sandbox"}}
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir), func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for key, lines := range fields {
					w.Header()[key] = lines
				}
				next.ServeHTTP(w, r)
			})
		})
		drain(t, app)
		url := front.Start(t, app.address, dir) + "/a.txt"
		resp, _ := get(t, "GET", url)
		for key, lines := range fields {
			for _, line := range lines { // Caddy and Apache write Vary anew
				if got := strings.Join(resp.Header[key], ", "); !strings.Contains(got, line) {
					t.Errorf("%s: %q, want %q in it", key, got, line)
				}
			}
		}
		if err := offload.Check(t.Context(), client, url); err != nil {
			t.Error(err)
		}
	})
}

// The configuration has nginx ask by HTTP/1.1. Where its line is missing, the log
// says so.
func TestHTTP10IsNoticed(t *testing.T) {
	front := fronts.NGINX()
	dir := fronts.Dir(t)
	writeFile(t, filepath.Join(dir, "a.txt"), content)
	for line, want := range map[string]int{"proxy_http_version 1.1;": 0, "": 1} {
		logs := servertest.CaptureLog(t)
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir))
		drain(t, app)
		url := front.StartWith(t, func(address string) string {
			return strings.Replace(front.Configuration(t, app.address, dir, address), "proxy_http_version 1.1;", line, 1)
		})
		for range 2 {
			get(t, "GET", url+"/a.txt")
		}
		if got := strings.Count(logs.String(), "the front server asks by HTTP/1.0"); got != want {
			t.Errorf("%q: %d warnings, want %d:\n%s", line, got, want, logs)
		}
	}
}

// A client that is slow and steady gets all of what the application sends, and is
// not broken off by WriteTimeout: nginx takes in no more than the client does. With
// a temporary file, which is its default, it would: such a client begins to read
// when the file is full.
func TestSlowClient(t *testing.T) {
	const size, rate = 60 << 20, 12 << 20
	front := fronts.NGINX()
	front.Program(t)
	for setting, ahead := range map[string]int64{"proxy_max_temp_file_size 0;": 0, "proxy_max_temp_file_size 36m;": 36 << 20} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			servertest.CaptureLog(t)
			content := generated{size, ahead, make(chan struct{})}
			app := httptest.NewServer(views.AsView(content))
			defer app.Close()
			url := front.StartWith(t, func(address string) string {
				return strings.Replace(front.Configuration(t, app.Listener.Addr().String(), t.TempDir(), address), "proxy_max_temp_file_size 0;", setting, 1)
			})
			n, err := readSlowly(t, url, rate, content.made)
			if whole := err == nil && n == size; whole != (ahead == 0) {
				t.Errorf("%d bytes of %d, %v", n, size, err)
			}
		})
	}
}

// generated is a view of so many bytes, with a timeout for each write.
type generated struct {
	size, ahead int64
	made        chan struct{} // closed when the first ahead bytes were sent
}

func (v generated) GetFile(*http.Request) (fs.File, error) {
	f := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		piece := bytes.Repeat([]byte("a"), 64<<10)
		for at := int64(0); at < v.size; at += int64(len(piece)) {
			if at == v.ahead {
				close(v.made)
			}
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		return nil
	}), "generated.txt")
	f.Size = v.size
	return f, nil
}

func (generated) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

func (generated) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{WriteTimeout: 1500 * time.Millisecond}
}

// readSlowly reads an answer at a rate in bytes a second, through a small buffer, from
// when begin is closed.
func readSlowly(t *testing.T, url string, rate int, begin <-chan struct{}) (n int64, err error) {
	t.Helper()
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-begin
	const pieces = 50 // a second
	tick := time.NewTicker(time.Second / pieces)
	defer tick.Stop()
	for {
		m, err := io.CopyN(io.Discard, resp.Body, int64(rate/pieces))
		n += m
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		<-tick.C
	}
}
