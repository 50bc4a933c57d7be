package archive_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/views"
)

// Download managers that people use resume an archive, and fetch it in segments.
func TestClientsResume(t *testing.T) {
	w := new(watch)
	entries := mixed(w)
	for _, name := range []string{"one", "two", "three"} {
		entries = append(entries, w.entry(name, text(3<<20), kind{size: true, time: true, seek: name != "two"}))
	}
	want := whole(t, entries)
	srv := httptest.NewServer(views.AsView(view(entries)))
	defer srv.Close()
	url := srv.URL + "/all.zip"
	for _, tt := range []struct {
		reason  string
		had     int // bytes of an interrupted download
		program string
		args    []string
	}{
		{"whole", 0, "curl", []string{"-sS", "-f", "-O", url}},
		{"in the middle of an entry", 4_000_000, "curl", []string{"-sS", "-f", "-C", "-", "-O", url}},
		{"in the directory", len(want) - 100, "curl", []string{"-sS", "-f", "-C", "-", "-O", url}},
		{"one byte before the end", len(want) - 1, "wget", []string{"-q", "-c", url}},
		{"in segments", 0, "aria2c", []string{"-q", "-x8", "-s8", "-k1M", url}},
		{"the rest in segments", 1 << 20, "aria2c", []string{"-q", "-c", "-x8", "-s8", "-k1M", url}},
	} {
		t.Run(tt.program+", "+tt.reason, func(t *testing.T) {
			mustHave(t, tt.program)
			dir := t.TempDir()
			path := filepath.Join(dir, "all.zip")
			if tt.had > 0 {
				if err := os.WriteFile(path, want[:tt.had], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), tt.program, tt.args...)
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
				t.Errorf("%v: %d bytes that differ from the %d of the archive", cmd, len(got), len(want))
			}
		})
	}
}
