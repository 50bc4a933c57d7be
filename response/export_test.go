package response

import "github.com/go-downloadview/downloadview/internal/body"

// What the tests of package response_test need of the inside.
const (
	BufferSize  = body.BufferSize
	LastStretch = body.LastStretch
)
