package main

import (
	"archive/tar"
	"archive/zip"
	"crypto/sha256"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDownloads(t *testing.T) {
	srv := newTestDemo(t)
	for _, tt := range []struct{ path, disposition, contentType, begin, end string }{
		{"/copy.csv", `attachment; filename="copy.csv"`, "text/csv; charset=utf-8", "0,customer 0,0.00 EUR\n", "EUR\n"},
		{"/report.csv", `attachment; filename="report.csv"`, "text/csv; charset=utf-8", "  1,    7919 EUR,run of ", "\n"},
		{"/text", `attachment; filename="hello-world.txt"`, "text/plain; charset=utf-8", "Hello world!\n", "\n"},
		{"/fibonacci.txt", `attachment; filename="fibonacci.txt"`, "text/plain; charset=utf-8", "F(0) = 0\nF(1) = 1\nF(2) = 1\nF(3) = 2\n", "\n"},
		{"/proxy.txt", `attachment; filename="fibonacci-by-proxy.txt"`, "text/plain; charset=utf-8", "F(0) = 0\n", "\n"},
		{"/disk/main.go", `attachment; filename="main.go"`, "text/plain; charset=utf-8", "// Command demo", "}\n"},
		{"/embedded/page.css", `attachment; filename="page.css"`, "text/css; charset=utf-8", ":root {", "}\n"},
		{"/documents/7", `attachment; filename="_______ _ 7.go"; filename*=UTF-8''%D0%9A%D0%B0%D1%82%D0%B0%D0%BB%D0%BE%D0%B3%20%E2%84%96%207.go`,
			"text/plain; charset=utf-8", "package main\n", "//demo:end\n"},
		{"/signed", `attachment; filename="stored.go"`, "text/plain; charset=utf-8", "package main\n", "//demo:end\n"},
	} {
		resp, body := get(t, srv.URL+tt.path, nil)
		got := []string{resp.Status, resp.Header.Get("Content-Disposition"), resp.Header.Get("Content-Type")}
		if diff := cmp.Diff([]string{"200 OK", tt.disposition, tt.contentType}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
		if !strings.HasPrefix(body, tt.begin) || !strings.HasSuffix(body, tt.end) {
			t.Errorf("%s: %d bytes do not begin with %q or do not end with %q: %.80q", tt.path, len(body), tt.begin, tt.end, body)
		}
	}
}

func TestRefused(t *testing.T) {
	srv := newTestDemo(t)
	for _, tt := range []struct {
		path, reason string
		status       int
	}{
		{"/disk/nothing.go", "there is no such file", 404},
		{"/disk/", "a directory", 404},
		{"/disk/%2e%2e/kept", "out of the root", 404},
		{"/embedded/nothing.go", "there is no such file", 404},
		{"/documents/8", "there is no such row", 404},
		{"/private/stored.go", "without a link", 403},
		{"/docs/nothing.md", "there is no such page", 404},
		{"/docs/docs_test.go", "that is no page", 404},
		{"/cmd/demo/nothing.go", "there is no such file", 404},
	} {
		if resp, _ := get(t, srv.URL+tt.path, nil); resp.StatusCode != tt.status {
			t.Errorf("%s (%s): status %d, want %d", tt.path, tt.reason, resp.StatusCode, tt.status)
		}
	}
}

// TestFailing downloads both exports, and looks at what the page says of them.
func TestFailing(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.DiscardHandler))
	srv := newTestDemo(t)
	for _, tt := range []struct {
		path string
		fail bool
		says string
	}{
		{"/copy.csv", false, "Your browser calls it complete."},
		{"/orders.csv", true, "Your browser calls it failed."},
	} {
		if _, page := get(t, srv.URL, nil); strings.Contains(page, tt.says) {
			t.Errorf("before the download of %s, the page says: %s", tt.path, tt.says)
		}
		resp, err := http.Get(srv.URL + tt.path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if (err != nil) != tt.fail {
			t.Errorf("%s: error %v, want one: %t", tt.path, err, tt.fail)
		}
		if rows := strings.Count(string(body), "\n"); rows > lostAfter || rows < lostAfter/2 {
			t.Errorf("%s: %d rows", tt.path, rows)
		}
		waitFor(t, srv, "/", tt.says)
	}
}

// waitFor asks for a page until it has the text. The page tells nobody when it
// changes.
func waitFor(t *testing.T, srv testDemo, path, text string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, page := get(t, srv.URL+path, nil); strings.Contains(page, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come to say: %s", path, text)
		}
	}
}

// TestReport posts, follows, and downloads: one run for all.
func TestReport(t *testing.T) {
	srv := newTestDemo(t)
	post := func(form url.Values) {
		t.Helper()
		resp, err := http.PostForm(srv.URL+"/report", form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.Request.URL.Path != "/report" || resp.Request.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
			t.Errorf("the form leads to %s %s: %s", resp.Request.Method, resp.Request.URL, resp.Status)
		}
	}
	if _, page := get(t, srv.URL+"/report", nil); !strings.Contains(page, "No run yet.") {
		t.Errorf("before the first run, the page is %s", page)
	}
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.DiscardHandler))
	post(url.Values{"fail": {"midway"}})
	waitFor(t, srv, "/report", "Failed at")
	post(nil)
	waitFor(t, srv, "/", "Finished at")

	var bodies [5]string
	var all sync.WaitGroup
	for i := range bodies {
		all.Go(func() { _, bodies[i] = get(t, srv.URL+"/report.csv", nil) })
	}
	all.Wait()
	for _, body := range bodies {
		if body != bodies[0] || len(body) != rows*rowSize {
			t.Errorf("%d bytes, or one begins with %.60q and another with %.60q", len(body), body, bodies[0])
		}
	}
	if s := srv.reports.Cache.Stats(); s.Misses != 2 {
		t.Errorf("%+v, want two runs", s)
	}
}

func TestLastDownloads(t *testing.T) {
	srv := newTestDemo(t)
	get(t, srv.URL+"/text", http.Header{"Range": {"bytes=0-4"}})
	get(t, srv.URL+"/text", http.Header{"Range": {"bytes=50-"}})
	resp, _ := get(t, srv.URL+"/text", nil)
	get(t, srv.URL+"/text", http.Header{"If-None-Match": {resp.Header.Get("Etag")}})
	get(t, srv.URL+"/disk/nothing", nil)
	get(t, srv.URL+"/signed", nil)
	if resp, err := http.Head(srv.URL + "/tone.wav"); err == nil {
		resp.Body.Close()
	}
	waitFor(t, srv, "/", "/private/stored.go")
	_, page := get(t, srv.URL, nil)
	row := regexp.MustCompile(`<li><code>([^<]*)</code> <span class="(\w+)">([^<]*)</span> <small><time>[\d:]*</time> · (\d+) · ([\d,]+) bytes · [\d.]+ s</small>`)
	var got [][]string
	for _, match := range row.FindAllStringSubmatch(page, -1) {
		if match[1] != "/private/stored.go" {
			got = append(got, match[1:])
		}
	}
	want := [][]string{
		{"/signed", "well", "sent to a link", "302", "0"},
		{"/disk/nothing", "failed", "refused", "404", "0"},
		{"/text", "well", "not modified", "304", "0"},
		{"/text", "well", "complete", "200", "13"},
		{"/text", "failed", "refused", "416", "0"},
		{"/text", "well", "a part, complete", "206", "5"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestArchives lists both archives, of which the ZIP is read from its end.
func TestArchives(t *testing.T) {
	want := []string{"numbers/fibonacci.txt", "an hour of sound.wav"}
	open := func(path string) io.ReadCloser {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		file, err := ArchiveView{}.GetFile(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	asZip := open("/demo.zip").(interface {
		io.ReaderAt
		io.Seeker
	})
	size, err := asZip.Seek(0, io.SeekEnd)
	if err != nil || size < 300_000_000 {
		t.Errorf("%d bytes, %v, want more than 300 MB", size, err)
	}
	r, err := zip.NewReader(asZip, size)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range r.File {
		names = append(names, f.Name)
	}
	asTar := tar.NewReader(open("/demo.tar"))
	first, err := asTar.Next()
	if err != nil || first.Name != want[0] {
		t.Errorf("the tar begins with %+v, %v", first, err)
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTone reads the sound in pieces that cut samples and the header in two.
func TestTone(t *testing.T) {
	srv := newTestDemo(t)
	for _, first := range []int64{0, 1, 43, 44, 45, 100_000_001, toneSize - 5000} {
		want := make([]byte, 5000)
		if _, err := (tone{}).ReadAt(want, first); err != nil {
			t.Fatal(err)
		}
		for _, length := range []int{1, 7, 4999} {
			var got []byte
			for at := 0; at < len(want); at += length {
				piece := make([]byte, min(length, len(want)-at))
				if _, err := (tone{}).ReadAt(piece, first+int64(at)); err != nil {
					t.Fatal(err)
				}
				got = append(got, piece...)
			}
			if string(got) != string(want) {
				t.Errorf("from %d in pieces of %d: other bytes", first, length)
			}
		}
		_, got := get(t, srv.URL+"/tone.wav", http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", first, first+4999)}})
		if got != string(want) {
			t.Errorf("from %d over HTTP: other bytes", first)
		}
	}
	if n, err := (tone{}).ReadAt(make([]byte, 2), toneSize-1); n != 1 || err != io.EOF {
		t.Errorf("ReadAt across the end: got %d, %v, want 1, EOF", n, err)
	}
	if got := len(wavHeader); got != 44 {
		t.Errorf("the header has %d bytes, want 44", got)
	}
}

// TestToneVersion fails when the sound changes but its entity tag does not.
func TestToneVersion(t *testing.T) {
	const wantTag, wantHash = `"chords-2"`, "dfcade2c2f41a216"
	hash := sha256.New()
	for at := int64(0); at < toneSize; at += toneSize / 50 {
		if _, err := io.Copy(hash, io.NewSectionReader(tone{}, at, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)[:8]); toneTag != wantTag || got != wantHash {
		t.Errorf("got ETag %s for a sound of hash %s, want %s and %s: another sound needs another tag", toneTag, got, wantTag, wantHash)
	}
}

var hour = flag.Bool("big", false, "compute all samples of the tone, for some seconds")

// TestToneCRC32 computes what the archive takes for granted. .ci/run gives the
// flag that it needs.
func TestToneCRC32(t *testing.T) {
	if !*hour {
		t.Skip("takes seconds, and a minute with the race detector: go test ./cmd/demo -big")
	}
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, io.NewSectionReader(tone{}, 0, toneSize)); err != nil {
		t.Fatal(err)
	}
	if got := h.Sum32(); got != toneCRC32 {
		t.Errorf("the CRC-32 is %#x, not %#x", got, toneCRC32)
	}
}

// Download managers fetch a generated file, whole, in segments, and where an
// interrupted download left off, and get the same bytes.
func TestClientsResume(t *testing.T) {
	srv := newTestDemo(t)
	const name = "fibonacci.txt"
	url := srv.URL + "/" + name
	_, want := get(t, url, nil)
	for _, test := range []struct {
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
	} {
		t.Run(test.reason, func(t *testing.T) {
			program := find(t, test.program)
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if test.had > 0 {
				if err := os.WriteFile(path, []byte(want[:test.had]), 0o600); err != nil {
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
			if err != nil || string(got) != want {
				t.Errorf("%v: %d bytes that differ from the %d of the file (%v)", cmd, len(got), len(want), err)
			}
		})
	}
}

// find returns the path of a program. Without it the test is skipped, but not on a
// build machine.
func find(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	return path
}
