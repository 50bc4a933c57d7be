// Package routers holds tests of downloads behind the routers and the
// middleware of others: chi, gorilla/mux and gorilla/handlers, gin, echo,
// negroni, klauspost's gzhttp, and, as a proxy, nginx.
//
//	cd e2e/routers && go test
//
// The examples are what docs/routers.md and docs/middleware.md show.
//
// Some tests need the programs curl and nginx, Debian's packages of those names.
// Without them they are skipped, or fail where the environment says CI=true.
//
// It is a separate module, so that the library does not depend on the routers.
package routers
