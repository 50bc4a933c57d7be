package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestCommands runs the commands of the page, and looks for the line that stands
// below each in what it prints. Those of an example are typed into one shell, and
// then into another in the same directory: people try things twice. To sleep is to
// move the clock of the links.
func TestCommands(t *testing.T) {
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	srv := newTestServer(t)
	start := time.Now().Truncate(time.Second)
	var slept atomic.Int64
	now = func() time.Time { return start.Add(time.Duration(slept.Load())) }
	defer func() { now = time.Now }()
	sleep := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		d, err := time.ParseDuration(r.URL.Query().Get("for"))
		if err != nil {
			t.Error(err)
		}
		slept.Add(int64(d))
	}))
	defer sleep.Close()

	const separator = "----"
	for _, e := range srv.examples {
		t.Run(e.ID, func(t *testing.T) {
			script := `sleep() { curl -s "` + sleep.URL + `?for=$1s"; }`
			for _, c := range e.Commands {
				script += "\n" + c.At(srv.Listener.Addr().String(), e.Path).Line + "\necho; echo " + separator
			}
			dir := t.TempDir()
			for _, time := range []string{"once", "twice"} {
				cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "no_proxy=127.0.0.1", "LC_ALL=C.UTF-8")
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%v\n%s", err, script)
				}
				printed := strings.Split(string(out), separator)
				for i, c := range e.Commands {
					got := strings.FieldsFunc(printed[i], func(r rune) bool { return r == '\n' || r == '\r' })
					for i := range got {
						got[i] = strings.TrimSpace(got[i])
					}
					if !slices.Contains(got, c.Prints) {
						t.Errorf("%s: %s\ndoes not print the line %q:\n%.800s", time, c.Line, c.Prints, printed[i])
					}
				}
			}
		})
	}
}
