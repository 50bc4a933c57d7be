package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Download managers that people use fetch a generated file, whole, in segments,
// and where an interrupted download left off, and get the same bytes.
func TestClientsResume(t *testing.T) {
	srv := newTestServer(t)
	url := srv.URL + "/unicode.csv"
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	want, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	const name = "unicode.csv"
	tests := []struct {
		reason  string
		had     int // bytes of an interrupted download
		program string
		args    []string
	}{
		{"curl, whole", 0, "curl", []string{"-sS", "-f", "-O", url}},
		{"curl, resumed", 1_000_003, "curl", []string{"-sS", "-f", "-C", "-", "-O", url}},
		{"curl, resumed one byte before the end", len(want) - 1, "curl", []string{"-sS", "-f", "-C", "-", "-O", url}},
		{"wget, resumed", 1_000_003, "wget", []string{"-q", "-c", url}},
		{"wget, resumed where nothing is missing", len(want), "wget", []string{"-q", "-c", url}},
		{"aria2c, in segments", 0, "aria2c", []string{"-q", "-x8", "-s8", "-k1M", url}},
		{"aria2c, resumed", 1 << 20, "aria2c", []string{"-q", "-c", "-x8", "-s8", "-k1M", url}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			program, err := exec.LookPath(test.program)
			if err != nil {
				if os.Getenv("CI") != "" {
					t.Fatal(err)
				}
				t.Skipf("%s is not installed", test.program)
			}
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if test.had > 0 {
				if err := os.WriteFile(path, want[:test.had], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), program, test.args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", cmd, err, out)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%v: %d bytes that differ from the %d of the file", cmd, len(got), len(want))
			}
		})
	}
}
