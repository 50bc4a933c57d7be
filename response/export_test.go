package response

// What the tests of package response_test need of the inside.

const (
	BufferSize  = bufferSize
	LastStretch = lastStretch
)

// ParseRange is parseRange, with windows as pairs of start and length.
func ParseRange(value string, size int64) (windows [][2]int64, ok bool) {
	parsed, ok := parseRange(value, size)
	for _, w := range parsed {
		windows = append(windows, [2]int64{w.start, w.length})
	}
	return windows, ok
}

// MatchesStrongly is what If-Match comes to: matchesAny by strongMatch.
func MatchesStrongly(list, tag string) bool { return matchesAny(list, tag, strongMatch) }

// MatchesWeakly is what If-None-Match comes to: matchesAny by weakMatch.
func MatchesWeakly(list, tag string) bool { return matchesAny(list, tag, weakMatch) }

// IsEntityTag is isEntityTag.
func IsEntityTag(s string) bool { return isEntityTag(s) }
