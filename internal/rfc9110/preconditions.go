package rfc9110

import "time"

// Preconditions are the values of the fields that make a request conditional
// (§13.1); "": there is no such field.
type Preconditions struct {
	IfMatch, IfUnmodifiedSince, IfNoneMatch, IfModifiedSince string
}

// Result is the verdict of the preconditions of a GET or HEAD.
type Result int

const (
	Proceed     Result = iota // perform the method
	NotModified               // 304
	Failed                    // 412
)

// Evaluate evaluates the preconditions in the order of §13.2.2. If-Range, the
// last of them, is in RangeApplies.
//
// The representation has the entity tag etag ("": none), was last modified at
// modTime (zero: not known), and modifiedSince reports whether that was after a
// time: it may know without modTime.
func (p Preconditions) Evaluate(etag string, modTime time.Time, modifiedSince func(time.Time) bool) Result {
	if p.IfMatch != "" {
		if !MatchesAny(p.IfMatch, etag, StrongMatch) {
			return Failed
		}
	} else if since, ok := ParseDate(p.IfUnmodifiedSince); ok {
		if modified, err := ModifiedSince(modTime, since); err == nil && modified {
			return Failed
		}
	}
	if p.IfNoneMatch != "" {
		if MatchesAny(p.IfNoneMatch, etag, MatchInCache) {
			return NotModified
		}
	} else if since, ok := ParseDate(p.IfModifiedSince); ok && !modifiedSince(since) {
		return NotModified
	}
	return Proceed
}

// RangeApplies reports whether a Range counts that has an If-Range of this value
// beside it (§13.1.5):
//
//	If-Range = entity-tag / HTTP-date
func RangeApplies(ifRange, etag string, modTime time.Time) bool {
	if IsEntityTag(ifRange) {
		return StrongMatch(ifRange, etag)
	}
	// An exact match: the date is not an order here, but the name of a version.
	// That it is a strong one (§8.8.2.2: not two versions in one second) is not
	// to be known here, and net/http takes it for granted as well.
	date, ok := ParseDate(ifRange)
	return ok && !modTime.IsZero() && modTime.Truncate(time.Second).Equal(date)
}
