package response_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
)

// cannotRun skips a test for want of something on this machine. In CI everything
// is there, so that it fails.
func cannotRun(t *testing.T, reason string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: %v", reason, err)
	}
	t.Skipf("%s: %v", reason, err)
}

var sendfileResult = regexp.MustCompile(`(?m)sendfile.* = (\d+)$`)

// TestSendfileSystemCall looks at the system calls of a server and its client,
// which this test is, too, when it is run by strace.
func TestSendfileSystemCall(t *testing.T) {
	const size, traced = 8 << 20, "DOWNLOADVIEW_TEST_TRACED"
	if dir := os.Getenv(traced); dir != "" {
		downloadTwice(t, dir)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		cannotRun(t, "strace is not installed", err)
	}
	_, dir := sendfileContent(t, size)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-e", "trace=/^sendfile", "-o", trace,
		os.Args[0], "-test.run=^TestSendfileSystemCall$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), traced+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "PTRACE") {
			cannotRun(t, "this machine does not allow strace", fmt.Errorf("%w: %s", err, out))
		}
		t.Fatalf("%v\n%s", err, out)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, match := range sendfileResult.FindAllSubmatch(calls, -1) {
		n, err := strconv.Atoi(string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if want := size + size/2 - 2*sendfileRest; total < want {
		t.Errorf("%d bytes by sendfile(2), want at least %d; the calls were:\n%s", total, want, calls)
	}
}

// downloadTwice downloads the whole file in dir and its second half.
func downloadTwice(t *testing.T, dir string) {
	t.Helper()
	srv := servertest.Start(t, servertest.HTTP11, download(func() fs.File { return sendfileFiles["StorageFile"](t, dir) }))
	for value, want := range map[string]int{"bytes=0-": 8 << 20, "bytes=4194304-": 4 << 20} {
		if got := srv.Do(t, "GET", "/", "Range", value); len(got.Body) != want || got.Err != nil {
			t.Errorf("%d bytes, %v, want %d", len(got.Body), got.Err, want)
		}
	}
}
