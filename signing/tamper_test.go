package signing_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// meaning is what a request target says: names and parameters, in whatever
// spelling. It is the second opinion of these tests on what is the same URL.
type meaning struct {
	names  []string
	values url.Values
}

// meaningOf returns what a path and query mean, and false if they are malformed.
func meaningOf(path, query string) (m meaning, ok bool) {
	for _, segment := range strings.Split(path, "/") {
		name, err := url.PathUnescape(segment)
		if err != nil {
			return m, false
		}
		m.names = append(m.names, name)
	}
	var err error
	m.values, err = url.ParseQuery(query)
	return m, err == nil
}

// tamper changes one place of target.
func tamper(rng *rand.Rand, target string) string {
	const alphabet = "0123456789abcdefXYZ/%.;&=?#+-_~\""
	at, length := rng.IntN(len(target)), rng.IntN(4)
	end := min(at+length, len(target))
	switch rng.IntN(5) {
	case 0: // insert
		end = at
		fallthrough
	case 1: // replace
		return target[:at] + string(alphabet[rng.IntN(len(alphabet))]) + target[end:]
	case 2: // remove
		return target[:at] + target[end:]
	case 3: // repeat
		return target[:end] + target[at:]
	default: // move
		to := rng.IntN(len(target))
		rest := target[:at] + target[end:]
		to = min(to, len(rest))
		return rest[:to] + target[at:end] + rest[to:]
	}
}

// TestTampering changes links at random, 1,000 times, so that they are other
// URLs.
func TestTampering(t *testing.T) {
	const wanted = 1000
	rng := rand.New(rand.NewPCG(13, 2026))
	s := newSigner(t)
	for _, target := range []string{"/private/a%2Fb/100%25.txt?user=7&v=2", "/r.pdf"} {
		link := sign(t, s, target)
		original, ok := meaningOf(link.EscapedPath(), link.RawQuery)
		if !ok {
			t.Fatalf("%s is malformed", link)
		}
		refused, same := 0, 0
		for refused < wanted {
			changed := link.String()
			for range 1 + rng.IntN(3) {
				changed = tamper(rng, changed)
			}
			if r, err := request(http.MethodGet, changed); err == nil {
				path, query, _ := strings.Cut(r.RequestURI, "?")
				got, ok := meaningOf(path, query)
				if ok && reflect.DeepEqual(got, original) {
					same++ // another spelling of the same URL
					continue
				}
				if err := s.Verify(r); err == nil {
					t.Fatalf("%s verifies by the signature of\n%s", changed, link)
				}
			}
			refused++
		}
		if same == 0 || same > wanted/2 {
			t.Errorf("%s: %d of the changes changed nothing: the test is not about changes", link, same)
		}
	}
	// And the one thing that everybody would like to change.
	link := sign(t, s, "/r.pdf")
	for range wanted {
		later := link.Query()
		later.Set("expires", strconv.FormatInt(noon.Unix()+3601+rng.Int64N(1e9), 10))
		if err := verify(t, s, "/r.pdf?"+later.Encode()); err == nil {
			t.Fatalf("%v verifies", later)
		}
	}
}
