// Package files makes content that is not a file look like one, so that it can
// be handed to whoever wants an [fs.File].
//
//   - [ContentFile]: text or bytes that live in memory.
//   - [VirtualFile]: any [io.Reader].
//   - [StringIteratorIO], [BytesIteratorIO]: readers over generated pieces, to
//     be put into a VirtualFile.
//   - [WriterIO]: a reader over whatever a function writes, likewise.
//   - [StorageFile]: the file of a name in a storage, which is any [fs.FS].
//   - [HTTPFile]: a file at a URL.
//   - [DescribedFile]: a file of which others know better what it is.
//
// Files on disk need no wrapper: [OpenInRoot] and [OpenPath] open those that
// are regular ones, without ever blocking.
//
// What a file knows about itself (size, modification time, entity tag, content
// type) travels on its [fs.FileInfo]; the last two by the optional methods of
// [ETager] and [ContentTyper]. A size that is not known is -1, with
// [fs.ModeIrregular] in the mode. What a file can do beyond reading is found by
// optional interfaces: [io.Seeker], [io.ReaderAt], [io.WriterTo], [ModifiedSincer].
// A wrapper has all of these methods. Those that the wrapped file cannot carry out
// return [errors.ErrUnsupported].
//
// Methods that a struct has only because it embeds a file are not used: they know
// nothing of the Read that the struct has itself. See [AsWriterTo].
//
// A file serves one download and one goroutine: make one for each request. It
// is closed by whoever it was handed to.
package files
