package response_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/response"
)

// zsync, which AppImages are updated with, asks for several ranges at once. It
// drops the first line of what comes unseen, and asks for ever if that was the
// boundary.
func TestZsync(t *testing.T) {
	for _, program := range []string{"zsync", "zsyncmake"} {
		if _, err := exec.LookPath(program); err != nil {
			cannotRun(t, "a program is missing", err)
		}
	}
	content := text(1 << 20)
	old := []byte(content)
	for i := 10_000; i < len(old); i += 50_000 {
		copy(old[i:], strings.Repeat("#", 3000))
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, content := range map[string][]byte{"new.txt": []byte(content), "old.txt": old} {
		if err := os.WriteFile(in(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var several, requests atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 100 {
			http.Error(w, "zsync asks for ever", http.StatusTooManyRequests)
			return
		}
		if strings.Contains(r.Header.Get("Range"), ",") {
			several.Add(1)
		}
		send(open(t, in(filepath.Base(r.URL.Path))), response.Options{}).ServeHTTP(w, r)
	}))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, args := range [][]string{
		{"zsyncmake", "-u", srv.URL + "/new.txt", "-o", in("new.zsync"), in("new.txt")},
		{"zsync", "-q", "-i", in("old.txt"), "-o", in("got.txt"), srv.URL + "/new.zsync"},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
	}
	if got, err := os.ReadFile(in("got.txt")); err != nil || string(got) != content {
		t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
	}
	if several.Load() == 0 {
		t.Error("zsync has not asked for several ranges: what was tested?")
	}
	t.Logf("%d requests", requests.Load())
}
