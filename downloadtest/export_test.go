package downloadtest

import "time"

// SetPatience is for tests of views that hang. It returns what undoes it.
func SetPatience(d time.Duration) (restore func()) {
	old := patience
	patience = d
	return func() { patience = old }
}
