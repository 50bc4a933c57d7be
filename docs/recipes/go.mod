module github.com/go-downloadview/downloadview/docs/recipes

go 1.25.0

replace github.com/go-downloadview/downloadview => ../..

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/go-downloadview/downloadview v0.0.0-00010101000000-000000000000
	github.com/ncruces/go-sqlite3 v0.34.4
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/klauspost/cpuid/v2 v2.2.10 // indirect
	github.com/ncruces/go-sqlite3-wasm/v2 v2.6.35302 // indirect
	github.com/ncruces/julianday v1.0.0 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)
