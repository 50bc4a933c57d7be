package origin_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A body that is not closed leaves the goroutines of its connection.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
