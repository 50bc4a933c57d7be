// Package archive makes one ZIP or tar of many files while it is sent: "download
// all".
//
// Say what goes into it, and return it from GetFile of a view, as any other file:
//
//	func (AlbumView) GetFile(r *http.Request) (fs.File, error) {
//		return archive.NewZip(r.Context(), "album.zip", entries)
//	}
//
// [FromFS] makes the entries of a directory tree, [SafeName] makes names of titles,
// and [Existing] looks for lost files. Nothing is stored anywhere, and the memory
// that a download takes does not grow with the content.
//
// # Length, ranges, entity tag
//
// Where every [Entry] has a size, the length of the archive is known before one
// of them is opened. If, besides, each of them has a strong entity tag, a CRC-32,
// or a modification time, the archive has a strong entity tag and ranges: a
// download can be resumed, and fetched in segments. So it is best to have sizes
// and CRC-32s where the names come from, in the database for example.
//
// A range opens the entries that it reaches, and no others. There is one
// exception: a ZIP ends with the CRC-32 of each entry. A range that reaches the end
// makes the archive read the entries without a known CRC-32, all of them. Ranges of
// one request must ascend, so no request reads more than twice the length.
//
// # How entries are stored in a ZIP
//
//	CRC-32 and size known      as they are                             the form that every reader reads
//	only the size              as DEFLATE in blocks that are stored    0.008 % longer; the CRC-32 follows the content
//	size not known             compressed                              the archive's length is not known either
//
// Files and archives of 4 GiB and more, and 65,535 entries and more, are in the
// Zip64 format. Names are UTF-8. Permissions are kept, and so are times, in whole
// seconds.
//
// # Failure
//
// An entry that cannot be opened or read, or that is longer or shorter than its
// size, or whose CRC-32 is another, fails the whole archive, with an [EntryError]
// that names it. A download that has begun is then broken off, visibly. The CRC-32
// of a file on disk is left to the reader of the archive, since sendfile(2) sends
// the bytes unread.
//
// # The files here
//
//	Entry, EntryError           entry.go, names.go
//	FromFS, Existing, SafeName  fromfs.go, existing.go, safename.go
//	Zip, its headers            zip.go, zipheader.go, deflate.go
//	Tar                         tar.go
//	the file that both are      assembly.go
//	the order of the parts      layout.go
//	pushing it all              send.go
//	reading any part            read.go
//	reading one entry           source.go
package archive
