module github.com/go-downloadview/downloadview/e2e/fronts

go 1.26.0

replace github.com/go-downloadview/downloadview => ../..

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/go-downloadview/downloadview v0.0.0-00010101000000-000000000000
	github.com/google/go-cmp v0.7.0
)

require (
	github.com/klauspost/cpuid/v2 v2.2.10 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)
