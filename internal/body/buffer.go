package body

import "sync"

// BufferSize is what content is gathered to before it goes to the connection, and
// all that a download buffers. With its framing it is less than one segment over
// loopback, where a proxy may be, holds (65,483 bytes): a write of 64 KiB leaves
// in two, and takes half as long again.
const BufferSize = 63 << 10

// Buffers are shared by all downloads.
var Buffers = sync.Pool{New: func() any { return new([BufferSize]byte) }}
