// Package e2e holds the tests of gcblob over the wire: files of a bucket, through
// the views of the library, over HTTP; on the drivers that need nothing else, and
// on S3, with the S3 server github.com/versity/versitygw.
//
// It is a separate module, so that the go.mod of gcblob, which its users get,
// has neither the library, nor the SDK of Amazon, nor a server in it. The server
// is a tool of this module: the go command builds it when the tests ask for it,
// once, which takes a minute or two, and keeps it in its build cache.
//
//	cd storage/gcblob/internal/e2e && go test ./...
//
// Where the server cannot be built or started, the tests on S3 are skipped and
// say why; with CI=true in the environment they fail.
package e2e
