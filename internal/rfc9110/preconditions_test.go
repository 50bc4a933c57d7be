package rfc9110_test

import (
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

const (
	older  = "Sat, 14 Mar 2026 15:09:25 GMT"
	same   = "Sat, 14 Mar 2026 15:09:26 GMT"
	newer  = "Sat, 14 Mar 2026 15:09:27 GMT"
	noDate = "yesterday"
)

// modified is when the content was, with a fraction that no date has.
var modified = time.Date(2026, time.March, 14, 15, 9, 26, 535_897_932, time.UTC)

type conditions = rfc9110.Preconditions

func TestEvaluate(t *testing.T) {
	for _, tt := range []struct {
		reason string
		p      conditions
		want   rfc9110.Result
	}{
		{"no condition", conditions{}, rfc9110.Proceed},
		{"If-Match, true", conditions{IfMatch: `"v1"`}, rfc9110.Proceed},
		{"If-Match, false", conditions{IfMatch: `"v2"`}, rfc9110.Failed},
		{"If-Match compares strongly", conditions{IfMatch: `W/"v1"`}, rfc9110.Failed},
		{"nonsense matches nothing", conditions{IfMatch: `v1`}, rfc9110.Failed},
		{"If-Unmodified-Since, the same second", conditions{IfUnmodifiedSince: same}, rfc9110.Proceed},
		{"If-Unmodified-Since, modified", conditions{IfUnmodifiedSince: older}, rfc9110.Failed},
		{"no date is no condition, §13.1.4", conditions{IfUnmodifiedSince: noDate}, rfc9110.Proceed},
		{"it is ignored beside If-Match", conditions{IfMatch: `"v1"`, IfUnmodifiedSince: older}, rfc9110.Proceed},
		{"If-None-Match, false", conditions{IfNoneMatch: `"v1"`}, rfc9110.NotModified},
		{"If-None-Match compares weakly", conditions{IfNoneMatch: `W/"v1"`}, rfc9110.NotModified},
		{"If-None-Match, true", conditions{IfNoneMatch: `"v2"`}, rfc9110.Proceed},
		{"Apache's mod_deflate", conditions{IfNoneMatch: `"v1-gzip"`}, rfc9110.NotModified},
		{"mod_brotli, among others", conditions{IfNoneMatch: `"v2-br", W/"v1-br"`}, rfc9110.NotModified},
		{"mod_deflate, another version", conditions{IfNoneMatch: `"v2-gzip"`}, rfc9110.Proceed},
		{"the suffix is no tag", conditions{IfNoneMatch: `"-gzip"`}, rfc9110.Proceed},
		{"other bytes are no match of If-Match", conditions{IfMatch: `"v1-gzip"`}, rfc9110.Failed},
		{"If-Modified-Since, the same second", conditions{IfModifiedSince: same}, rfc9110.NotModified},
		{"If-Modified-Since, modified", conditions{IfModifiedSince: older}, rfc9110.Proceed},
		{"no date is no condition, §13.1.3", conditions{IfModifiedSince: noDate}, rfc9110.Proceed},
		{"it is ignored beside If-None-Match", conditions{IfNoneMatch: `"v2"`, IfModifiedSince: newer}, rfc9110.Proceed},
		{"412 comes before 304", conditions{IfMatch: `"v2"`, IfNoneMatch: `"v1"`}, rfc9110.Failed},
		{"and 304 after what is true", conditions{IfMatch: `"v1"`, IfNoneMatch: `"v1"`}, rfc9110.NotModified},
	} {
		got := tt.p.Evaluate(`"v1"`, modified, func(since time.Time) bool { return modified.Truncate(time.Second).After(since) })
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.reason, got, tt.want)
		}
	}
}

// Content that has no validator answers by what else it knows.
func TestEvaluateWithoutValidators(t *testing.T) {
	unmodified := func(time.Time) bool { return false }
	for _, tt := range []struct {
		reason string
		p      conditions
		want   rfc9110.Result
	}{
		{"no tag matches", conditions{IfMatch: `"v1"`}, rfc9110.Failed},
		{"but there is a representation", conditions{IfMatch: `*`}, rfc9110.Proceed},
		{"which the client has", conditions{IfNoneMatch: `*`}, rfc9110.NotModified},
		{"no date was passed", conditions{IfUnmodifiedSince: older}, rfc9110.Proceed},
		{"who generates it may know without one", conditions{IfModifiedSince: older}, rfc9110.NotModified},
	} {
		if got := tt.p.Evaluate("", time.Time{}, unmodified); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.reason, got, tt.want)
		}
	}
}

func TestRangeApplies(t *testing.T) {
	for _, tt := range []struct {
		reason, ifRange string
		want            bool
	}{
		{"the same tag", `"v1"`, true},
		{"a weak one is never enough", `W/"v1"`, false},
		{"another tag", `"v2"`, false},
		{"the tag of other bytes, behind mod_deflate", `"v1-gzip"`, false},
		{"the same date", same, true},
		{"an older date", older, false},
		{"a newer date names another version, too", newer, false},
		{"neither", noDate, false},
		{"no list", `"v1", "v2"`, false},
	} {
		if got := rfc9110.RangeApplies(tt.ifRange, `"v1"`, modified); got != tt.want {
			t.Errorf("%s: RangeApplies(%s) = %v", tt.reason, tt.ifRange, got)
		}
	}
	if rfc9110.RangeApplies("Mon, 01 Jan 0001 00:00:00 GMT", "", time.Time{}) {
		t.Error("a date that is not known equals one")
	}
}

func TestIsModTime(t *testing.T) {
	for _, tt := range []struct {
		reason, time string
		want         bool
	}{
		{"the zero time", "0001-01-01T00:00:00Z", false},
		{"the epoch", "1970-01-01T00:00:00Z", false},
		{"Nix", "1970-01-01T00:00:01Z", false},
		{"a ZIP without times", "1979-11-30T00:00:00Z", false},
		{"the first day of a ZIP, far west", "1980-01-02T12:00:00Z", false},
		{"the day after it", "1980-01-03T00:00:00Z", true},
		{"Yarn", "1984-06-22T21:50:00Z", false},
		{"npm", "1985-10-26T08:15:00Z", false},
		{"npm, in another zone", "1985-10-26T01:15:00-07:00", false},
		{"a second later", "1985-10-26T08:15:01Z", true},
		{"Bazel", "2000-01-01T00:00:00Z", false},
		{"the same day", "2000-01-01T00:00:01Z", true},
	} {
		at, err := time.Parse(time.RFC3339, tt.time)
		if err != nil {
			t.Fatal(err)
		}
		if got := rfc9110.IsModTime(at); got != tt.want {
			t.Errorf("%s: IsModTime(%s) = %v", tt.reason, tt.time, got)
		}
	}
}

func TestParseDate(t *testing.T) {
	want := time.Date(1994, time.November, 6, 8, 49, 37, 0, time.UTC)
	for _, tt := range []struct {
		reason, value string
		ok            bool
	}{
		{"IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", true},
		{"rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", true},
		{"asctime-date", "Sun Nov  6 08:49:37 1994", true},
		{"another zone", "Sun, 06 Nov 1994 08:49:37 CET", false},
		{"another zone, RFC 850", "Sunday, 06-Nov-94 08:49:37 CET", false},
		{"an offset", "Sun, 06 Nov 1994 08:49:37 +0000", false},
		{"half of one", "Sun, 06 Nov 1994", false},
		{"nothing", "", false},
	} {
		got, ok := rfc9110.ParseDate(tt.value)
		if ok != tt.ok || ok && !got.Equal(want) {
			t.Errorf("%s: ParseDate(%q) = %v, %v", tt.reason, tt.value, got, ok)
		}
	}
}

func TestField(t *testing.T) {
	for _, tt := range []struct {
		reason string
		lines  []string
		want   string
	}{
		{"absent", nil, ""},
		{"empty", []string{""}, ""},
		{"blank", []string{" \t"}, ""},
		{"one line", []string{` "v1" `}, `"v1"`},
		{"repeated lines are a list", []string{`"v1"`, `"v2"`}, `"v1", "v2"`},
	} {
		if got, ok := rfc9110.Field(tt.lines); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q, %v, want %q", tt.reason, got, ok, tt.want)
		}
	}
}
