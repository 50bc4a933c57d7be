package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBehind(t *testing.T) {
	s, err := openStores()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	srv := httptest.NewUnstartedServer(nil)
	addr := srv.Listener.Addr().String()
	handler, config, err := behind("nginx", newRouter(newExamples(s), s.log), addr, s.disk.Name())
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = handler
	srv.Start()
	defer srv.Close()
	resp, body := get(t, srv.URL+"/disk/main.go", nil)
	if resp.Header.Get("X-Accel-Redirect") != "/protected/main.go" || len(body) > 0 {
		t.Errorf("not handed over: %v", resp.Header)
	}
	if resp, _ := get(t, srv.URL+"/text", nil); resp.Header.Get("X-Accel-Redirect") != "" {
		t.Error("text in memory was handed over")
	}
	runNGINX(t, config, s.disk.Name())
}

// runNGINX asks the demo through nginx, as its user does.
func runNGINX(t *testing.T, config, disk string) {
	program, err := exec.LookPath("/usr/sbin/nginx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("nginx is not installed")
	}
	taken := listenLoopback(t)
	front := taken.Addr().String()
	taken.Close()
	dir := t.TempDir()
	config = strings.ReplaceAll(config, "127.0.0.1:8080", front)
	if os.Geteuid() == 0 { // else the workers are somebody who cannot read the directory of a test
		config = "user root;\n" + config
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", ".", "-e", "stderr", "-c", "nginx.conf")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt) // its workers end with it
		_ = cmd.Wait()
	}()
	want, err := os.ReadFile(filepath.Join(disk, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		resp, err := http.Get("http://" + front + "/disk/main.go")
		if err == nil {
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil || string(got) != string(want) || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("through nginx: status %d, %d bytes, %v", resp.StatusCode, len(got), err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // until it listens
	}
}

func TestBehindOthers(t *testing.T) {
	handler, config, err := behind("", http.NotFoundHandler(), "127.0.0.1:8000", "/srv")
	if handler == nil || config != "" || err != nil {
		t.Errorf("no server: config %q, error %v", config, err)
	}
	if _, _, err := behind("iis", http.NotFoundHandler(), "127.0.0.1:8000", "/srv"); err == nil || err.Error() != "-behind iis: there is a configuration for nginx only" {
		t.Errorf("error %v", err)
	}
}
