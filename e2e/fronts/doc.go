// Package fronts starts real front servers, with the configurations that
// docs/offload.md explains, and holds the tests of package offload behind them.
//
//	cd e2e/fronts && go test
//
// The servers are nginx, Apache with mod_xsendfile, lighttpd and Caddy 2.6, from
// Debian 12 (nginx-light, apache2, libapache2-mod-xsendfile, lighttpd, caddy), and a
// later Caddy. That is built from its Go module, which takes some minutes, and
// kept in the user's cache directory; the tests do it if the environment says
// CI=true, and else use it if it is there. The tests of a server that is missing
// are skipped, or fail with CI=true.
//
// All listen on loopback addresses only. Started by root, they run as the user
// "nobody".
//
// How fast it is, beside nginx by itself and nginx as a proxy:
//
//	go test -run '^$' -bench .
package fronts
