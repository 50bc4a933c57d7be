// Package files makes content that is not a file look like one, for all that
// takes an [fs.File].
//
//   - [ContentFile]: text or bytes that live in memory.
//   - [VirtualFile]: any [io.Reader].
//   - [StringIteratorIO], [BytesIteratorIO]: readers over generated pieces, to
//     be put into a VirtualFile.
//   - [WriterIO]: a reader over whatever a function writes, likewise.
//   - [StorageFile]: the file of a name in a storage, which is any [fs.FS].
//   - [DescribedFile]: a file whose name, type or times come from elsewhere.
//
// Files on disk need no wrapper: [OpenInRoot] and [OpenPath] open regular files,
// and wait at no pipe.
//
// What a file knows about itself is on its [fs.FileInfo]: size, modification time,
// and, by the optional methods of [ETager] and [ContentTyper], entity tag and
// content type. A size that is not known is -1, with [fs.ModeIrregular] in the
// mode. What a file can do beyond reading is found by optional interfaces:
// [io.Seeker], [io.ReaderAt], [io.WriterTo], [ModifiedSincer]. [DescribedFile] and
// [StorageFile] only add knowledge: a response reads the file below them, by
// [Unwrap].
//
// Of a struct that embeds a file, only Read, Seek, Stat and Close are used: other
// methods may be promoted, and know nothing of the struct's own Read. Give the
// field a name to have them used.
//
// A file is for one download and one goroutine: make one for each request. A
// response closes the file that it serves. Close all others yourself.
package files
