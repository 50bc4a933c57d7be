package origin_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Without a strong validator nobody could tell whether two parts go together, so
// there are none (RFC 9110 §15.3.7.3).
func TestFileOfUnknownVersionHasNoParts(t *testing.T) {
	at := time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)
	firstTime := time.Date(1980, time.January, 3, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		reason  string
		etag    string
		modTime time.Time // zero: none
		date    time.Time // of the answer; zero: none
		parts   bool
	}{
		{"no validator", "", time.Time{}, at, false},
		{"a strong tag", tag, time.Time{}, at, true},
		{"a strong tag, just modified", tag, at, at, true},
		{"a weak tag", "W/" + tag, time.Time{}, at, false},
		{"what is no tag", "v1", time.Time{}, at, false},
		{"modified in the second of the answer, and maybe again (§8.8.2.2)", "", at, at, false},
		{"a second before it, by another clock perhaps", "", at.Add(-time.Second), at, false},
		{"59 s before it", "", at.Add(-59 * time.Second), at, false},
		{"60 s before it", "", at.Add(-60 * time.Second), at, true},
		{"60 s before it, with a weak tag", "W/" + tag, at.Add(-60 * time.Second), at, true},
		{"after it", "", at.Add(60 * time.Second), at, false},
		{"an answer without a date", "", at, time.Time{}, false},
		{"a time that is none: the Unix epoch", "", time.Unix(0, 0), at, false},
		{"a time that is none: DOS date 0", "", time.Date(1979, time.November, 30, 0, 0, 0, 0, time.UTC), at, false},
		{"the last such", "", firstTime.Add(-time.Second), at, false},
		{"and the first that is one", "", firstTime, at, true},
	} {
		for _, header := range []http.Header{nil, {"Range": {"bytes=0-1"}}} {
			t.Run(fmt.Sprint(tt.reason, header), func(t *testing.T) {
				versions := 0
				o := newServer(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header()["Date"] = nil
					for key, value := range map[string]time.Time{"Date": tt.date, "Last-Modified": tt.modTime} {
						if !value.IsZero() {
							w.Header().Set(key, value.UTC().Format(http.TimeFormat))
						}
					}
					if tt.etag != "" {
						w.Header().Set("Etag", tt.etag)
					}
					versions++
					http.ServeContent(w, r, ".txt", time.Time{}, strings.NewReader(strings.Repeat(fmt.Sprint(versions), 5)))
				})
				f := mustOpen(t, o, "GET", "/a", header)
				if got := canSeek(f); got != tt.parts {
					t.Errorf("seeks %v, want %v", got, tt.parts)
				}
				if want := !tt.modTime.Before(firstTime); !f.ModTime.IsZero() != want {
					t.Errorf("ModTime %v", f.ModTime)
				}
				body, err := io.ReadAll(f)
				if err != nil || !tt.parts && strings.Trim(string(body), string(body[:1])) != "" {
					t.Errorf("read %q, %v; want one version", body, err)
				}
			})
		}
	}
}

func TestFileNotModified(t *testing.T) {
	since, _ := http.ParseTime(date)
	o := newServer(t, serve("hello"))
	f := mustOpen(t, o, "GET", "/a", http.Header{"If-Modified-Since": {date}})
	if modified, err := f.WasModifiedSince(time.Time{}); modified || err != nil {
		t.Errorf("WasModifiedSince = %v, %v; want the origin's 304", modified, err)
	}
	if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
		t.Errorf("read %q, %v; want the content, which somebody wants after all", body, err)
	}

	// net/http leaves the date out of a 304 that has a tag.
	f = mustOpen(t, o, "GET", "/a", http.Header{"If-None-Match": {tag}})
	if body, err := io.ReadAll(f); string(body) != "hello" || err != nil {
		t.Errorf("after If-None-Match: read %q, %v", body, err)
	}

	f = mustOpen(t, o, "GET", "/a", nil)
	if modified, err := f.WasModifiedSince(since.Add(-time.Second)); !modified || err != nil {
		t.Errorf("WasModifiedSince = %v, %v; want true by Last-Modified", modified, err)
	}
	f = mustOpen(t, newServer(t, answer(200, "")), "GET", "/a", nil)
	if _, err := f.WasModifiedSince(since); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v without Last-Modified, want errors.ErrUnsupported", err)
	}
}
