package duel

import "testing"

// At benchmarks GET requests for a URL, size bytes each time and atOnce of them at
// the same time, that a server which is running already answers. The caller runs
// the rival.
func At(b *testing.B, url string, size int64, atOnce int) {
	b.Helper()
	measure(b, order{URL: url, Size: size, AtOnce: atOnce})
}
