// Package downloadview is the documentation of the module, for programs that show
// it, as the demo does.
//
// What serves downloads is in packages of their own. Start with
// [github.com/go-downloadview/downloadview/views], whose views say which file
// answers a request. Package files makes anything look like a file, and package
// response says how a file crosses HTTP. README.md has a complete program.
package downloadview

import "embed"

// Documentation has README.md and its like, and docs/, with the paths that they
// have in the repository. So the links from one page to another hold.
//
//go:embed README.md CONTRIBUTING.md CHANGELOG.md LICENSE docs/*.md docs/*.svg
var Documentation embed.FS
