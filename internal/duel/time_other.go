//go:build !unix

package duel

import "time"

// processorTime cannot tell.
func processorTime() time.Duration { return 0 }
