package docs_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The configurations of offload.md are those that the tests of ../e2e/fronts run.
func TestConfigurationsAreTested(t *testing.T) {
	paths, err := filepath.Glob("../e2e/fronts/testdata/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	shown := make(map[string]bool)
	for _, b := range blocks(readFile(t, "offload.md")) {
		shown[b.code] = true
	}
	for _, path := range paths {
		config := readFile(t, path)
		if !shown[config] {
			t.Errorf("offload.md does not show %s as it is", path)
		}
		delete(shown, config)
	}
	for code := range shown {
		if strings.Contains(code, "offload.New(offload.") && strings.HasPrefix(code, "# ") {
			t.Errorf("no test runs this configuration:\n%s", code)
		}
	}
}
