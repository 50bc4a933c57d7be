// Package signing makes links that expire: URLs that give access to a download
// for a while, without a login.
//
// A [Signer] signs a URL, and verifies the requests for it:
//
//	signer, err := signing.NewSigner(signing.Options{Keys: [][]byte{key}})
//	link, err := signer.Sign(u, time.Now().Add(time.Hour))
//
//	r.With(signer.Wrap).Get("/private/report.pdf", handler)
//
// The link is the URL with two more parameters: expires, in seconds since 1970,
// and signature. It gives the file to every client that has it, until then: GET
// and HEAD, any range, any number of times.
//
// [FS] is a storage whose files have such links.
//
// # Coverage
//
// The signature covers the path, the whole query and the time of expiry. It does
// not cover scheme and host, which differ between what the client asks a proxy
// for and what the proxy asks the program for; so programs on different hosts
// need different keys.
//
// The signature is an HMAC-SHA256 (RFC 2104), 43 characters of base64url (RFC
// 4648 §5), under a key that is derived by HKDF (RFC 5869) with a label of this
// package, over
//
//	GET
//	the canonical path
//	the sorted query, without the signature
//
// with a newline between them. Path and query are made canonical first, because
// clients and proxies write them anew: "%7E" becomes "~", and the parameters
// change places. The URL is still the same (RFC 3986 §6.2.2), and the link works.
// But "%2F" is not "/", and no other change works: another path, a parameter more
// or less, a later expiry.
//
// # Answers
//
// A request that does not verify is 403 Forbidden. A link that was good once is
// 410 Gone. Only a holder of the original link can get that, for the signature is
// checked before the expiry. Both are errors that have the method
// DownloadStatus() int, so the GetFile of a view can call Verify, too.
//
// In django-downloadview: SignedFileSystemStorage and signature_required.
package signing
