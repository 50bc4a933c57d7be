package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "key=sesame" || r.URL.Path != "/a.txt" {
			http.NotFound(w, r)
			return
		}
		for key, value := range map[string]string{"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff", "ETag": `"v1"`} {
			w.Header().Set(key, value)
		}
		http.ServeContent(w, r, "a.txt", modified, strings.NewReader("content"))
	}))
	defer srv.Close()
	for _, tt := range []struct {
		args   []string
		status int
		stdout string
		stderr string // a part of it
	}{
		{[]string{"-header", "Cookie: key=sesame", srv.URL + "/a.txt", "/protected/a.txt"}, 0, `GET /a.txt: 200
HEAD /a.txt: 200
GET /a.txt, Range: bytes=3-, If-Range: "v1": 206
GET /a.txt, If-None-Match: "v1": 304
GET /a.txt, Accept-Encoding: gzip, br, zstd: 200
OPTIONS /a.txt: 200
GET /protected/a.txt: 404
all is well
` + unseen, ""},
		{[]string{srv.URL + "/a.txt"}, 1, "", "offload: status 404"},
		{[]string{"-header", "Cookie: key=sesame", srv.URL + "/a.txt", "/a.txt"}, 1, "", "/a.txt answers 200 from outside"},
		{[]string{"-header", "Cookie", srv.URL + "/a.txt"}, 2, "", "has no colon"},
		{[]string{"/a.txt"}, 2, "", "usage: offload-check"},
		{nil, 2, "", "usage: offload-check"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), tt.args, &stdout, &stderr)
		if status != tt.status || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%q: status %d, stdout %q, stderr %q", tt.args, status, &stdout, &stderr)
		}
	}
}

// Credentials are for the host that was named, and nobody else.
func TestCredentialsStay(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("X-Key"); got != "" {
			t.Errorf("another host got %q", got)
		}
	}))
	defer elsewhere.Close()
	srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer srv.Close()
	var out bytes.Buffer
	if status := run(t.Context(), []string{"-header", "X-Key: sesame", srv.URL}, &out, &out); status != 1 || !strings.Contains(out.String(), "redirected") {
		t.Errorf("status %d, output %s", status, &out)
	}
}

var modified = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
