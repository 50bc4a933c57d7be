package response_test

import (
	"io/fs"
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

func TestRange(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no Range", "14.2", nil, 200, ""},
		{"the first byte", "14.1.2", []string{"Range", "bytes=0-0"}, 206, "0-0"},
		{"the first five bytes", "14.1.2", []string{"Range", "bytes=0-4"}, 206, "0-4"},
		{"some from the middle", "14.1.2", []string{"Range", "bytes=10-19"}, 206, "10-19"},
		{"the last byte", "14.1.2", []string{"Range", "bytes=35-35"}, 206, "35-35"},
		{"all bytes", "14.1.2", []string{"Range", "bytes=0-35"}, 206, "0-35"},
		{"open-ended from the first", "14.1.2", []string{"Range", "bytes=0-"}, 206, "0-35"},
		{"open-ended from the middle", "14.1.2", []string{"Range", "bytes=10-"}, 206, "10-35"},
		{"open-ended from the last", "14.1.2", []string{"Range", "bytes=35-"}, 206, "35-35"},
		{"the end is cut to the file's", "14.1.2", []string{"Range", "bytes=30-36"}, 206, "30-35"},
		{"an end far beyond it too", "14.1.2", []string{"Range", "bytes=30-999999999"}, 206, "30-35"},
		{"an end of int64", "14.1.2", []string{"Range", "bytes=30-9223372036854775807"}, 206, "30-35"},
		{"an end beyond int64", "14.1.2", []string{"Range", "bytes=30-9223372036854775808"}, 206, "30-35"},
		{"an end beyond uint64", "14.1.2", []string{"Range", "bytes=30-99999999999999999999999"}, 206, "30-35"},
		{"a suffix of one", "14.1.2", []string{"Range", "bytes=-1"}, 206, "35-35"},
		{"a suffix of five", "14.1.2", []string{"Range", "bytes=-5"}, 206, "31-35"},
		{"a suffix of all", "14.1.2", []string{"Range", "bytes=-36"}, 206, "0-35"},
		{"a suffix of more than all", "14.1.2", []string{"Range", "bytes=-37"}, 206, "0-35"},
		{"a suffix beyond int64", "14.1.2", []string{"Range", "bytes=-9223372036854775808"}, 206, "0-35"},
		{"a suffix beyond uint64", "14.1.2", []string{"Range", "bytes=-99999999999999999999999"}, 206, "0-35"},
		{"leading zeros", "14.1.1", []string{"Range", "bytes=000-0004"}, 206, "0-4"},
		{"more leading zeros than int64 has digits", "14.1.1", []string{"Range", "bytes=00000000000000000000005-00000000000000000000006"}, 206, "5-6"},
		{"leading zeros of a suffix", "14.1.1", []string{"Range", "bytes=-005"}, 206, "31-35"},
		{"leading zeros do not count for the order", "14.1.1", []string{"Range", "bytes=009-10"}, 206, "9-10"},
		{"the unit is case-insensitive", "14.1", []string{"Range", "Bytes=0-4"}, 206, "0-4"},
		{"all of it", "14.1", []string{"Range", "BYTES=0-4"}, 206, "0-4"},
		{"a suffix of nothing", "14.1.2", []string{"Range", "bytes=-0"}, 416, ""},
		{"a suffix of nothing, in three digits", "14.1.2", []string{"Range", "bytes=-000"}, 416, ""},
		{"from the end on", "14.1.2", []string{"Range", "bytes=36-"}, 416, ""},
		{"from the end to beyond", "14.1.2", []string{"Range", "bytes=36-40"}, 416, ""},
		{"far beyond the end", "14.1.2", []string{"Range", "bytes=1000-2000"}, 416, ""},
		{"from int64", "14.1.2", []string{"Range", "bytes=9223372036854775807-"}, 416, ""},
		{"from beyond int64", "14.1.2", []string{"Range", "bytes=9223372036854775808-"}, 416, ""},
		{"from beyond uint64", "14.1.2", []string{"Range", "bytes=99999999999999999999998-99999999999999999999999"}, 416, ""},
		{"a number that is a multiple of 2^64", "14.1.2", []string{"Range", "bytes=18446744073709551616-"}, 416, ""},
	})
}

func TestRangeIgnored(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no value", "14.2", []string{"Range", ""}, 200, ""},
		{"no set", "14.1.1", []string{"Range", "bytes"}, 200, ""},
		{"an empty set", "14.1.1", []string{"Range", "bytes="}, 200, ""},
		{"a set of empty elements", "14.1.1", []string{"Range", "bytes=,"}, 200, ""},
		{"a set of empty elements and spaces", "14.1.1", []string{"Range", "bytes= , ,"}, 200, ""},
		{"no unit", "14.1.1", []string{"Range", "0-4"}, 200, ""},
		{"an empty unit", "14.1.1", []string{"Range", "=0-4"}, 200, ""},
		{"an unknown unit", "14.2", []string{"Range", "items=0-4"}, 200, ""},
		{"an unknown unit and numbers beyond the file", "14.2", []string{"Range", "items=99-"}, 200, ""},
		{"the unit none", "14.2", []string{"Range", "none=0-4"}, 200, ""},
		{"byte in the singular", "14.2", []string{"Range", "byte=0-4"}, 200, ""},
		{"a unit that begins so", "14.2", []string{"Range", "bytesize=0-4"}, 200, ""},
		{"a space before =", "14.1.1", []string{"Range", "bytes =0-4"}, 200, ""},
		{"a space for =", "14.1.1", []string{"Range", "bytes 0-4"}, 200, ""},
		{"a colon for =", "14.1.1", []string{"Range", "bytes: 0-4"}, 200, ""},
		{"two =", "14.1.1", []string{"Range", "bytes==0-4"}, 200, ""},
		{"a second = behind", "14.1.1", []string{"Range", "bytes=0-4="}, 200, ""},
		{"the unit twice", "14.1.1", []string{"Range", "bytes=0-4, bytes=6-8"}, 200, ""},
		{"two lines", "14.2", []string{"Range", "bytes=0-4", "Range", "bytes=6-8"}, 200, ""},
		{"nothing but a dash", "14.1.1", []string{"Range", "bytes=-"}, 200, ""},
		{"no dash", "14.1.1", []string{"Range", "bytes=5"}, 200, ""},
		{"two dashes", "14.1.1", []string{"Range", "bytes=0--4"}, 200, ""},
		{"two dashes first", "14.1.1", []string{"Range", "bytes=--5"}, 200, ""},
		{"three numbers", "14.1.1", []string{"Range", "bytes=0-4-6"}, 200, ""},
		{"a suffix with an end", "14.1.1", []string{"Range", "bytes=-5-"}, 200, ""},
		{"a sign is not a digit", "14.1.1", []string{"Range", "bytes=+5-9"}, 200, ""},
		{"nor is it in the end", "14.1.1", []string{"Range", "bytes=5-+9"}, 200, ""},
		{"nor in a suffix", "14.1.1", []string{"Range", "bytes=-+5"}, 200, ""},
		{"a space before the dash", "14.1.1", []string{"Range", "bytes=0 -4"}, 200, ""},
		{"a space behind the dash", "14.1.1", []string{"Range", "bytes=0- 4"}, 200, ""},
		{"a space in a number", "14.1.1", []string{"Range", "bytes=1 0-20"}, 200, ""},
		{"a space in a suffix", "14.1.1", []string{"Range", "bytes=- 5"}, 200, ""},
		{"letters", "14.1.1", []string{"Range", "bytes=a-b"}, 200, ""},
		{"hexadecimal numbers", "14.1.1", []string{"Range", "bytes=0x0-0x4"}, 200, ""},
		{"hexadecimal digits", "14.1.1", []string{"Range", "bytes=a-1f"}, 200, ""},
		{"a fraction", "14.1.1", []string{"Range", "bytes=0.0-4.0"}, 200, ""},
		{"an exponent", "14.1.1", []string{"Range", "bytes=1e1-2e1"}, 200, ""},
		{"Go's digit separator", "14.1.1", []string{"Range", "bytes=1_0-2_0"}, 200, ""},
		{"digits of another script", "14.1.1", []string{"Range", "bytes=١-٢"}, 200, ""},
		{"quotes", "14.1.1", []string{"Range", `bytes="0-4"`}, 200, ""},
		{"a star", "14.1.1", []string{"Range", "bytes=*"}, 200, ""},
		{"a Content-Range", "14.1.1", []string{"Range", "bytes=0-4/36"}, 200, ""},
		{"a semicolon between ranges", "14.1.1", []string{"Range", "bytes=0-4;6-8"}, 200, ""},
		{"the end before the beginning", "14.1.1", []string{"Range", "bytes=4-3"}, 200, ""},
		{"the end far before the beginning", "14.1.1", []string{"Range", "bytes=35-0"}, 200, ""},
		{"the end before a beginning beyond the file", "14.1.1", []string{"Range", "bytes=100-99"}, 200, ""},
		{"the same beyond int64", "14.1.1", []string{"Range", "bytes=99999999999999999999-99999999999999999998"}, 200, ""},
		{"a beginning beyond int64 alone", "14.1.1", []string{"Range", "bytes=99999999999999999999-4"}, 200, ""},
		{"the same with leading zeros", "14.1.1", []string{"Range", "bytes=00010-000000009"}, 200, ""},
		{"one malformed of two", "14.2", []string{"Range", "bytes=0-4,x"}, 200, ""},
		{"the first malformed of two", "14.2", []string{"Range", "bytes=x,0-4"}, 200, ""},
		{"one backward of two", "14.2", []string{"Range", "bytes=0-4,9-8"}, 200, ""},
		{"one signed of two", "14.2", []string{"Range", "bytes=0-4,+6-8"}, 200, ""},
		{"one without a dash of three", "14.2", []string{"Range", "bytes=0-4,5,6-8"}, 200, ""},
		{"one malformed, one beyond the end", "14.2", []string{"Range", "bytes=100-,x"}, 200, ""},
		{"spaces between ranges", "14.1.1", []string{"Range", "bytes=0-4 6-8"}, 200, ""},
	})
}

func TestRanges(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"two", "14.6", []string{"Range", "bytes=0-4,10-14"}, 206, "0-4,10-14"},
		{"three, of all forms", "14.1.2", []string{"Range", "bytes=5-6,20-20,-2"}, 206, "5-6,20-20,34-35"},
		{"the first and the last byte", "14.1.2", []string{"Range", "bytes=0-0,-1"}, 206, "0-0,35-35"},
		{"one cut to the file's end", "14.1.2", []string{"Range", "bytes=0-4,30-99"}, 206, "0-4,30-35"},
		{"spaces and tabs around the comma", "5.6.1", []string{"Range", "bytes=0-4 \t, \t10-14"}, 206, "0-4,10-14"},
		{"empty elements", "5.6.1.2", []string{"Range", "bytes=,0-4,, ,10-14,"}, 206, "0-4,10-14"},
		{"empty elements and one range", "5.6.1.2", []string{"Range", "bytes=,,10-14,"}, 206, "10-14"},
		{"a step backward", "14.6", []string{"Range", "bytes=10-14,0-4"}, 206, "10-14,0-4"},
		{"steps in both directions", "14.6", []string{"Range", "bytes=20-21,0-1,30-31,10-11"}, 206, "20-21,0-1,30-31,10-11"},
		{"one after the other, backward", "14.6", []string{"Range", "bytes=-1,34-34,33-33,32-32"}, 206, "35-35,34-34,33-33,32-32"},
		{"neighbours do not overlap", "15.3.7.2", []string{"Range", "bytes=0-4,5-9"}, 206, "0-4,5-9"},
		{"overlaps become one", "15.3.7.2", []string{"Range", "bytes=0-9,5-14"}, 206, "0-14"},
		{"overlaps become one, backward", "15.3.7.2", []string{"Range", "bytes=5-14,0-9"}, 206, "0-14"},
		{"an overlap of one byte", "15.3.7.2", []string{"Range", "bytes=0-5,5-9"}, 206, "0-9"},
		{"one within the other", "15.3.7.2", []string{"Range", "bytes=0-9,2-3"}, 206, "0-9"},
		{"one around the other", "15.3.7.2", []string{"Range", "bytes=2-3,0-9"}, 206, "0-9"},
		{"the same twice", "15.3.7.2", []string{"Range", "bytes=0-4,0-4"}, 206, "0-4"},
		{"the same three times, in three forms", "15.3.7.2", []string{"Range", "bytes=31-35,31-,-5"}, 206, "31-35"},
		{"all of it and a part", "15.3.7.2", []string{"Range", "bytes=0-,-5"}, 206, "0-35"},
		{"a chain of overlaps", "15.3.7.2", []string{"Range", "bytes=0-5,10-15,4-11"}, 206, "0-15"},
		{"overlaps beside another", "15.3.7.2", []string{"Range", "bytes=0-4,20-24,3-6"}, 206, "0-6,20-24"},
		{"overlaps come where the first of them was", "15.3.7.2", []string{"Range", "bytes=20-24,0-4,22-29"}, 206, "20-29,0-4"},
		{"that is not where the lower of them was", "15.3.7.2", []string{"Range", "bytes=22-29,0-4,20-24"}, 206, "20-29,0-4"},
		{"two pairs of overlaps", "15.3.7.2", []string{"Range", "bytes=20-24,0-4,22-29,2-6"}, 206, "20-29,0-6"},
		{"one beyond the end is left out", "14.1.2", []string{"Range", "bytes=0-4,100-"}, 206, "0-4"},
		{"wherever it is", "14.1.2", []string{"Range", "bytes=100-,0-4,-0,10-14"}, 206, "0-4,10-14"},
		{"all beyond the end", "15.5.17", []string{"Range", "bytes=36-,100-200,-0"}, 416, ""},
		{"an empty suffix twice", "15.5.17", []string{"Range", "bytes=-0,-0"}, 416, ""},
	})
}

func TestIfRange(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same tag", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=0-4"}, 206, "0-4"},
		{"the same tag, several ranges", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=9-9,0-4"}, 206, "9-9,0-4"},
		{"the same tag, beyond the end", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=99-"}, 416, ""},
		{"the same tag, malformed", "13.1.5", []string{"If-Range", `"v1"`, "Range", "bytes=x"}, 200, ""},
		{"another tag", "13.1.5", []string{"If-Range", `"v2"`, "Range", "bytes=0-4"}, 200, ""},
		{"another tag, beyond the end", "13.1.5", []string{"If-Range", `"v2"`, "Range", "bytes=99-"}, 200, ""},
		{"a weak tag", "13.1.5", []string{"If-Range", `W/"v1"`, "Range", "bytes=0-4"}, 200, ""},
		{"a tag is quoted", "13.1.5", []string{"If-Range", "v1", "Range", "bytes=0-4"}, 200, ""},
		{"at both ends", "13.1.5", []string{"If-Range", `"v1`, "Range", "bytes=0-4"}, 200, ""},
		{"there are no lists", "13.1.5", []string{"If-Range", `"v1", "v1"`, "Range", "bytes=0-4"}, 200, ""},
		{"there is one line", "13.1.5", []string{"If-Range", `"v1"`, "If-Range", `"v1"`, "Range", "bytes=0-4"}, 200, ""},
		{"there is no star", "13.1.5", []string{"If-Range", "*", "Range", "bytes=0-4"}, 200, ""},
		{"the date", "13.1.5", []string{"If-Range", exact, "Range", "bytes=0-4"}, 206, "0-4"},
		{"the date, RFC 850", "5.6.7", []string{"If-Range", exactRFC850, "Range", "bytes=0-4"}, 206, "0-4"},
		{"the date, asctime", "5.6.7", []string{"If-Range", exactASCTime, "Range", "bytes=0-4"}, 206, "0-4"},
		{"an older date", "13.1.5", []string{"If-Range", older, "Range", "bytes=0-4"}, 200, ""},
		{"a newer date is not the date", "13.1.5", []string{"If-Range", newer, "Range", "bytes=0-4"}, 200, ""},
		{"an older date, asctime", "5.6.7", []string{"If-Range", olderASCTime, "Range", "bytes=0-4"}, 200, ""},
		{"two dates", "13.1.5", []string{"If-Range", exact, "If-Range", exact, "Range", "bytes=0-4"}, 200, ""},
		{"nonsense", "13.1.5", []string{"If-Range", "today", "Range", "bytes=0-4"}, 200, ""},
		{"no Range, the same tag", "13.1.5", []string{"If-Range", `"v1"`}, 200, ""},
		{"no Range, another tag", "13.1.5", []string{"If-Range", `"v2"`}, 200, ""},
		{"If-None-Match of another tag goes before it", "13.2.2", []string{"If-None-Match", `"v2"`, "If-Range", `"v1"`, "Range", "bytes=0-4"}, 206, "0-4"},
		{"an unknown unit", "14.2", []string{"If-Range", `"v1"`, "Range", "items=0-4"}, 200, ""},
	})
}

func TestRangeOfHead(t *testing.T) {
	offer{method: http.MethodHead, content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"a range", "14.2", []string{"Range", "bytes=0-4"}, 200, ""},
		{"several", "14.2", []string{"Range", "bytes=0-4,10-14"}, 200, ""},
		{"beyond the end", "14.2", []string{"Range", "bytes=99-"}, 200, ""},
		{"with If-Range", "14.2", []string{"If-Range", `"v1"`, "Range", "bytes=0-4"}, 200, ""},
	})
}

func TestRangeOfEmptyFile(t *testing.T) {
	offer{content: "", etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no range", "14.2", nil, 200, ""},
		{"from the first byte", "14.1.2", []string{"Range", "bytes=0-"}, 200, ""},
		{"the first byte", "14.1.2", []string{"Range", "bytes=0-0"}, 200, ""},
		{"beyond the end", "14.1.2", []string{"Range", "bytes=5-9"}, 200, ""},
		{"a suffix", "14.1.2", []string{"Range", "bytes=-5"}, 200, ""},
		{"an empty suffix", "14.1.2", []string{"Range", "bytes=-0"}, 200, ""},
		{"several", "14.1.2", []string{"Range", "bytes=0-0,-1"}, 200, ""},
	})
}

// Generated content has ranges if its author vouches for its bytes by a strong
// tag, and the others have them in any case.
func TestRangeOfGeneratedContent(t *testing.T) {
	ignored := []row{
		{"a range", "14.3", []string{"Range", "bytes=0-4"}, 200, ""},
		{"several", "14.3", []string{"Range", "bytes=0-4,10-14"}, 200, ""},
		{"beyond the end", "14.3", []string{"Range", "bytes=99-"}, 200, ""},
	}
	served := []row{
		{"a range", "14.3", []string{"Range", "bytes=0-4"}, 206, "0-4"},
		{"several", "14.3", []string{"Range", "bytes=0-4,10-14"}, 206, "0-4,10-14"},
		{"beyond the end", "14.3", []string{"Range", "bytes=99-"}, 416, ""},
	}
	off := response.Options{NoGeneratedRanges: true}
	for _, test := range []struct {
		reason string
		offer  offer
		rows   []row
	}{
		{"without a tag", offer{kinds: []kind{overGenerator}}, ignored},
		{"with a weak tag", offer{etag: `W/"v1"`, kinds: []kind{overGenerator}}, ignored},
		{"switched off", offer{etag: `"v1"`, options: off, kinds: []kind{overGenerator}}, ignored},
		{"not generated, without a tag", offer{kinds: []kind{overSeeker, overReaderAt}}, served},
		{"not generated, with a weak tag", offer{etag: `W/"v1"`, kinds: []kind{overMemory, overSeeker, overReaderAt}}, served},
		{"not generated, switched off", offer{etag: `"v1"`, options: off, kinds: []kind{overMemory, overSeeker, overReaderAt}}, served},
	} {
		t.Run(test.reason, func(t *testing.T) {
			test.offer.content, test.offer.modTime = alphanumeric, modified
			test.offer.run(t, test.rows)
		})
	}
}

func TestRangeOfUnknownSize(t *testing.T) {
	srv := servertest.Start(t, servertest.HTTP11, download(func() fs.File {
		f := generated(chunks(alphanumeric, 7))
		f.ETag = `"v1"`
		return f
	}))
	for _, value := range []string{"bytes=0-4", "bytes=0-4,10-14", "bytes=99-", "bytes=-5"} {
		got := srv.Do(t, "GET", "/", "Range", value)
		got.Check(t, http.StatusOK, alphanumeric)
		if h := got.Header; h.Get("Accept-Ranges") != "none" || h.Get("Content-Range") != "" {
			t.Errorf("Range: %s: Accept-Ranges %q, Content-Range %q", value, h.Get("Accept-Ranges"), h.Get("Content-Range"))
		}
	}
}
