package cache_test

import (
	"context"
	"expvar"
	"fmt"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
)

// Export the counters, by expvar or whatever gathers your metrics.
func Example_expvar() {
	root, remove := temporaryRoot()
	defer remove()
	exports, err := cache.New(root, cache.Options{})
	if err != nil {
		panic(err)
	}
	defer exports.Close()
	expvar.Publish("exports", expvar.Func(func() any { return exports.Stats() })) // at /debug/vars

	for range 3 {
		file, err := exports.File(context.Background(), "acme/orders", func(context.Context) (fs.File, error) {
			return files.NewContentFile("id,total\n", "orders.csv"), nil
		})
		if err != nil {
			panic(err)
		}
		if _, err := io.Copy(io.Discard, file); err != nil {
			panic(err)
		}
		file.Close()
	}
	s := exports.Stats()
	fmt.Println("runs:", s.Misses, "without one:", s.Hits+s.Joined, "failed:", s.Failed)
	// Output:
	// runs: 1 without one: 2 failed: 0
}
