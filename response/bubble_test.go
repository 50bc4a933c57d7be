//go:build go1.26

package response_test

// bubbleVersions are the versions of HTTP that can be spoken in a bubble of
// testing/synctest.
var bubbleVersions = []string{"HTTP/1.1", "HTTP/2.0"}
