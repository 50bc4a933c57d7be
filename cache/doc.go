// Package cache keeps generated content. An export that takes a minute is
// generated once: it streams to everybody who waits for it while it grows, and
// from then on it is a file on disk, with ranges and sendfile(2).
//
//	exports, err := cache.New(root, cache.Options{MaxBytes: 10 << 30, MaxAge: time.Hour})
//
//	func (v OrdersView) GetFile(r *http.Request) (fs.File, error) {
//		tenant := tenantOf(r)
//		return exports.File(r.Context(), tenant+"/orders.csv", func(ctx context.Context) (fs.File, error) {
//			return v.export(ctx, tenant)
//		})
//	}
//
// # One run for all
//
// The first who reads starts a run. It has its own goroutine and context,
// and never waits for a reader; others read the copy that grows, each at its own
// pace. The run goes on when the first has left, and ends [Options.Linger] after the
// last has. HEAD, 304 and a client that has the version start nothing.
//
// If generating fails (an error, a panic, a wrong length, a full disk), the
// download is broken for everybody who reads it, the cause is logged once, nothing
// is kept, and the next request starts anew.
//
// # What must be in a key
//
// All that the content depends on and that open closes over: the tenant, the
// user's permissions, the language, the filter. Two requests with one key get the
// same bytes: if the tenant is missing, one tenant gets the data of another. A key
// may be any string; it is hashed, and nothing of it reaches the file system.
//
// What the file of open declares is part of the identity, too: its entity tag (or,
// if it has none, its modification time), size, content type and coding. So a
// copy is out of date when the tag is another, or after [Options.MaxAge], or after
// [Cache.Remove].
//
// # What open must not do
//
// It must not use the context of the request. That ends when the first client
// leaves, and with it would end the content of all others; the context that open
// gets does not. Nor may it write to the response, or do the work itself: it is
// called for each request, to know the version.
//
// # Ranges
//
// Of a finished copy there are ranges, of one version and all of its bytes. While
// a copy grows there are, if its generator declares size and strong tag: a range
// is answered as soon as its bytes are there. A client that got the beginning of a
// copy without a tag can resume if it asks without If-Range.
//
// # The directory
//
// A copy is one file. Its name says all that has to be known of it, so there is no
// index that could be wrong. It grows under another name; when it is whole it is
// synced and then renamed, so a crash at any point leaves nothing that is taken for
// whole. What a crash leaves is removed when a process starts. Several processes
// may use one directory: what one takes away costs another some work, and never an
// answer.
//
// Files are created with the permissions of the process's umask. A user who
// can read the directory can read all copies.
//
// # More than one machine
//
// With a [Bucket], finished copies are shared. See docs/cache.md for the whole
// picture.
package cache

// The files, from the top down. Each uses files below it only.
//
//	cache.go        File, Start, Status, Remove, Close
//	runs.go         the life of a run, from its first reader to its copy
//	chores.go       sweeps and uploads, in the background
//	file.go         a copy that is not there yet
//	direct.go       a generator that is read without a copy
//	kept.go         a finished copy
//	registry.go     which runs there are, and who joins whom
//	status.go       the state of a key, and counters
//	run.go          a generator over a stream, and when it ends
//	reader.go       one reader of a stream
//	redo.go         a stream that is written again
//	stream.go       the content of a copy that grows
//	places.go       the places of readers, and a writer that waits for them
//	bell.go         wakes readers
//	depot.go        copies in a bucket
//	bucket.go       the bucket
//	generator.go    what open returned
//	sweep.go        keeps the store in order
//	draft.go        a copy that is being made
//	store.go        finished copies, within bounds
//	index.go        which copies there are, and their use
//	directory.go    the files
//	lock_flock.go   their locks
//	lock_other.go   systems without them
//	names.go        their names
