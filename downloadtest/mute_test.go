package downloadtest_test

import (
	"bytes"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// talkingView logs what it does, by every means.
type talkingView struct{ views.VirtualDownloadView }

func (talkingView) GetFile(*http.Request) (fs.File, error) {
	slog.Info("from the view", "key", "value")
	slog.With("with", "attributes").WithGroup("and").Info("of a group", "key", "value")
	log.Print("from package log")
	return files.NewVirtualFile(files.NewStringIteratorIO(generate), "rows.txt"), nil
}

func (v talkingView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "the view's own word: "+err.Error())
	v.VirtualDownloadView.HandleError(w, r, err)
}

func TestFailuresOnPurposeAreNotLogged(t *testing.T) {
	logs := servertest.CaptureLog(t)
	var plain bytes.Buffer
	before := log.Writer()
	log.SetOutput(&plain)
	defer log.SetOutput(before)
	logger := slog.Default()
	t.Run("view", func(t *testing.T) { downloadtest.TestView(t, talkingView{}) })
	if slog.Default() != logger || log.Writer() != io.Writer(&plain) {
		t.Error("the loggers are not what they were")
	}
	said := map[string]int{}
	for _, line := range logs.Lines() {
		switch {
		case strings.Contains(line, `msg="from the view" key=value`):
			said["view"]++
		case strings.Contains(line, `msg="of a group" with=attributes and.key=value`):
			said["group"]++
		case strings.Contains(line, "level=DEBUG"): // of a client that has left, which no logger shows by default
		default:
			t.Errorf("logged: %s", line)
		}
	}
	if said["view"] < 100 || said["group"] != said["view"] || strings.Count(plain.String(), "from package log") != said["view"] {
		t.Errorf("the view's own words are missing: %v, and %d by package log", said, strings.Count(plain.String(), "\n"))
	}
}

// What nobody has asked for is still said.
func TestOtherFailuresAreLogged(t *testing.T) {
	logs := servertest.CaptureLog(t)
	t.Run("handler", func(t *testing.T) {
		downloadtest.TestHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			slog.Error("disk is nearly full")
			sending(func(*http.Request) fs.File { return files.NewContentFile("Hello world!", "hello.txt") }).ServeHTTP(w, r)
		}))
	})
	if len(logs.Lines()) < 100 || strings.Count(logs.String(), "disk is nearly full") < 100 {
		t.Errorf("%d lines", len(logs.Lines()))
	}
}

// The first logger of a program writes to package log. If that wrote to the muted
// logger in turn, both would wait for each other.
func TestMutingTheFirstLogger(t *testing.T) {
	var plain bytes.Buffer
	before := log.Writer()
	log.SetOutput(&plain)
	defer log.SetOutput(before)
	t.Run("view", func(t *testing.T) { downloadtest.TestView(t, talkingView{}) })
	for _, want := range []string{"from package log", "INFO from the view key=value", "INFO of a group with=attributes and.key=value"} {
		if strings.Count(plain.String(), want+"\n") < 100 {
			t.Errorf("%q is missing in the log", want)
		}
	}
	if strings.Contains(plain.String(), "ERROR") {
		t.Errorf("failures on purpose are logged:\n%s", plain.String())
	}
}
