package rfc9110_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/google/go-cmp/cmp"
)

type spans = []rfc9110.Range

// rangeTests are fields of a request for content of 36 bytes.
var rangeTests = []struct {
	reason string
	value  string
	want   spans
	ok     bool
}{
	{"first and last position", "bytes=0-4", spans{{0, 5}}, true},
	{"one byte", "bytes=0-0", spans{{0, 1}}, true},
	{"an open end", "bytes=10-", spans{{10, 26}}, true},
	{"the last bytes", "bytes=-5", spans{{31, 5}}, true},
	{"more of the last bytes than there are", "bytes=-99", spans{{0, 36}}, true},
	{"the end is beyond the content's", "bytes=30-99", spans{{30, 6}}, true},
	{"and beyond an int64", "bytes=30-99999999999999999999999", spans{{30, 6}}, true},
	{"so is the suffix", "bytes=-99999999999999999999999", spans{{0, 36}}, true},
	{"leading zeros are digits", "bytes=00000000000000000000005-00000000000000000000006", spans{{5, 2}}, true},
	{"units are case-insensitive, §14.1", "Bytes=0-0,-1", spans{{0, 1}, {35, 1}}, true},
	{"in the order asked for", "bytes=10-14,0-4", spans{{10, 5}, {0, 5}}, true},
	{"elements may be empty, §5.6.1.2", "bytes=,0-4 ,\t10-14,", spans{{0, 5}, {10, 5}}, true},
	{"those that touch are two", "bytes=0-4,5-9", spans{{0, 5}, {5, 5}}, true},
	{"those that overlap are one, §15.3.7.2", "bytes=0-9,5-14", spans{{0, 15}}, true},
	{"in the place of the first", "bytes=20-24,0-4,22-29", spans{{20, 10}, {0, 5}}, true},
	{"one bridges two", "bytes=0-5,10-15,4-11", spans{{0, 16}}, true},
	{"one cannot be satisfied", "bytes=100-,0-4", spans{{0, 5}}, true},

	{"none can be satisfied", "bytes=36-", nil, true},
	{"none of any size", "bytes=9223372036854775807-", nil, true},
	{"the last none", "bytes=-0", nil, true},

	{"another unit", "items=0-4", nil, false},
	{"no unit", "0-4", nil, false},
	{"no range", "bytes=", nil, false},
	{"only empty ones", "bytes=,", nil, false},
	{"no positions", "bytes=-", nil, false},
	{"a sign", "bytes=+5-9", nil, false},
	{"a space", "bytes=0 -4", nil, false},
	{"another base", "bytes=0x0-0x4", nil, false},
	{"backward", "bytes=4-3", nil, false},
	{"backward beyond an int64", "bytes=99999999999999999999-99999999999999999998", nil, false},
	{"two signs of equality", "bytes==0-4", nil, false},
	{"one of two is malformed", "bytes=0-4,x", nil, false},
	{"too many", "bytes=0-" + strings.Repeat(",0-", 200), nil, false},
}

// parseRange returns what value means in content of size bytes.
func parseRange(value string, size int64) (spans, bool) {
	specs, ok := rfc9110.ParseRanges(value)
	return rfc9110.Resolve(specs, size), ok
}

func TestParseRanges(t *testing.T) {
	for _, tt := range rangeTests {
		got, ok := parseRange(tt.value, 36)
		if diff := cmp.Diff(tt.want, got); ok != tt.ok || ok && diff != "" && len(got)+len(tt.want) > 0 {
			t.Errorf("%s: ParseRanges(%q) is ok: %v, want %v; (-want +got):\n%s", tt.reason, tt.value, ok, tt.ok, diff)
		}
	}
}

func TestContentRange(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{rfc9110.Range{Start: 0, Length: 1}.ContentRange(1), "bytes 0-0/1"},
		{rfc9110.Range{Start: 5, Length: 10}.ContentRange(36), "bytes 5-14/36"},
		{rfc9110.Range{Start: 1 << 62, Length: 1}.ContentRange(1<<63 - 1), "bytes 4611686018427387904-4611686018427387904/9223372036854775807"},
		{rfc9110.UnsatisfiedRange(36), "bytes */36"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
}

func FuzzParseRanges(f *testing.F) {
	for _, tt := range rangeTests {
		f.Add(tt.value, int64(36))
		f.Add(tt.value, int64(1))
		f.Add(tt.value, int64(1<<63-1))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		if size < 1 {
			return // no ranges, RFC 9110 §14.1.2
		}
		want, wantOK := naiveRange(value, size)
		got, ok := parseRange(value, size)
		if !ok {
			got = nil
		}
		if diff := cmp.Diff(want, got); diff != "" || ok != wantOK {
			t.Errorf("%q of %d: ok %t, want %t; ranges (-want +got):\n%s", value, size, ok, wantOK, diff)
		}
	})
}

var (
	rangeField = regexp.MustCompile(`(?s)^[Bb][Yy][Tt][Ee][Ss]=(.*)$`)
	intRange   = regexp.MustCompile(`^([0-9]+)-([0-9]*)$`)
	sufRange   = regexp.MustCompile(`^-([0-9]+)$`)
)

// naiveRange is parseRange by regular expressions, numbers of any size, and
// comparing each range with each other.
func naiveRange(value string, size int64) (ranges []rfc9110.Range, ok bool) {
	field := rangeField.FindStringSubmatch(value)
	if field == nil {
		return nil, false
	}
	specs := 0
	for _, spec := range strings.Split(field[1], ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		if specs++; specs > 200 {
			return nil, false
		}
		first, last := new(big.Int), big.NewInt(size-1)
		if m := intRange.FindStringSubmatch(spec); m != nil {
			first.SetString(m[1], 10)
			if m[2] != "" {
				end, _ := new(big.Int).SetString(m[2], 10)
				if end.Cmp(first) < 0 {
					return nil, false
				}
				if end.Cmp(last) < 0 {
					last = end
				}
			}
		} else if m := sufRange.FindStringSubmatch(spec); m != nil {
			length, _ := new(big.Int).SetString(m[1], 10)
			first.Sub(big.NewInt(size), length)
			if first.Sign() < 0 {
				first.SetInt64(0)
			}
		} else {
			return nil, false
		}
		if first.Cmp(last) <= 0 {
			ranges = append(ranges, rfc9110.Range{Start: first.Int64(), Length: last.Int64() - first.Int64() + 1})
		}
	}
	return naiveCoalesce(ranges), specs > 0
}

// naiveCoalesce merges two ranges that overlap for as long as there are such.
func naiveCoalesce(ranges []rfc9110.Range) []rfc9110.Range {
	for i := range ranges {
		for j := i + 1; j < len(ranges); j++ {
			a, b := ranges[i], ranges[j]
			if a.Start > b.Start {
				a, b = b, a
			}
			if b.Start >= a.End() {
				continue
			}
			ranges[i] = rfc9110.Range{Start: a.Start, Length: max(a.Length, b.Start-a.Start+b.Length)}
			return naiveCoalesce(append(ranges[:j], ranges[j+1:]...))
		}
	}
	return ranges
}
