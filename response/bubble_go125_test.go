//go:build !go1.26

package response_test

// bubbleVersions are the versions of HTTP that can be spoken in a bubble of
// testing/synctest. Not HTTP/2: net/http of Go 1.25 keeps channels of a stream for
// those of other bubbles, and that ends the program.
var bubbleVersions = []string{"HTTP/1.1"}
