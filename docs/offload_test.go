package docs_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/docs/configurations"
)

// Every configuration is explained on a page. The tests of ../e2e/fronts run them.
func TestConfigurationsAreExplained(t *testing.T) {
	names, err := fs.Glob(configurations.Files, "*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	text := readFile(t, "offload.md") + readFile(t, "signing.md")
	for _, name := range names {
		if !strings.Contains(text, "](configurations/"+name+")") {
			t.Errorf("no page has a link to configurations/%s", name)
		}
	}
}
