// Package configurations has the configurations of front servers that
// docs/offload.md and docs/signing.md explain, for the tests that run them.
package configurations

import "embed"

// Files are the configurations, complete but for TLS. In all of them the
// application listens on 127.0.0.1:8000, and the files are below /srv/files.
//
//go:embed *.conf Caddyfile
var Files embed.FS
