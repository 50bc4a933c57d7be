package rfc9110_test

import (
	"net/url"
	"testing"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Every byte comes back, and those that need no escape have none.
func TestAppendEscaped(t *testing.T) {
	for c := range 256 {
		s := string([]byte{byte(c)})
		got := string(rfc9110.AppendEscaped([]byte("/"), s, rfc9110.IsUnreserved))
		back, err := url.PathUnescape(got)
		if err != nil || back != "/"+s || (got == "/"+s) != rfc9110.IsUnreserved(byte(c)) || len(got) != 2 && len(got) != 4 {
			t.Errorf("%q: got %q, which is %q, %v", s, got, back, err)
		}
	}
}
