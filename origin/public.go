package origin

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// defaultClient is for URLs that the program itself knows.
var defaultClient = &http.Client{Transport: newTransport(nil)}

// NewPublicClient returns a client for URLs that users can choose. It connects
// to addresses on the public Internet alone, by [PublicOnly]. It uses no proxy,
// which would connect on its behalf. Otherwise it is as the one that [Open]
// uses by default: [Options.IdleTimeout] says how long an answer may take.
// Make one and share it, since it keeps connections.
func NewPublicClient() *http.Client {
	t := newTransport(PublicOnly)
	t.Proxy = nil
	return &http.Client{Transport: t}
}

// newTransport returns a transport with limits for connecting. How long an origin
// may take to answer is [Options.IdleTimeout].
func newTransport(control func(network, address string, c syscall.RawConn) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: control}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 100, // there are few origins
		ForceAttemptHTTP2:   true,
	}
}

// PublicOnly is a [net.Dialer.Control] that refuses addresses which are not on
// the public Internet: this machine, its networks, and other notations of them.
// A dialer calls it with the address that it is about to connect to, after the
// name was resolved, so that a name which resolves to something else the second
// time does not get past it.
func PublicOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("origin: connection to %s refused: not an address of the Internet", address)
	}
	addr := ap.Addr().Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return fmt.Errorf("origin: connection to %s refused: not global unicast", addr)
	}
	for _, block := range notPublic {
		if block.prefix.Contains(addr) {
			return fmt.Errorf("origin: connection to %s refused: %s", addr, block.name)
		}
	}
	return nil
}

// globalUnicast is all that IANA has handed out of IPv6 for general use. Outside
// of it are ::1 and ::, fc00::/7 (private), fe80::/10 (link-local), ff00::/8
// (multicast), and 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64, which lead to IPv4).
//
// https://www.iana.org/assignments/ipv6-address-space
var globalUnicast = netip.MustParsePrefix("2000::/3")

// notPublic are the blocks that are not globally reachable, or lead to an unknown
// address.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
// https://www.iana.org/assignments/multicast-addresses
var notPublic = []struct {
	prefix netip.Prefix
	name   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network, RFC 791"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private, RFC 1918"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared by a carrier, RFC 6598"}, // 100.100.100.200: Alibaba's metadata
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback, RFC 1122"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local, RFC 3927"}, // 169.254.169.254: most clouds' metadata
	{netip.MustParsePrefix("172.16.0.0/12"), "private, RFC 1918"},
	{netip.MustParsePrefix("192.0.0.0/24"), "IETF protocol assignments, RFC 6890"}, // 192.0.0.192: Oracle's metadata
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation, RFC 5737"},
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relays, RFC 7526"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private, RFC 1918"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking, RFC 2544"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation, RFC 5737"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation, RFC 5737"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast, RFC 5771"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved and broadcast, RFC 1112, RFC 919"},

	{netip.MustParsePrefix("2001::/23"), "IETF protocol assignments, RFC 2928"}, // Teredo among them
	{netip.MustParsePrefix("2001:db8::/32"), "documentation, RFC 3849"},
	{netip.MustParsePrefix("2002::/16"), "6to4, RFC 3056"}, // any IPv4 address
	{netip.MustParsePrefix("3fff::/20"), "documentation, RFC 9637"},

	// Public by its number, but the inside of a cloud.
	{netip.MustParsePrefix("168.63.129.16/32"), "Azure's metadata"},
}
