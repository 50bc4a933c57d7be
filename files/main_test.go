package files_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A suspended generator is a goroutine, so a reader that is not stopped by its
// Close shows here.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
