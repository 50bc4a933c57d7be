// Package duel benchmarks a download beside the same download by a rival: real
// answers over a loopback connection, to a client in another process, as
// clients are. So allocations are the server's alone, and where the system can
// tell, so is the metric server-ns/op: the processor time that a download took.
package duel

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// Run benchmarks GET requests for target, size bytes each time, that downloadview
// and the rival answer: one at a time, which shows how long a download takes, and
// four, which keeps the processors busy and shows how much they can carry; over
// HTTP/1.1 and HTTP/2. The names of the benchmarks begin with name and end with
// work, how many at once, and whose it is.
func Run(b *testing.B, name, work, target string, size int64, downloadview, rival http.Handler) {
	b.Helper()
	for _, protocol := range []string{"HTTP1", "HTTP2"} {
		for _, atOnce := range []int{1, 4} {
			for _, by := range []struct {
				name    string
				handler http.Handler
			}{{"downloadview", downloadview}, {"rival", rival}} {
				b.Run(fmt.Sprintf("%s/%s/%s/at-once=%d/by=%s", name, protocol, work, atOnce, by.name), func(b *testing.B) {
					srv := httptest.NewUnstartedServer(by.handler)
					if srv.EnableHTTP2 = protocol == "HTTP2"; srv.EnableHTTP2 {
						srv.StartTLS()
					} else {
						srv.Start()
					}
					defer srv.Close()
					o := order{URL: srv.URL + target, Size: size, AtOnce: atOnce}
					if srv.Certificate() != nil {
						o.Certificate = srv.Certificate().Raw
					}
					measure(b, o)
				})
			}
		}
	}
}

// measure has o carried out b.N times.
func measure(b *testing.B, o order) {
	b.Helper()
	o.Times = o.AtOnce
	if err := carryOut(o); err != nil { // so that all are connected
		b.Fatal(err)
	}
	o.Times = b.N
	b.ReportAllocs()
	b.SetBytes(o.Size)
	b.ResetTimer()
	before := processorTime()
	if err := carryOut(o); err != nil {
		b.Fatal(err)
	}
	used := processorTime() - before
	b.StopTimer()
	if used > 0 {
		b.ReportMetric(float64(used)/float64(b.N), "server-ns/op")
	}
}

// File returns the path of a file of size bytes, in a new directory. It is
// on disk by then: otherwise the system would write it back during the first
// measurement.
func File(b *testing.B, size int64) string {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "content.bin"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, size)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return f.Name()
}
