package response_test

import (
	"io/fs"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

func TestRange(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no Range", "14.2", nil, 200, ""},
		{"the first byte", "14.1.2", []string{"Range: bytes=0-0"}, 206, "0-0"},
		{"the first five bytes", "14.1.2", []string{"Range: bytes=0-4"}, 206, "0-4"},
		{"some from the middle", "14.1.2", []string{"Range: bytes=10-19"}, 206, "10-19"},
		{"the last byte", "14.1.2", []string{"Range: bytes=35-35"}, 206, "35-35"},
		{"all bytes", "14.1.2", []string{"Range: bytes=0-35"}, 206, "0-35"},
		{"open-ended from the first", "14.1.2", []string{"Range: bytes=0-"}, 206, "0-35"},
		{"open-ended from the middle", "14.1.2", []string{"Range: bytes=10-"}, 206, "10-35"},
		{"open-ended from the last", "14.1.2", []string{"Range: bytes=35-"}, 206, "35-35"},
		{"the end is cut to the file's", "14.1.2", []string{"Range: bytes=30-36"}, 206, "30-35"},
		{"an end far beyond it too", "14.1.2", []string{"Range: bytes=30-999999999"}, 206, "30-35"},
		{"an end of int64", "14.1.2", []string{"Range: bytes=30-9223372036854775807"}, 206, "30-35"},
		{"an end beyond int64", "14.1.2", []string{"Range: bytes=30-9223372036854775808"}, 206, "30-35"},
		{"an end beyond uint64", "14.1.2", []string{"Range: bytes=30-99999999999999999999999"}, 206, "30-35"},
		{"a suffix of one", "14.1.2", []string{"Range: bytes=-1"}, 206, "35-35"},
		{"a suffix of five", "14.1.2", []string{"Range: bytes=-5"}, 206, "31-35"},
		{"a suffix of all", "14.1.2", []string{"Range: bytes=-36"}, 206, "0-35"},
		{"a suffix of more than all", "14.1.2", []string{"Range: bytes=-37"}, 206, "0-35"},
		{"a suffix beyond int64", "14.1.2", []string{"Range: bytes=-9223372036854775808"}, 206, "0-35"},
		{"a suffix beyond uint64", "14.1.2", []string{"Range: bytes=-99999999999999999999999"}, 206, "0-35"},
		{"leading zeros", "14.1.1", []string{"Range: bytes=000-0004"}, 206, "0-4"},
		{"more leading zeros than int64 has digits", "14.1.1", []string{"Range: bytes=00000000000000000000005-00000000000000000000006"}, 206, "5-6"},
		{"leading zeros of a suffix", "14.1.1", []string{"Range: bytes=-005"}, 206, "31-35"},
		{"leading zeros do not count for the order", "14.1.1", []string{"Range: bytes=009-10"}, 206, "9-10"},
		{"the unit is case-insensitive", "14.1", []string{"Range: Bytes=0-4"}, 206, "0-4"},
		{"all of it", "14.1", []string{"Range: BYTES=0-4"}, 206, "0-4"},
		{"a suffix of nothing", "14.1.2", []string{"Range: bytes=-0"}, 416, ""},
		{"a suffix of nothing, in three digits", "14.1.2", []string{"Range: bytes=-000"}, 416, ""},
		{"from the end on", "14.1.2", []string{"Range: bytes=36-"}, 416, ""},
		{"from the end to beyond", "14.1.2", []string{"Range: bytes=36-40"}, 416, ""},
		{"far beyond the end", "14.1.2", []string{"Range: bytes=1000-2000"}, 416, ""},
		{"from int64", "14.1.2", []string{"Range: bytes=9223372036854775807-"}, 416, ""},
		{"from beyond int64", "14.1.2", []string{"Range: bytes=9223372036854775808-"}, 416, ""},
		{"from beyond uint64", "14.1.2", []string{"Range: bytes=99999999999999999999998-99999999999999999999999"}, 416, ""},
		{"a number that is a multiple of 2^64", "14.1.2", []string{"Range: bytes=18446744073709551616-"}, 416, ""},
	})
}

func TestRangeIgnored(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no value", "14.2", []string{"Range:"}, 200, ""},
		{"no set", "14.1.1", []string{"Range: bytes"}, 200, ""},
		{"an empty set", "14.1.1", []string{"Range: bytes="}, 200, ""},
		{"a set of empty elements", "14.1.1", []string{"Range: bytes=,"}, 200, ""},
		{"a set of empty elements and spaces", "14.1.1", []string{"Range: bytes= , ,"}, 200, ""},
		{"no unit", "14.1.1", []string{"Range: 0-4"}, 200, ""},
		{"an empty unit", "14.1.1", []string{"Range: =0-4"}, 200, ""},
		{"an unknown unit", "14.2", []string{"Range: items=0-4"}, 200, ""},
		{"an unknown unit and numbers beyond the file", "14.2", []string{"Range: items=99-"}, 200, ""},
		{"the unit none", "14.2", []string{"Range: none=0-4"}, 200, ""},
		{"byte in the singular", "14.2", []string{"Range: byte=0-4"}, 200, ""},
		{"a unit that begins so", "14.2", []string{"Range: bytesize=0-4"}, 200, ""},
		{"a space before =", "14.1.1", []string{"Range: bytes =0-4"}, 200, ""},
		{"a space for =", "14.1.1", []string{"Range: bytes 0-4"}, 200, ""},
		{"a colon for =", "14.1.1", []string{"Range: bytes: 0-4"}, 200, ""},
		{"two =", "14.1.1", []string{"Range: bytes==0-4"}, 200, ""},
		{"a second = behind", "14.1.1", []string{"Range: bytes=0-4="}, 200, ""},
		{"the unit twice", "14.1.1", []string{"Range: bytes=0-4, bytes=6-8"}, 200, ""},
		{"two lines", "14.2", []string{"Range: bytes=0-4", "Range: bytes=6-8"}, 200, ""},
		{"nothing but a dash", "14.1.1", []string{"Range: bytes=-"}, 200, ""},
		{"no dash", "14.1.1", []string{"Range: bytes=5"}, 200, ""},
		{"two dashes", "14.1.1", []string{"Range: bytes=0--4"}, 200, ""},
		{"two dashes first", "14.1.1", []string{"Range: bytes=--5"}, 200, ""},
		{"three numbers", "14.1.1", []string{"Range: bytes=0-4-6"}, 200, ""},
		{"a suffix with an end", "14.1.1", []string{"Range: bytes=-5-"}, 200, ""},
		{"a sign is not a digit", "14.1.1", []string{"Range: bytes=+5-9"}, 200, ""},
		{"nor is it in the end", "14.1.1", []string{"Range: bytes=5-+9"}, 200, ""},
		{"nor in a suffix", "14.1.1", []string{"Range: bytes=-+5"}, 200, ""},
		{"a space before the dash", "14.1.1", []string{"Range: bytes=0 -4"}, 200, ""},
		{"a space behind the dash", "14.1.1", []string{"Range: bytes=0- 4"}, 200, ""},
		{"a space in a number", "14.1.1", []string{"Range: bytes=1 0-20"}, 200, ""},
		{"a space in a suffix", "14.1.1", []string{"Range: bytes=- 5"}, 200, ""},
		{"letters", "14.1.1", []string{"Range: bytes=a-b"}, 200, ""},
		{"hexadecimal numbers", "14.1.1", []string{"Range: bytes=0x0-0x4"}, 200, ""},
		{"hexadecimal digits", "14.1.1", []string{"Range: bytes=a-1f"}, 200, ""},
		{"a fraction", "14.1.1", []string{"Range: bytes=0.0-4.0"}, 200, ""},
		{"an exponent", "14.1.1", []string{"Range: bytes=1e1-2e1"}, 200, ""},
		{"Go's digit separator", "14.1.1", []string{"Range: bytes=1_0-2_0"}, 200, ""},
		{"digits of another script", "14.1.1", []string{"Range: bytes=١-٢"}, 200, ""},
		{"quotes", "14.1.1", []string{`Range: bytes="0-4"`}, 200, ""},
		{"a star", "14.1.1", []string{"Range: bytes=*"}, 200, ""},
		{"a Content-Range", "14.1.1", []string{"Range: bytes=0-4/36"}, 200, ""},
		{"a semicolon between ranges", "14.1.1", []string{"Range: bytes=0-4;6-8"}, 200, ""},
		{"the end before the beginning", "14.1.1", []string{"Range: bytes=4-3"}, 200, ""},
		{"the end far before the beginning", "14.1.1", []string{"Range: bytes=35-0"}, 200, ""},
		{"the end before a beginning beyond the file", "14.1.1", []string{"Range: bytes=100-99"}, 200, ""},
		{"the same beyond int64", "14.1.1", []string{"Range: bytes=99999999999999999999-99999999999999999998"}, 200, ""},
		{"a beginning beyond int64 alone", "14.1.1", []string{"Range: bytes=99999999999999999999-4"}, 200, ""},
		{"the same with leading zeros", "14.1.1", []string{"Range: bytes=00010-000000009"}, 200, ""},
		{"one malformed of two", "14.2", []string{"Range: bytes=0-4,x"}, 200, ""},
		{"the first malformed of two", "14.2", []string{"Range: bytes=x,0-4"}, 200, ""},
		{"one backward of two", "14.2", []string{"Range: bytes=0-4,9-8"}, 200, ""},
		{"one signed of two", "14.2", []string{"Range: bytes=0-4,+6-8"}, 200, ""},
		{"one without a dash of three", "14.2", []string{"Range: bytes=0-4,5,6-8"}, 200, ""},
		{"one malformed, one beyond the end", "14.2", []string{"Range: bytes=100-,x"}, 200, ""},
		{"spaces between ranges", "14.1.1", []string{"Range: bytes=0-4 6-8"}, 200, ""},
	})
}

func TestRanges(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"two", "14.6", []string{"Range: bytes=0-4,10-14"}, 206, "0-4,10-14"},
		{"three, of all forms", "14.1.2", []string{"Range: bytes=5-6,20-20,-2"}, 206, "5-6,20-20,34-35"},
		{"the first and the last byte", "14.1.2", []string{"Range: bytes=0-0,-1"}, 206, "0-0,35-35"},
		{"one cut to the file's end", "14.1.2", []string{"Range: bytes=0-4,30-99"}, 206, "0-4,30-35"},
		{"spaces and tabs around the comma", "5.6.1", []string{"Range: bytes=0-4 \t, \t10-14"}, 206, "0-4,10-14"},
		{"empty elements", "5.6.1.2", []string{"Range: bytes=,0-4,, ,10-14,"}, 206, "0-4,10-14"},
		{"empty elements and one range", "5.6.1.2", []string{"Range: bytes=,,10-14,"}, 206, "10-14"},
		{"a step backward", "14.6", []string{"Range: bytes=10-14,0-4"}, 206, "10-14,0-4"},
		{"steps in both directions", "14.6", []string{"Range: bytes=20-21,0-1,30-31,10-11"}, 206, "20-21,0-1,30-31,10-11"},
		{"one after the other, backward", "14.6", []string{"Range: bytes=-1,34-34,33-33,32-32"}, 206, "35-35,34-34,33-33,32-32"},
		{"neighbours do not overlap", "15.3.7.2", []string{"Range: bytes=0-4,5-9"}, 206, "0-4,5-9"},
		{"overlaps become one", "15.3.7.2", []string{"Range: bytes=0-9,5-14"}, 206, "0-14"},
		{"overlaps become one, backward", "15.3.7.2", []string{"Range: bytes=5-14,0-9"}, 206, "0-14"},
		{"an overlap of one byte", "15.3.7.2", []string{"Range: bytes=0-5,5-9"}, 206, "0-9"},
		{"one within the other", "15.3.7.2", []string{"Range: bytes=0-9,2-3"}, 206, "0-9"},
		{"one around the other", "15.3.7.2", []string{"Range: bytes=2-3,0-9"}, 206, "0-9"},
		{"the same twice", "15.3.7.2", []string{"Range: bytes=0-4,0-4"}, 206, "0-4"},
		{"the same three times, in three forms", "15.3.7.2", []string{"Range: bytes=31-35,31-,-5"}, 206, "31-35"},
		{"all of it and a part", "15.3.7.2", []string{"Range: bytes=0-,-5"}, 206, "0-35"},
		{"a chain of overlaps", "15.3.7.2", []string{"Range: bytes=0-5,10-15,4-11"}, 206, "0-15"},
		{"overlaps beside another", "15.3.7.2", []string{"Range: bytes=0-4,20-24,3-6"}, 206, "0-6,20-24"},
		{"overlaps come where the first of them was", "15.3.7.2", []string{"Range: bytes=20-24,0-4,22-29"}, 206, "20-29,0-4"},
		{"that is not where the lower of them was", "15.3.7.2", []string{"Range: bytes=22-29,0-4,20-24"}, 206, "20-29,0-4"},
		{"two pairs of overlaps", "15.3.7.2", []string{"Range: bytes=20-24,0-4,22-29,2-6"}, 206, "20-29,0-6"},
		{"one beyond the end is left out", "14.1.2", []string{"Range: bytes=0-4,100-"}, 206, "0-4"},
		{"wherever it is", "14.1.2", []string{"Range: bytes=100-,0-4,-0,10-14"}, 206, "0-4,10-14"},
		{"all beyond the end", "15.5.17", []string{"Range: bytes=36-,100-200,-0"}, 416, ""},
		{"an empty suffix twice", "15.5.17", []string{"Range: bytes=-0,-0"}, 416, ""},
	})
}

func TestIfRange(t *testing.T) {
	offer{content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"the same tag", "13.1.5", []string{`If-Range: "v1"`, "Range: bytes=0-4"}, 206, "0-4"},
		{"the same tag, several ranges", "13.1.5", []string{`If-Range: "v1"`, "Range: bytes=9-9,0-4"}, 206, "9-9,0-4"},
		{"the same tag, beyond the end", "13.1.5", []string{`If-Range: "v1"`, "Range: bytes=99-"}, 416, ""},
		{"the same tag, malformed", "13.1.5", []string{`If-Range: "v1"`, "Range: bytes=x"}, 200, ""},
		{"another tag", "13.1.5", []string{`If-Range: "v2"`, "Range: bytes=0-4"}, 200, ""},
		{"another tag, beyond the end", "13.1.5", []string{`If-Range: "v2"`, "Range: bytes=99-"}, 200, ""},
		{"a weak tag", "13.1.5", []string{`If-Range: W/"v1"`, "Range: bytes=0-4"}, 200, ""},
		{"a tag is quoted", "13.1.5", []string{`If-Range: v1`, "Range: bytes=0-4"}, 200, ""},
		{"at both ends", "13.1.5", []string{`If-Range: "v1`, "Range: bytes=0-4"}, 200, ""},
		{"there are no lists", "13.1.5", []string{`If-Range: "v1", "v1"`, "Range: bytes=0-4"}, 200, ""},
		{"there is one line", "13.1.5", []string{`If-Range: "v1"`, `If-Range: "v1"`, "Range: bytes=0-4"}, 200, ""},
		{"there is no star", "13.1.5", []string{`If-Range: *`, "Range: bytes=0-4"}, 200, ""},
		{"the date", "13.1.5", []string{"If-Range: " + exact, "Range: bytes=0-4"}, 206, "0-4"},
		{"the date, RFC 850", "5.6.7", []string{"If-Range: " + exactRFC850, "Range: bytes=0-4"}, 206, "0-4"},
		{"the date, asctime", "5.6.7", []string{"If-Range: " + exactASCTime, "Range: bytes=0-4"}, 206, "0-4"},
		{"an older date", "13.1.5", []string{"If-Range: " + older, "Range: bytes=0-4"}, 200, ""},
		{"a newer date is not the date", "13.1.5", []string{"If-Range: " + newer, "Range: bytes=0-4"}, 200, ""},
		{"an older date, asctime", "5.6.7", []string{"If-Range: " + olderASCTime, "Range: bytes=0-4"}, 200, ""},
		{"two dates", "13.1.5", []string{"If-Range: " + exact, "If-Range: " + exact, "Range: bytes=0-4"}, 200, ""},
		{"nonsense", "13.1.5", []string{"If-Range: today", "Range: bytes=0-4"}, 200, ""},
		{"no Range, the same tag", "13.1.5", []string{`If-Range: "v1"`}, 200, ""},
		{"no Range, another tag", "13.1.5", []string{`If-Range: "v2"`}, 200, ""},
		{"If-None-Match of another tag goes before it", "13.2.2", []string{`If-None-Match: "v2"`, `If-Range: "v1"`, "Range: bytes=0-4"}, 206, "0-4"},
		{"an unknown unit", "14.2", []string{`If-Range: "v1"`, "Range: items=0-4"}, 200, ""},
	})
}

func TestRangeOfHead(t *testing.T) {
	offer{method: http.MethodHead, content: alphanumeric, etag: `"v1"`, modTime: modified}.run(t, []row{
		{"a range", "14.2", []string{"Range: bytes=0-4"}, 200, ""},
		{"several", "14.2", []string{"Range: bytes=0-4,10-14"}, 200, ""},
		{"beyond the end", "14.2", []string{"Range: bytes=99-"}, 200, ""},
		{"with If-Range", "14.2", []string{`If-Range: "v1"`, "Range: bytes=0-4"}, 200, ""},
	})
}

func TestRangeOfEmptyFile(t *testing.T) {
	offer{content: "", etag: `"v1"`, modTime: modified}.run(t, []row{
		{"no range", "14.2", nil, 200, ""},
		{"from the first byte", "14.1.2", []string{"Range: bytes=0-"}, 200, ""},
		{"the first byte", "14.1.2", []string{"Range: bytes=0-0"}, 200, ""},
		{"beyond the end", "14.1.2", []string{"Range: bytes=5-9"}, 200, ""},
		{"a suffix", "14.1.2", []string{"Range: bytes=-5"}, 200, ""},
		{"an empty suffix", "14.1.2", []string{"Range: bytes=-0"}, 200, ""},
		{"several", "14.1.2", []string{"Range: bytes=0-0,-1"}, 200, ""},
	})
}

// Generated content has ranges if its author vouches for its bytes by a strong
// tag, and the others have them in any case.
func TestRangeOfGeneratedContent(t *testing.T) {
	ignored := []row{
		{"a range", "14.3", []string{"Range: bytes=0-4"}, 200, ""},
		{"several", "14.3", []string{"Range: bytes=0-4,10-14"}, 200, ""},
		{"beyond the end", "14.3", []string{"Range: bytes=99-"}, 200, ""},
	}
	served := []row{
		{"a range", "14.3", []string{"Range: bytes=0-4"}, 206, "0-4"},
		{"several", "14.3", []string{"Range: bytes=0-4,10-14"}, 206, "0-4,10-14"},
		{"beyond the end", "14.3", []string{"Range: bytes=99-"}, 416, ""},
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
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := files.NewVirtualFile(files.NewStringIteratorIO(piecesOf(alphanumeric, 7)), "file.txt")
		f.ETag = `"v1"`
		response.New(f, response.Options{}).ServeHTTP(w, r)
	}))
	defer srv.Close()
	for _, value := range []string{"bytes=0-4", "bytes=0-4,10-14", "bytes=99-", "bytes=-5"} {
		res, body := exchange(t, srv.Client(), newRequest(t, http.MethodGet, srv.URL, "Range: "+value))
		got := []string{res.Status, res.Header.Get("Accept-Ranges"), res.Header.Get("Content-Range"), body}
		if diff := cmp.Diff([]string{"200 OK", "none", "", alphanumeric}, got); diff != "" {
			t.Errorf("Range: %s: status, Accept-Ranges, Content-Range, body (-want +got):\n%s", value, diff)
		}
	}
}

// Windows that begin, end and cross where buffers do.
func TestRangeOfLargeContent(t *testing.T) {
	const size = 300_000
	large := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz\n", size/37+1)[:size]
	path := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(path, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	kinds := append(slices.Clone(allKinds), kind{"stored", func(offer) fs.File {
		f, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		return f
	}})
	for _, k := range kinds {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f := k.open(offer{content: large, etag: `"v1"`})
			response.New(f, response.Options{ContentType: "text/plain; charset=utf-8"}).ServeHTTP(w, r)
		}))
		srv.Start()
		defer srv.Close()
		for _, ranges := range []string{
			"0-57343", "0-57344", "1-57343", "1-57344", "57343-57343", "57344-57344", "57343-114688", "0-299999",
			"1-299999", "0-299998", "242655-299999", "242656-299999", "242657-299999", "299999-299999", "100000-199999",
			"0-99999,200000-299999", "200000-299999,0-99999", "0-9,100-57443,70000-269999,299999-299999",
			"114688-172031,57344-114687,0-57343", "150000-299999,0-149999",
		} {
			t.Run(k.name+"/"+ranges, func(t *testing.T) {
				res, body := exchange(t, srv.Client(), newRequest(t, http.MethodGet, srv.URL, "Range: bytes="+ranges))
				if k.name == overGenerator.name && stepsBack(t, large, ranges) {
					if res.StatusCode != http.StatusOK || body != large {
						t.Errorf("status %d, %d bytes, want all of it: it is generated once", res.StatusCode, len(body))
					}
					return
				}
				want := partsOf(t, large, ranges)
				got := []part{{res.Header.Get("Content-Type"), res.Header.Get("Content-Range"), body}}
				if len(want) > 1 {
					got = readParts(t, res, body)
				}
				if res.StatusCode != http.StatusPartialContent || !slices.Equal(got, want) {
					t.Errorf("status %d, %d bytes of body that are not the ranges", res.StatusCode, len(body))
				}
			})
		}
	}
}

// A range of a generated stream pushes its window only: the generator stops
// with its last byte, and cleans up.
func TestGenerationEndsWithTheWindow(t *testing.T) {
	type generation struct {
		Pieces  int
		CleanUp bool
	}
	for _, test := range []struct {
		reason string
		ranges string
		want   generation
	}{
		{"the first byte", "0-0", generation{1, true}},
		{"the first piece", "0-9", generation{1, true}},
		{"a byte more", "0-10", generation{2, true}},
		{"what comes before is generated too", "50-59", generation{6, true}},
		{"within a piece", "53-57", generation{6, true}},
		{"up to the last byte but one", "0-98", generation{10, true}},
		{"the end is waited for, for there must be no more", "90-99", generation{10, true}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			var got generation
			seq := func(yield func(string) bool) {
				defer func() { got.CleanUp = true }()
				for got.Pieces < 10 {
					got.Pieces++
					if !yield("0123456789") {
						return
					}
				}
			}
			f := files.NewVirtualFile(files.NewStringIteratorIO(seq), "file.txt")
			f.Size, f.ETag = 100, `"v1"`
			rec := httptest.NewRecorder()
			response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, http.MethodGet, "/", "Range: bytes="+test.ranges))

			want := partsOf(t, strings.Repeat("0123456789", 10), test.ranges)[0].Body
			if rec.Code != http.StatusPartialContent || rec.Body.String() != want {
				t.Errorf("status %d, body %q, want 206, %q", rec.Code, rec.Body, want)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("generation (-want +got):\n%s", diff)
			}
		})
	}
}

// A HEAD, a 304, a 412 and a 416 cost no generation.
func TestNoGenerationWithoutBody(t *testing.T) {
	for _, test := range []struct {
		method, header string
		status         int
	}{
		{http.MethodHead, "Range: bytes=0-4", 200},
		{http.MethodGet, `If-None-Match: "v1"`, 304},
		{http.MethodGet, `If-Match: "v2"`, 412},
		{http.MethodGet, "Range: bytes=100-", 416},
	} {
		f := files.NewVirtualFile(files.NewStringIteratorIO(func(func(string) bool) {
			t.Errorf("%s with %s started the generator", test.method, test.header)
		}), "file.txt")
		f.Size, f.ETag = 100, `"v1"`
		rec := httptest.NewRecorder()
		response.New(f, response.Options{}).ServeHTTP(rec, newRequest(t, test.method, "/", test.header))
		if rec.Code != test.status {
			t.Errorf("%s with %s: status %d, want %d", test.method, test.header, rec.Code, test.status)
		}
	}
}

// Content that is not as long as its author said must not look complete.
func TestRangeOfWrongSize(t *testing.T) {
	const refused, brokenOff, served = "500", "broken off", "206"
	for _, test := range []struct {
		reason   string
		declared int64
		actual   int64
		ranges   string
		want     string
	}{
		{"shorter, but not in the window", 200_000, 100_000, "0-9", served},
		{"shorter than the window's end", 200_000, 100_000, "90000-109999", refused},
		{"shorter than the window's beginning", 200_000, 100_000, "150000-150009", refused},
		{"shorter, noticed after more than a buffer", 400_000, 200_000, "100-399999", brokenOff},
		{"shorter, an open end", 200_000, 100_000, "99999-", refused},
		{"longer, but not in the window", 100_000, 200_000, "0-9", served},
		{"longer, and the window ends where it should", 100_000, 200_000, "99990-99999", refused},
		{"longer, noticed after more than a buffer", 100_000, 200_000, "10-99999", brokenOff},
		{"empty", 100_000, 0, "5-9", refused},
	} {
		t.Run(test.reason, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f := files.NewVirtualFile(files.NewBytesIteratorIO(zeros(test.actual)), "file.bin")
				f.Size, f.ETag = test.declared, `"v1"`
				// Without the flush timer, what leaves does not depend on time.
				response.New(f, response.Options{FlushInterval: time.Hour}).ServeHTTP(w, r)
			}))
			defer srv.Close()
			silence(t)

			res, body, err := attempt(t, srv.Client(), newRequest(t, http.MethodGet, srv.URL, "Range: bytes="+test.ranges))
			switch test.want {
			case served:
				if res.StatusCode != http.StatusPartialContent || len(body) != 10 || err != nil {
					t.Errorf("status %d, %d bytes, error %v, want 206 with 10 bytes", res.StatusCode, len(body), err)
				}
			case refused:
				got := []string{res.Status, res.Header.Get("Content-Range"), res.Header.Get("Etag"), body}
				want := []string{"500 Internal Server Error", "", "", "Internal Server Error\n"}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("status, Content-Range, ETag, body (-want +got):\n%s", diff)
				}
			case brokenOff:
				if res.StatusCode != http.StatusPartialContent || err == nil {
					t.Errorf("status %d, error %v, want a 206 that breaks off", res.StatusCode, err)
				}
			}
		})
	}
}

// zeros generates n bytes, in pieces of at most 1,000.
func zeros(n int64) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		piece := make([]byte, 1000)
		for ; n > 0; n -= int64(len(piece)) {
			if !yield(piece[:min(n, int64(len(piece)))]) {
				return
			}
		}
	}
}
