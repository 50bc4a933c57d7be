package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestSignedCurlLines runs the lines that the page shows, with a clock that does
// not take a minute for a minute.
func TestSignedCurlLines(t *testing.T) {
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	stores, err := openStores()
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	var elapsed atomic.Int64
	start := time.Now().Truncate(time.Second)
	stores.signer.Now = func() time.Time { return start.Add(time.Duration(elapsed.Load())) }
	examples := newExamples(stores)
	srv := httptest.NewServer(newRouter(examples))
	defer srv.Close()
	var lines []string
	for _, e := range examples {
		if e.ID == "signed" {
			lines = e.CurlLines(srv.Listener.Addr().String())
		}
	}
	if len(lines) != 3 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	shell := func(script string, env ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "sleep() { :; }; "+script)
		cmd.Env = append(append(os.Environ(), "no_proxy=127.0.0.1"), env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		return string(out)
	}
	want := func(out string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(out, part) {
				t.Errorf("no %q in the answer:\n%.800s", part, out)
			}
		}
	}
	want(shell(lines[0]), "302 Found", "200 OK", "private, max-age=60", "package main")
	out, link, _ := strings.Cut(shell(lines[1]+`; printf 'link=%s' "$link"`), "link=")
	want(out, "403 Forbidden", "no-store")
	want(shell(`curl -i "$link"`, "link="+link), "200 OK")
	elapsed.Store(int64(time.Minute))
	want(shell(lines[2], "link="+link), "410 Gone", "no-store")
}

func TestPrivateFilesNeedALink(t *testing.T) {
	srv := newTestServer(t)
	if status := head(t, srv.URL+"/private/signing.go"); status != http.StatusForbidden {
		t.Errorf("status %d, want 403", status)
	}
}
