package routers_test

import (
	"io"
	"log"
	"log/slog"
	"os"
	"testing"

	"github.com/gin-gonic/gin"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// What fails on purpose is logged by everybody. SetDefault takes the output
	// of package log, too.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard)
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter, gin.DefaultErrorWriter = io.Discard, io.Discard

	// Debian has nginx where only root looks for programs.
	os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+"/usr/sbin")

	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString("goroutines that stayed: " + err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}
