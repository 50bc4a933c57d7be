package response_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// modified is when the files of the tables were modified. Its half second is
// lost on the wire.
var modified = time.Date(2024, time.May, 6, 7, 8, 9, 5e8, time.UTC)

// Dates around it, in the formats of RFC 9110 §5.6.7.
const (
	exact        = "Mon, 06 May 2024 07:08:09 GMT"
	exactRFC850  = "Monday, 06-May-24 07:08:09 GMT"
	exactASCTime = "Mon May  6 07:08:09 2024"
	older        = "Mon, 06 May 2024 07:08:08 GMT"
	olderRFC850  = "Monday, 06-May-24 07:08:08 GMT"
	olderASCTime = "Mon May  6 07:08:08 2024"
	newer        = "Mon, 06 May 2024 07:08:10 GMT"
	newerRFC850  = "Monday, 06-May-24 07:08:10 GMT"
	newerASCTime = "Mon May  6 07:08:10 2024"
	future       = "Thu, 06 May 2094 07:08:09 GMT"
)

const alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyz"

func TestIfMatch(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same tag", "13.1.1", []string{"If-Match", `"v1"`}, 200, ""},
		{"another tag", "13.1.1", []string{"If-Match", `"v2"`}, 412, ""},
		{"anything that exists", "13.1.1", []string{"If-Match", "*"}, 200, ""},
		{"a list with the tag first", "13.1.1", []string{"If-Match", `"v1", "v2"`}, 200, ""},
		{"a list with the tag last", "13.1.1", []string{"If-Match", `"v2", "v1"`}, 200, ""},
		{"a list without the tag", "13.1.1", []string{"If-Match", `"v2", "v3"`}, 412, ""},
		{"a list needs no spaces", "5.6.1", []string{"If-Match", `"v2","v1"`}, 200, ""},
		{"a list may have tabs", "5.6.3", []string{"If-Match", "\"v2\"\t,\t\"v1\""}, 200, ""},
		{"lines are one list", "5.3", []string{"If-Match", `"v2"`, "If-Match", `"v1"`}, 200, ""},
		{"lines that are lists are one list", "5.3", []string{"If-Match", `"v2", "v3"`, "If-Match", `"v4","v1"`}, 200, ""},
		{"lines without the tag", "5.3", []string{"If-Match", `"v2"`, "If-Match", `"v3"`}, 412, ""},
		{"a line without content among others", "5.3", []string{"If-Match", "", "If-Match", `"v1"`}, 200, ""},
		{"empty elements first", "5.6.1.2", []string{"If-Match", `, ,"v1"`}, 200, ""},
		{"empty elements between", "5.6.1.2", []string{"If-Match", `"v2",, ,"v1"`}, 200, ""},
		{"empty elements last", "5.6.1.2", []string{"If-Match", `"v1", ,`}, 200, ""},
		{"nothing but empty elements", "5.6.1.2", []string{"If-Match", ", ,"}, 412, ""},
		{"a weak tag never matches strongly", "8.8.3.2", []string{"If-Match", `W/"v1"`}, 412, ""},
		{"a weak tag does not spoil the list", "8.8.3.2", []string{"If-Match", `W/"v1", "v1"`}, 200, ""},
		{"W/ is case-sensitive", "8.8.3", []string{"If-Match", `w/"v1"`}, 412, ""},
		{"a tag is quoted", "8.8.3", []string{"If-Match", "v1"}, 412, ""},
		{"with double quotes", "8.8.3", []string{"If-Match", "'v1'"}, 412, ""},
		{"at both ends", "8.8.3", []string{"If-Match", `"v1`}, 412, ""},
		{"and not twice", "8.8.3", []string{"If-Match", `""v1""`}, 412, ""},
		{"tags are case-sensitive", "8.8.3.2", []string{"If-Match", `"V1"`}, 412, ""},
		{"the beginning of the tag", "8.8.3.2", []string{"If-Match", `"v"`}, 412, ""},
		{"more than the tag", "8.8.3.2", []string{"If-Match", `"v1-gzip"`}, 412, ""},
		{"the empty tag is a tag", "8.8.3", []string{"If-Match", `"", "v1"`}, 200, ""},
		{"the empty tag is another", "8.8.3", []string{"If-Match", `""`}, 412, ""},
		{"a tag may have a comma", "8.8.3", []string{"If-Match", `"v2,", "v1"`}, 200, ""},
		{"a comma does not end a tag", "8.8.3", []string{"If-Match", `"v2,"v1"`}, 412, ""},
		{"a tag may have obs-text", "8.8.3", []string{"If-Match", "\"v\xfc\", \"v1\""}, 200, ""},
		{"a tag has no space", "8.8.3", []string{"If-Match", `"v 1"`}, 412, ""},
		{"a star is no member of a list", "13.1.1", []string{"If-Match", `"v2", *`}, 412, ""},
		{"a quoted star is a tag", "13.1.1", []string{"If-Match", `"*"`}, 412, ""},
		{"nonsense after the tag", "5.6.1", []string{"If-Match", `"v1", ?`}, 200, ""},
	})
}

func TestIfUnmodifiedSince(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same second", "13.1.4", []string{"If-Unmodified-Since", exact}, 200, ""},
		{"a second after", "13.1.4", []string{"If-Unmodified-Since", newer}, 200, ""},
		{"a second before", "13.1.4", []string{"If-Unmodified-Since", older}, 412, ""},
		{"the same second, RFC 850", "5.6.7", []string{"If-Unmodified-Since", exactRFC850}, 200, ""},
		{"a second before, RFC 850", "5.6.7", []string{"If-Unmodified-Since", olderRFC850}, 412, ""},
		{"the same second, asctime", "5.6.7", []string{"If-Unmodified-Since", exactASCTime}, 200, ""},
		{"a second before, asctime", "5.6.7", []string{"If-Unmodified-Since", olderASCTime}, 412, ""},
		{"nonsense is ignored", "13.1.4", []string{"If-Unmodified-Since", "yesterday"}, 200, ""},
		{"a tag is nonsense", "13.1.4", []string{"If-Unmodified-Since", `"v2"`}, 200, ""},
		{"ISO 8601 is nonsense", "13.1.4", []string{"If-Unmodified-Since", "2024-05-06T07:08:08Z"}, 200, ""},
		{"seconds are nonsense", "13.1.4", []string{"If-Unmodified-Since", "1714979288"}, 200, ""},
		{"another time zone is nonsense", "5.6.7", []string{"If-Unmodified-Since", "Mon, 06 May 2024 07:08:08 +0000"}, 200, ""},
		{"two dates are nonsense", "5.3", []string{"If-Unmodified-Since", older, "If-Unmodified-Since", older}, 200, ""},
	})
}

func TestIfNoneMatch(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same tag", "13.1.2", []string{"If-None-Match", `"v1"`}, 304, ""},
		{"another tag", "13.1.2", []string{"If-None-Match", `"v2"`}, 200, ""},
		{"anything that exists", "13.1.2", []string{"If-None-Match", "*"}, 304, ""},
		{"the same tag, weak", "8.8.3.2", []string{"If-None-Match", `W/"v1"`}, 304, ""},
		{"another tag, weak", "8.8.3.2", []string{"If-None-Match", `W/"v2"`}, 200, ""},
		{"a list with the tag", "13.1.2", []string{"If-None-Match", `"v2", "v1", "v3"`}, 304, ""},
		{"a list with the tag, weak", "8.8.3.2", []string{"If-None-Match", `W/"v2",W/"v1"`}, 304, ""},
		{"a list without the tag", "13.1.2", []string{"If-None-Match", `"v2", W/"v3"`}, 200, ""},
		{"lines are one list", "5.3", []string{"If-None-Match", `"v2"`, "If-None-Match", `"v1"`}, 304, ""},
		{"lines without the tag", "5.3", []string{"If-None-Match", `"v2"`, "If-None-Match", `"v3"`}, 200, ""},
		{"empty elements", "5.6.1.2", []string{"If-None-Match", `,"v2",, "v1" ,`}, 304, ""},
		{"a tag may have a comma", "8.8.3", []string{"If-None-Match", `"v2, v3", "v1"`}, 200, ""}, // for it has a space
		{"a tag with a comma and the tag", "8.8.3", []string{"If-None-Match", `"v2,v3", "v1"`}, 304, ""},
		{"W/ is case-sensitive", "8.8.3", []string{"If-None-Match", `w/"v1"`}, 200, ""},
		{"a tag is quoted", "8.8.3", []string{"If-None-Match", "v1"}, 200, ""},
		{"at both ends", "8.8.3", []string{"If-None-Match", `"v1`}, 200, ""},
		{"tags are case-sensitive", "8.8.3.2", []string{"If-None-Match", `"V1"`}, 200, ""},
		{"W without a slash", "8.8.3", []string{"If-None-Match", `W"v1"`}, 200, ""},
		{"a space after W/", "8.8.3", []string{"If-None-Match", `W/ "v1"`}, 200, ""},
		{"nonsense", "8.8.3", []string{"If-None-Match", "?"}, 200, ""},
	})
}

func TestIfModifiedSince(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same second", "13.1.3", []string{"If-Modified-Since", exact}, 304, ""},
		{"a second after", "13.1.3", []string{"If-Modified-Since", newer}, 304, ""},
		{"a second before", "13.1.3", []string{"If-Modified-Since", older}, 200, ""},
		{"the same second, RFC 850", "5.6.7", []string{"If-Modified-Since", exactRFC850}, 304, ""},
		{"a second before, RFC 850", "5.6.7", []string{"If-Modified-Since", olderRFC850}, 200, ""},
		{"a second after, RFC 850", "5.6.7", []string{"If-Modified-Since", newerRFC850}, 304, ""},
		{"the same second, asctime", "5.6.7", []string{"If-Modified-Since", exactASCTime}, 304, ""},
		{"a second before, asctime", "5.6.7", []string{"If-Modified-Since", olderASCTime}, 200, ""},
		{"a second after, asctime", "5.6.7", []string{"If-Modified-Since", newerASCTime}, 304, ""},
		{"a date to come is a date", "13.1.3", []string{"If-Modified-Since", future}, 304, ""},
		{"nonsense is ignored", "13.1.3", []string{"If-Modified-Since", "today"}, 200, ""},
		{"a tag is nonsense", "13.1.3", []string{"If-Modified-Since", `"v1"`}, 200, ""},
		{"ISO 8601 is nonsense", "13.1.3", []string{"If-Modified-Since", "2024-05-06T07:08:09Z"}, 200, ""},
		{"seconds are nonsense", "13.1.3", []string{"If-Modified-Since", "1714979289"}, 200, ""},
		{"two dates are nonsense", "5.3", []string{"If-Modified-Since", exact, "If-Modified-Since", exact}, 200, ""},
	})
}

func TestConditionsTogether(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"If-Match holds, If-Unmodified-Since is not looked at", "13.2.2", []string{"If-Match", `"v1"`, "If-Unmodified-Since", older}, 200, ""},
		{"If-Match fails, If-Unmodified-Since is not looked at", "13.2.2", []string{"If-Match", `"v2"`, "If-Unmodified-Since", newer}, 412, ""},
		{"If-None-Match holds, If-Modified-Since is not looked at", "13.2.2", []string{"If-None-Match", `"v2"`, "If-Modified-Since", exact}, 200, ""},
		{"If-None-Match fails, If-Modified-Since is not looked at", "13.2.2", []string{"If-None-Match", `"v1"`, "If-Modified-Since", older}, 304, ""},
		{"If-None-Match of nonsense hides If-Modified-Since too", "13.1.3", []string{"If-None-Match", "v1", "If-Modified-Since", exact}, 200, ""},
		{"If-Match holds, If-None-Match fails", "13.2.2", []string{"If-Match", `"v1"`, "If-None-Match", `"v1"`}, 304, ""},
		{"If-Match fails, and goes before If-None-Match", "13.2.2", []string{"If-Match", `"v2"`, "If-None-Match", `"v1"`}, 412, ""},
		{"If-Match fails, and goes before If-Modified-Since", "13.2.2", []string{"If-Match", `"v2"`, "If-Modified-Since", exact}, 412, ""},
		{"If-Match holds, If-Modified-Since fails", "13.2.2", []string{"If-Match", `"v1"`, "If-Modified-Since", exact}, 304, ""},
		{"If-Unmodified-Since fails, and goes before If-None-Match", "13.2.2", []string{"If-Unmodified-Since", older, "If-None-Match", `"v1"`}, 412, ""},
		{"If-Unmodified-Since holds, If-None-Match fails", "13.2.2", []string{"If-Unmodified-Since", exact, "If-None-Match", `"v1"`}, 304, ""},
		{"If-Unmodified-Since fails, and goes before If-Modified-Since", "13.2.2", []string{"If-Unmodified-Since", older, "If-Modified-Since", exact}, 412, ""},
		{"If-Unmodified-Since holds, If-Modified-Since fails", "13.2.2", []string{"If-Unmodified-Since", exact, "If-Modified-Since", exact}, 304, ""},
		{"all hold", "13.2.2", []string{"If-Match", `"v1"`, "If-Unmodified-Since", exact, "If-None-Match", `"v2"`, "If-Modified-Since", older}, 200, ""},
		{"all fail", "13.2.2", []string{"If-Match", `"v2"`, "If-Unmodified-Since", older, "If-None-Match", `"v1"`, "If-Modified-Since", exact}, 412, ""},
		{"If-Match holds, then Range", "13.2.2", []string{"If-Match", `"v1"`, "Range", "bytes=0-4"}, 206, "0-4"},
		{"If-Match fails before Range", "13.2.2", []string{"If-Match", `"v2"`, "Range", "bytes=0-4"}, 412, ""},
		{"If-Match fails before a Range that cannot be satisfied", "13.2.2", []string{"If-Match", `"v2"`, "Range", "bytes=99-"}, 412, ""},
		{"If-Unmodified-Since holds, then Range", "13.2.2", []string{"If-Unmodified-Since", exact, "Range", "bytes=0-4"}, 206, "0-4"},
		{"If-Unmodified-Since fails before Range", "13.2.2", []string{"If-Unmodified-Since", older, "Range", "bytes=0-4"}, 412, ""},
		{"If-None-Match holds, then Range", "13.2.2", []string{"If-None-Match", `"v2"`, "Range", "bytes=0-4"}, 206, "0-4"},
		{"If-None-Match fails before Range", "13.2.2", []string{"If-None-Match", `"v1"`, "Range", "bytes=0-4"}, 304, ""},
		{"If-None-Match fails before a Range that cannot be satisfied", "13.2.2", []string{"If-None-Match", `"v1"`, "Range", "bytes=99-"}, 304, ""},
		{"If-Modified-Since holds, then Range", "13.2.2", []string{"If-Modified-Since", older, "Range", "bytes=0-4"}, 206, "0-4"},
		{"If-Modified-Since fails before Range", "13.2.2", []string{"If-Modified-Since", exact, "Range", "bytes=0-4"}, 304, ""},
		{"If-None-Match fails before If-Range", "13.2.2", []string{"If-None-Match", `"v1"`, "If-Range", `"v1"`, "Range", "bytes=0-4"}, 304, ""},
		{"If-Match fails before If-Range", "13.2.2", []string{"If-Match", `"v2"`, "If-Range", `"v1"`, "Range", "bytes=0-4"}, 412, ""},
	})
}

func TestConditionsOfWeakTag(t *testing.T) {
	offer{content: alphanumeric, etag: `W/"v1"`, modTime: modified}.run(t, []row{
		{"If-Match is never true of a weak tag", "13.1.1", []string{"If-Match", `W/"v1"`}, 412, ""},
		{"not of a strong one against it either", "13.1.1", []string{"If-Match", `"v1"`}, 412, ""},
		{"If-Match of anything is", "13.1.1", []string{"If-Match", "*"}, 200, ""},
		{"If-None-Match of the same tag", "13.1.2", []string{"If-None-Match", `W/"v1"`}, 304, ""},
		{"If-None-Match of the strong one", "8.8.3.2", []string{"If-None-Match", `"v1"`}, 304, ""},
		{"If-None-Match of another tag", "13.1.2", []string{"If-None-Match", `W/"v2"`}, 200, ""},
		{"If-None-Match of a list", "5.3", []string{"If-None-Match", `W/"v2"`, "If-None-Match", `"v3", W/"v1"`}, 304, ""},
		{"If-Range never trusts a weak tag", "13.1.5", []string{"If-Range", `W/"v1"`, "Range", "bytes=0-4"}, 200, ""},
		{"not even as a strong one", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=0-4"}, 200, ""},
	})
}

func TestConditionsWithoutTag(t *testing.T) {
	kinds := []kind{overSeeker, overReaderAt, overGenerator} // what is in memory always has one
	offer{content: alphanumeric, modTime: modified, kinds: kinds}.run(t, []row{
		{"If-Match of a tag", "13.1.1", []string{"If-Match", `"v1"`}, 412, ""},
		{"If-Match of the empty tag", "13.1.1", []string{"If-Match", `""`}, 412, ""},
		{"If-Match of anything", "13.1.1", []string{"If-Match", "*"}, 200, ""},
		{"If-None-Match of a tag", "13.1.2", []string{"If-None-Match", `"v1"`}, 200, ""},
		{"If-None-Match of the empty tag", "13.1.2", []string{"If-None-Match", `W/""`}, 200, ""},
		{"If-None-Match of anything", "13.1.2", []string{"If-None-Match", "*"}, 304, ""},
		{"If-None-Match hides If-Modified-Since", "13.1.3", []string{"If-None-Match", `"v1"`, "If-Modified-Since", exact}, 200, ""},
		{"If-Modified-Since alone", "13.1.3", []string{"If-Modified-Since", exact}, 304, ""},
		{"If-Unmodified-Since alone", "13.1.4", []string{"If-Unmodified-Since", older}, 412, ""},
		{"If-Range of a tag", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=0-4"}, 200, ""},
	})
}

func TestConditionsWithoutDate(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`}.run(t, []row{
		{"If-Unmodified-Since has nothing to compare with", "13.1.4", []string{"If-Unmodified-Since", older}, 200, ""},
		{"nor has If-Modified-Since", "13.1.3", []string{"If-Modified-Since", newer}, 200, ""},
		{"If-Range of a date is false", "13.1.5", []string{"If-Range", exact, "Range", "bytes=0-4"}, 200, ""},
		{"the tag does its work", "13.1.2", []string{"If-None-Match", `"v1"`}, 304, ""},
	})
}

func TestConditionsOfOddTag(t *testing.T) {
	offer{content: alphanumeric, etag: `"a,b\"`, modTime: modified}.run(t, []row{
		{"a comma and a backslash mean nothing in a tag", "8.8.3", []string{"If-None-Match", `"a,b\"`}, 304, ""},
		{"not in a list either", "8.8.3", []string{"If-None-Match", `"a","a,b\","b\"`}, 304, ""},
		{"the first half of the tag", "8.8.3", []string{"If-None-Match", `"a"`}, 200, ""},
		{"the halves of the tag", "8.8.3", []string{"If-None-Match", `"a", "b\"`}, 200, ""},
		{"If-Match", "8.8.3", []string{"If-Match", `"a", "a,b\"`}, 200, ""},
		{"If-Range", "8.8.3", []string{"If-Range", `"a,b\"`, "Range", "bytes=1-1"}, 206, "1-1"},
	})
}

func TestConditionsOfHead(t *testing.T) {
	offer{method: http.MethodHead, content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no condition", "9.3.2", nil, 200, ""},
		{"If-Match holds", "13.1.1", []string{"If-Match", `"v1"`}, 200, ""},
		{"If-Match fails", "13.1.1", []string{"If-Match", `"v2"`}, 412, ""},
		{"If-Unmodified-Since fails", "13.1.4", []string{"If-Unmodified-Since", older}, 412, ""},
		{"If-None-Match fails", "13.1.2", []string{"If-None-Match", `"v1"`}, 304, ""},
		{"If-Modified-Since fails", "13.1.3", []string{"If-Modified-Since", exact}, 304, ""},
		{"If-Modified-Since holds", "13.1.3", []string{"If-Modified-Since", older}, 200, ""},
	})
}

func TestConditionsOfPost(t *testing.T) {
	offer{method: http.MethodPost, content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"If-Match", "13.2.1", []string{"If-Match", `"v2"`}, 200, ""},
		{"If-Unmodified-Since", "13.2.1", []string{"If-Unmodified-Since", older}, 200, ""},
		{"If-None-Match", "13.2.1", []string{"If-None-Match", `"v1"`}, 200, ""},
		{"If-Modified-Since", "13.1.3", []string{"If-Modified-Since", exact}, 200, ""},
		{"Range", "14.2", []string{"Range", "bytes=0-4"}, 200, ""},
		{"a Range that cannot be satisfied", "14.2", []string{"Range", "bytes=99-"}, 200, ""},
	})
}

func TestViewDecidesIfModifiedSince(t *testing.T) {
	unmodified := func(time.Time) bool { return false }
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified, wasModifiedSince: unmodified}.run(t, []row{
		{"an old date, but the view says no", "13.1.3", []string{"If-Modified-Since", older}, 304, ""},
		{"without the field it is not asked", "13.1.3", nil, 200, ""},
		{"If-None-Match decides before it", "13.1.3", []string{"If-None-Match", `"v2"`, "If-Modified-Since", older}, 200, ""},
		{"If-Match decides before it", "13.2.2", []string{"If-Match", `"v2"`, "If-Modified-Since", older}, 412, ""},
		{"nonsense is not shown to it", "13.1.3", []string{"If-Modified-Since", "today"}, 200, ""},
		{"If-Unmodified-Since is not its business", "13.1.4", []string{"If-Unmodified-Since", older}, 412, ""},
		{"it decides before Range", "13.2.2", []string{"If-Modified-Since", older, "Range", "bytes=0-4"}, 304, ""},
	})
	offer{content: alphanumeric, etag: `"v1"`, wasModifiedSince: unmodified}.run(t, []row{
		{"it may know without a date", "13.1.3", []string{"If-Modified-Since", older}, 304, ""},
	})
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified, wasModifiedSince: func(time.Time) bool { return true }}.run(t, []row{
		{"a new date, but the view says yes", "13.1.3", []string{"If-Modified-Since", newer}, 200, ""},
		{"what it says of a Range", "13.1.3", []string{"If-Modified-Since", newer, "Range", "bytes=0-4"}, 206, "0-4"},
	})
}

// The view is asked once, with the very date of the request, and by nothing
// but an If-Modified-Since that counts.
func TestViewIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	var since atomic.Value
	srv := servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := response.New(files.NewContentFile(alphanumeric, "file.txt"), response.Options{})
		d.WasModifiedSince = func(s time.Time) bool {
			asked.Add(1)
			since.Store(s)
			return false
		}
		d.ServeHTTP(w, r)
	}))
	for _, header := range [][]string{
		nil,
		{"If-None-Match", `"v2"`, "If-Modified-Since", exact},
		{"If-Match", `"v2"`, "If-Modified-Since", exact},
		{"If-Modified-Since", "today"},
		{"If-Unmodified-Since", exact},
		{"If-Range", exact, "Range", "bytes=0-4"},
	} {
		if got := srv.Do(t, "GET", "/", header...); got.Err != nil || asked.Load() != 0 {
			t.Fatalf("the view was asked %d times for %q, %v", asked.Load(), header, got.Err)
		}
	}
	got := srv.Do(t, "GET", "/", "If-Modified-Since", exact)
	if got.Status != http.StatusNotModified || got.Err != nil || asked.Load() != 1 {
		t.Errorf("status %d, %v after the view was asked %d times, want 304 after one", got.Status, got.Err, asked.Load())
	}
	if got, want := since.Load().(time.Time), modified.Truncate(time.Second); !got.Equal(want) {
		t.Errorf("the view was asked about %v, want %v", got, want)
	}
}
