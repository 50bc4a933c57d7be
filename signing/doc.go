// Package signing makes links that expire: URLs that give access to a download
// for a while, without a login.
//
// A [Signer] signs a URL, and verifies the requests for it:
//
//	signer, err := signing.NewSigner(key)
//	link, err := signer.Sign(u, time.Now().Add(time.Hour))
//
//	r.With(signer.Wrap).Get("/private/report.pdf", handler)
//
// The link is the URL with two more parameters: expires, in seconds since 1970,
// and signature. Whoever has the link has the file, until then: GET and HEAD,
// any range, any number of times.
//
// [FS] is a storage whose files have such links. [SecureLinkMD5] makes other
// links, which nginx verifies where no program stands behind it.
//
// # What is covered
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
// change places. That is no other URL (RFC 3986 §6.2.2), and the link still
// works. "%2F" is not "/", though, and nothing else works: another path, a
// parameter more or less, a later expiry.
//
// # Answers
//
// What does not verify is 403 Forbidden. A link that was true once is 410 Gone,
// which nobody learns who did not have it: the signature is compared first. Both
// are errors that have the method DownloadStatus() int, so Verify can also be
// called by the GetFile of a view.
//
// In django-downloadview: SignedFileSystemStorage and signature_required.
package signing
