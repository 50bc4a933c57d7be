package response

import (
	"mime"
	"path"
	"strings"
)

// octetStream is the type of content that nothing is known of.
const octetStream = "application/octet-stream"

// svgz is the extension of gzip whose media type is the type of the content (SVG
// 1.1, appendix I). Browsers show it only if it is said to be encoded.
const svgz = ".svgz"

// contentType returns the media type for the first of names whose extension
// tells one. It never looks at the content: what a download is must not depend
// on who filled it.
//
// For each name the own table comes first, so that all machines give the same
// answers; package mime reads whatever lists the machine has.
func contentType(names ...string) string {
	for _, name := range names {
		ext := path.Ext(name)
		if t := typeByExtension[strings.ToLower(ext)]; t != "" {
			return t
		}
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
	}
	return octetStream
}

// extension returns the extension for content of the given type, with its dot; ""
// if the own table has none.
func extension(contentType string) string {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	for _, t := range contentTypes {
		if known, _, _ := strings.Cut(t.mediaType, ";"); known == mediaType {
			return t.extension
		}
	}
	return ""
}

var typeByExtension = func() map[string]string {
	types := make(map[string]string, len(contentTypes))
	for _, t := range contentTypes {
		types[t.extension] = t.mediaType
	}
	return types
}()

// contentTypes are the media types of common extensions, as IANA registers
// them. The parameter charset stands on text types only: others have none, or
// say it themselves. The first extension of a type is the one that content of
// this type gets if it has no name.
var contentTypes = []struct{ extension, mediaType string }{
	// Text.
	{".txt", "text/plain; charset=utf-8"},
	{".text", "text/plain; charset=utf-8"},
	{".log", "text/plain; charset=utf-8"},
	{".conf", "text/plain; charset=utf-8"},
	{".diff", "text/plain; charset=utf-8"},
	{".go", "text/plain; charset=utf-8"},
	{".ini", "text/plain; charset=utf-8"},
	{".patch", "text/plain; charset=utf-8"},
	{".csv", "text/csv; charset=utf-8"},
	{".tsv", "text/tab-separated-values; charset=utf-8"},
	{".md", "text/markdown; charset=utf-8"},
	{".markdown", "text/markdown; charset=utf-8"},
	{".html", "text/html; charset=utf-8"},
	{".htm", "text/html; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".mjs", "text/javascript; charset=utf-8"},
	{".ics", "text/calendar; charset=utf-8"},
	{".vcf", "text/vcard; charset=utf-8"},
	{".vtt", "text/vtt; charset=utf-8"},

	// Documents.
	{".pdf", "application/pdf"},
	{".rtf", "application/rtf"},
	{".ps", "application/postscript"},
	{".epub", "application/epub+zip"},
	{".doc", "application/msword"},
	{".dot", "application/msword"},
	{".xls", "application/vnd.ms-excel"},
	{".ppt", "application/vnd.ms-powerpoint"},
	{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{".odt", "application/vnd.oasis.opendocument.text"},
	{".ods", "application/vnd.oasis.opendocument.spreadsheet"},
	{".odp", "application/vnd.oasis.opendocument.presentation"},

	// Data.
	{".json", "application/json"},
	{".jsonl", "application/jsonl"},
	{".ndjson", "application/x-ndjson"},
	{".geojson", "application/geo+json"},
	{".map", "application/json"},
	{".webmanifest", "application/manifest+json"},
	{".xml", "application/xml"},
	{".xsl", "application/xslt+xml"},
	{".xhtml", "application/xhtml+xml"},
	{".atom", "application/atom+xml"},
	{".rss", "application/rss+xml"},
	{".gpx", "application/gpx+xml"},
	{".kml", "application/vnd.google-earth.kml+xml"},
	{".yaml", "application/yaml"},
	{".yml", "application/yaml"},
	{".toml", "application/toml"},
	{".sql", "application/sql"},
	{".sqlite", "application/vnd.sqlite3"},
	{".parquet", "application/vnd.apache.parquet"},
	{".wasm", "application/wasm"},

	// Archives and programs.
	{".bin", octetStream},
	{".zip", "application/zip"},
	{".gz", "application/gzip"},
	{".tgz", "application/gzip"},
	{".tar", "application/x-tar"},
	{".bz2", "application/x-bzip2"},
	{".xz", "application/x-xz"},
	{".zst", "application/zstd"},
	{".7z", "application/x-7z-compressed"},
	{".rar", "application/vnd.rar"},
	{".jar", "application/java-archive"},
	{".apk", "application/vnd.android.package-archive"},
	{".deb", "application/vnd.debian.binary-package"},
	{".rpm", "application/x-rpm"},
	{".aab", octetStream}, {".apks", octetStream}, {".ipa", octetStream}, {".xapk", octetStream},
	{".pkg", "application/vnd.apple.installer+xml"}, {".mpkg", "application/vnd.apple.installer+xml"},
	{".pkpass", "application/vnd.apple.pkpass"}, {".pkpasses", "application/vnd.apple.pkpasses"},
	{".order", "application/vnd.apple.order"},
	{".mobileconfig", "application/x-apple-aspen-config"},
	{".mobileprovision", "application/x-apple-mobileprovision"},
	{".plist", "application/xml"},
	{".dmg", "application/x-apple-diskimage"},
	{".iso", "application/x-iso9660-image"},
	{".exe", "application/vnd.microsoft.portable-executable"},
	{".msi", "application/x-msi"},
	{".sig", "application/pgp-signature"},
	{".asc", "application/pgp-keys"},
	{".p7s", "application/pkcs7-signature"},
	{".pem", "application/x-pem-file"},
	{".ttf", "font/ttf"},
	{".otf", "font/otf"},
	{".woff", "font/woff"}, {".woff2", "font/woff2"},

	// Images.
	{".png", "image/png"},
	{".apng", "image/apng"},
	{".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"},
	{".gif", "image/gif"},
	{".webp", "image/webp"},
	{".avif", "image/avif"},
	{".heic", "image/heic"},
	{".svg", "image/svg+xml"},
	{svgz, "image/svg+xml"},
	{".bmp", "image/bmp"},
	{".ico", "image/vnd.microsoft.icon"},
	{".tif", "image/tiff"},
	{".tiff", "image/tiff"},
	{".psd", "image/vnd.adobe.photoshop"},
	{".usdz", "model/vnd.usdz+zip"},
	{".reality", "model/vnd.reality"},

	// Sound and moving pictures.
	{".mp3", "audio/mpeg"},
	{".m4a", "audio/mp4"},
	{".aac", "audio/aac"},
	{".oga", "audio/ogg"},
	{".ogg", "audio/ogg"},
	{".opus", "audio/ogg"},
	{".flac", "audio/flac"},
	{".wav", "audio/wav"},
	{".weba", "audio/webm"},
	{".mid", "audio/midi"},
	{".mp4", "video/mp4"},
	{".m4v", "video/mp4"},
	{".mpeg", "video/mpeg"},
	{".mpg", "video/mpeg"},
	{".ogv", "video/ogg"},
	{".webm", "video/webm"},
	{".mov", "video/quicktime"},
	{".avi", "video/x-msvideo"},
	{".mkv", "video/matroska"},
	{".ts", "video/mp2t"},
	{".m3u8", "application/vnd.apple.mpegurl"},
	{".mpd", "application/dash+xml"},
	{".eml", "message/rfc822"},
}
