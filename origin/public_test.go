package origin_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/origin"
)

func TestPublicOnly(t *testing.T) {
	for _, tt := range []struct {
		reason  string
		allowed bool
		addrs   []string
	}{
		{"public", true, []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
			"192.167.255.255", "198.17.0.1", "198.20.0.1", "223.255.255.255", "168.63.129.15", "2606:4700::1111", "2a00::1", "2001:200::1", "3ffe::1"}},
		{"public, by its IPv6 notation", true, []string{"::ffff:8.8.8.8"}},
		{"unspecified", false, []string{"0.0.0.0", "0.1.2.3", "::"}},
		{"loopback", false, []string{"127.0.0.1", "127.255.255.254", "::1"}},
		{"private", false, []string{"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"}},
		{"carrier", false, []string{"100.64.0.1", "100.127.255.255"}},
		{"link-local", false, []string{"169.254.1.1", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1"}},
		{"multicast", false, []string{"224.0.0.1", "239.255.255.255", "ff02::1", "ff02::1%lo"}},
		{"broadcast and reserved", false, []string{"255.255.255.255", "240.0.0.1"}},
		{"metadata of clouds", false, []string{"169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"}},
		{"IPv4 in IPv6", false, []string{"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"}},
		{"NAT64", false, []string{"64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1"}},
		{"6to4, Teredo", false, []string{"2002:7f00:1::1", "2001:0:1::1", "192.88.99.1"}},
		{"documentation, benchmarks, discard", false, []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255",
			"2001:db8::1", "2001:2::1", "3fff::1", "100::1"}},
		{"not an address", false, []string{"", "localhost", "/run/docker.sock"}},
	} {
		for _, addr := range tt.addrs {
			err := origin.PublicOnly("tcp", net.JoinHostPort(addr, "80"), nil)
			if (err == nil) != tt.allowed {
				t.Errorf("%s: %s: error %v", tt.reason, addr, err)
			}
		}
	}
	if err := origin.PublicOnly("unix", "/run/docker.sock", nil); err == nil {
		t.Error("a Unix socket was allowed")
	}
}

// The address that counts is the one that is connected to, whatever the name,
// or the notation that leads there.
func TestNewPublicClient(t *testing.T) {
	o := newServer(t, serve("hello"))
	_, port, _ := net.SplitHostPort(o.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		r := httptest.NewRequest("GET", "/", nil)
		f, err := origin.Open(r, fmt.Sprintf("http://%s:%s/", host, port), origin.Options{Client: origin.NewPublicClient()})
		if err == nil {
			f.Close()
			t.Errorf("%s: connected", host)
			continue
		}
		var e *origin.Error
		if !errors.As(err, &e) || e.DownloadStatus() != 502 || !strings.Contains(err.Error(), "refused: ") {
			t.Errorf("%s: error %v, want a refusal that comes to 502", host, err)
		}
	}
	if asked := o.requests(); len(asked) != 0 {
		t.Errorf("the server was asked: %q", asked)
	}
	if origin.NewPublicClient().Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would connect to any address")
	}
}
