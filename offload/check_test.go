package offload_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/offload"
)

// front is a front server in which one thing may be wrong.
type front struct {
	path  string                            // of the file
	wrong func(w http.ResponseWriter) bool  // makes the header wrong; true: it has answered
	r     func(*http.Request) *http.Request // makes the request another
}

func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header()["Vary"] = []string{"Accept", "Origin"}
		http.Error(w, "no", http.StatusMethodNotAllowed)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/protected/") {
		http.NotFound(w, r)
		return
	}
	for key, value := range map[string]string{
		"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'",
		"ETag": `"v1"`, "Vary": "Origin, Accept",
	} {
		w.Header().Set(key, value)
	}
	if f.wrong != nil && f.wrong(w) {
		return
	}
	if f.r != nil {
		r = f.r(r)
	}
	http.ServeFile(w, r, f.path)
}

func without(keys ...string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		for _, key := range keys {
			w.Header().Del(key)
		}
		return false
	}
}

func with(key, value string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.Header().Set(key, value)
		return false
	}
}

func status(code int) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(code)
		return true
	}
}

func ignoring(key string) func(*http.Request) *http.Request {
	return func(r *http.Request) *http.Request {
		r.Header.Del(key)
		return r
	}
}

// Each fault is found, and no other with it.
func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	writeFile(t, path, "The content of the probe.")
	empty := filepath.Join(t.TempDir(), "empty.txt")
	writeFile(t, empty, "")
	for _, tt := range []struct {
		reason   string
		handler  http.Handler
		internal []string
		want     []string // a part of each fault
	}{
		{"all is well", front{path: path}, []string{"/protected/a.txt"}, nil},
		{"without a front server", middleware(t, offload.NGINX, offload.Rule{Dir: filepath.Dir(path), To: "/protected/"}).Wrap(opening(path)), nil,
			[]string{"the client sees X-Accel-Redirect: nothing in front acts on it"}},
		{"without mod_xsendfile", middleware(t, offload.Apache, offload.Rule{Dir: filepath.Dir(path)}).Wrap(opening(path)), nil,
			[]string{`the client sees X-Sendfile: nothing in front acts on it`}},
		{"not readable", front{wrong: status(403)}, nil, []string{"status 403: the front server's user must be able to read"}},
		{"not there", front{wrong: status(404)}, nil, []string{"status 404: the file is not where the rule's To leads"}},
		{"too large a head", front{wrong: status(502)}, nil, []string{"proxy_buffer_size"}},
		{"something else", front{wrong: status(500)}, nil, []string{"status 500, want 200"}},
		{"no content", front{path: empty}, nil, []string{"the file is empty"}},
		{"breaks off", front{wrong: func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "a part")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}}, nil, []string{"breaks off after 6 bytes"}},
		{"a login", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/login" {
				http.Redirect(w, r, "/login", http.StatusFound)
			}
		}), nil, []string{"redirected to"}},
		{"no name", front{path: path, wrong: without("Content-Disposition")}, nil, []string{"Content-Disposition is lost"}},
		{"no nosniff", front{path: path, wrong: without("X-Content-Type-Options")}, nil,
			[]string{`"add_header X-Content-Type-Options $upstream_http_x_content_type_options always"`}},
		{"a field of other answers is lost", front{path: path, wrong: without("Content-Security-Policy")}, nil, []string{"Content-Security-Policy is lost"}},
		{"another value", front{path: path, wrong: with("Content-Security-Policy", "sandbox")}, nil, []string{`Content-Security-Policy is ["sandbox"] with the file`}},
		{"a value more", front{path: path, wrong: with("Content-Security-Policy", "sandbox, default-src 'none'")}, nil, nil},
		{"one line of two", front{path: path, wrong: with("Vary", "Accept")}, nil, []string{`Vary is ["Accept"] with the file, and ["Accept" "Origin"] with`}},
		{"seen", front{path: path, wrong: with("X-Accel-Limit-Rate", "1")}, nil, []string{"the client sees X-Accel-Limit-Rate"}},
		{"a weak tag", front{path: path, wrong: with("ETag", `W/"v1"`)}, nil, []string{`weak, and good for no range`}},
		{"everybody's tag", front{path: path, wrong: with("ETag", `"0"`)}, nil, []string{`mod_xsendfile gives to every file`}},
		{"no ranges", front{path: path, r: ignoring("Range")}, nil, []string{"a range is answered by all of the file"}},
		{"no conditions", front{path: path, r: ignoring("If-None-Match")}, nil, []string{"is answered by status 200, want 304"}},
		{"compressed", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				w.Header().Set("Content-Encoding", "gzip")
			}
			front{path: path}.ServeHTTP(w, r)
		}), nil, []string{"compressed (gzip)"}},
		{"no internal location", front{path: path}, []string{"/protected/a.txt", "/a.txt"}, []string{`/a.txt answers 200 from outside, want 404: its location needs "internal"`}},
		{"two faults", front{path: path, wrong: without("Content-Disposition", "X-Content-Type-Options")}, nil, []string{"Content-Disposition", "X-Content-Type-Options"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			srv := httptest.NewServer(tt.handler)
			defer srv.Close()
			err := offload.Check(t.Context(), srv.Client(), srv.URL+"/download", tt.internal...)
			var faults []error
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				faults = joined.Unwrap()
			}
			if len(faults) != len(tt.want) {
				t.Fatalf("faults %v, want %q", err, tt.want)
			}
			for i, fault := range faults {
				if !strings.HasPrefix(fault.Error(), "offload: ") || !strings.Contains(fault.Error(), tt.want[i]) {
					t.Errorf("fault %v, want %q", fault, tt.want[i])
				}
			}
		})
	}
}

// What keeps Check from asking at all is an error that can be looked at.
func TestCheckCannotAsk(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := offload.Check(ctx, nil, "http://127.0.0.1:1/"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if err := offload.Check(t.Context(), nil, "http://127.0.0.1:x/"); err == nil {
		t.Error("no error of a URL that is none")
	}
}
