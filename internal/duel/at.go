package duel

import "testing"

// At benchmarks GET requests for a URL, size bytes each time and atOnce of them at
// the same time, that a server which is running already answers. What it is
// measured beside is the caller's to run.
func At(b *testing.B, url string, size int64, atOnce int) {
	b.Helper()
	measure(b, order{URL: url, Size: size, AtOnce: atOnce})
}
