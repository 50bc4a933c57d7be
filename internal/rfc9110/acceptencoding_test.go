package rfc9110_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// codings are what a server has, the best first.
var codings = []string{"br", "zstd", "gzip"}

// acceptTests are values of Accept-Encoding, and the codings to try, separated by
// blanks.
var acceptTests = []struct{ reason, value, want string }{
	{"no such field, or an empty one", "", ""},
	{"Chrome", "gzip, deflate, br, zstd", "br zstd gzip"},
	{"curl --compressed", "deflate, gzip", "gzip"},
	{"by weight", "gzip;q=1.0, br;q=0.8, zstd;q=0.9", "gzip zstd br"},
	{"by weight, the last decimal counts", "br;q=0.998, gzip;q=0.999", "gzip br"},
	{"of equal weights, the server's order", "gzip;q=0.5, br;q=0.5", "br gzip"},
	{"refused", "gzip;q=0, br", "br"},
	{"refused, in any spelling of 0", "gzip;q=0.000, br;q=0., zstd;q=0", ""},
	{"any", "*", "br zstd gzip"},
	{"any but one", "*, br;q=0", "zstd gzip"},
	{"a name goes before *", "gzip;q=0.5, *;q=0.4", "gzip br zstd"},
	{"nothing but one", "gzip, *;q=0", "gzip"},
	{"nothing", "*;q=0", ""},
	{"only what is not there", "deflate, compress", ""},
	{"no coding, said aloud", "identity", ""},
	{"browsers that ask for a range", "identity;q=1, *;q=0", ""},
	{"no coding is liked better", "identity, gzip;q=0.5", ""},
	{"and as much", "identity, gzip", "gzip"},
	{"and less", "identity;q=0.5, gzip;q=0.8, br;q=0.4", "gzip"},
	{"* is no coding's weight, too", "gzip;q=0.5, *;q=0.8", "br zstd"},
	{"no coding is refused", "identity;q=0, gzip", "gzip"},
	{"no coding is refused, and nothing else named: the last resort", "identity;q=0", ""},
	{"no coding is refused, any other will do", "identity;q=0, *", "br zstd gzip"},
	{"names and q in any case", "GZip;Q=0.5", "gzip"},
	{"spaces and tabs", "\tbr ;\tq=1 ,gzip ; q=0.5", "br gzip"},
	{"empty elements", ", ,gzip,,", "gzip"},
	{"x-gzip is gzip, §8.4.1.3", "x-gzip", "gzip"},
	{"a longer name is another", "gzipped, brotli", ""},
	{"a malformed weight counts as 0", "gzip;q=2, br;q=x, zstd;q=", ""},
	{"more than three decimals are malformed", "gzip;q=0.1234", ""},
	{"more than 1 is malformed", "gzip;q=1.001", ""},
	{"a sign is malformed", "gzip;q=0.+1, br;q=+1", ""},
	{"a parameter that is no weight", "gzip;level=9", ""},
	{"spaces around = are malformed", "gzip;q = 1", ""},
	{"listed twice: the least counts", "gzip, gzip;q=0", ""},
}

func TestAcceptedCodings(t *testing.T) {
	for _, tt := range acceptTests {
		if got := strings.Join(rfc9110.AcceptedCodings(tt.value, codings), " "); got != tt.want {
			t.Errorf("%s: %q: %q, want %q", tt.reason, tt.value, got, tt.want)
		}
	}
}

// The order of the elements says nothing, and nothing is accepted that was refused.
func FuzzAcceptedCodings(f *testing.F) {
	for _, tt := range acceptTests {
		f.Add(tt.value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := rfc9110.AcceptedCodings(value, codings)
		elements := strings.Split(value, ",")
		slices.Reverse(elements)
		if strings.Count(value, "*") < 2 && !slices.Equal(got, rfc9110.AcceptedCodings(strings.Join(elements, ","), codings)) {
			t.Errorf("%q: %q, but not the other way round", value, got)
		}
		for _, coding := range got {
			if slices.Contains(rfc9110.AcceptedCodings(value+","+coding+";q=0", codings), coding) {
				t.Errorf("%q: %s is accepted though it is refused", value, coding)
			}
		}
	})
}
