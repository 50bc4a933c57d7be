//go:build !unix

package cache_test

func fillDisk() {}
