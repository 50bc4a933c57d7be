package browsers_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// timeout is for everything but building the demo; it takes half a minute.
const timeout = 5 * time.Minute

func TestDemo(t *testing.T) {
	chromium := findChromium(t)
	binary := buildDemo(t)
	// Not t.Context, which ends before Cleanup: that would kill what is to end
	// by itself.
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	demo := startDemo(ctx, t, binary)
	folder := t.TempDir() // outlives the browser, which may make it anew
	browser := startBrowser(ctx, t, chromium)

	t.Run("page", func(t *testing.T) { testPage(t, browser, demo) })
	t.Run("commands", func(t *testing.T) { testCommands(t, browser, demo) })
	t.Run("live", func(t *testing.T) { testLive(t, browser, demo, folder) })
	t.Run("report", func(t *testing.T) { testReport(t, browser, demo) })
	t.Run("without scripts", func(t *testing.T) { testWithoutScripts(t, browser, demo) })
	t.Run("documentation", func(t *testing.T) { testDocumentation(t, browser, demo) })
	t.Run("downloads", func(t *testing.T) { testDownloads(t, browser, demo, folder) })
	t.Run("resume", func(t *testing.T) { testResume(t, browser, demo, folder) })
	t.Run("seek", func(t *testing.T) { testSeek(t, browser, demo) })
	t.Run("schemes", func(t *testing.T) { testSchemes(t, browser, demo) })
}

// buildDemo returns the path of the program.
func buildDemo(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "demo")
	build := exec.Command("go", "build", "-o", binary, "./cmd/demo")
	build.Dir = "../.." // the library's module
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, output)
	}
	return binary
}

// startDemo returns the address of the page. At the end, the demo has to leave
// by itself and without an error when it is interrupted.
func startDemo(ctx context.Context, t *testing.T, binary string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, binary, "-addr", "127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		interrupted := cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil || interrupted != nil {
			t.Errorf("the demo, interrupted (%v), ended with %v", interrupted, err)
		}
		if t.Failed() {
			t.Logf("log of the demo:\n%s", &log)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, _, _ := strings.Cut(line, " ")
	if err != nil || !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Fatalf("the demo printed %q, error %v, want its address", line, err)
	}
	return address
}
