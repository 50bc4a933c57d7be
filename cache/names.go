package cache

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// A copy is one file, and all that has to be known of it stands in its name. So
// one rename makes it, nothing can drift from it, and a process that starts finds
// what others have left. Its path in Root is
//
//	ke/key-version-made-size-tag
//
// where
//
//	key      hash of the author's key, 52 digits
//	ke       the first two of them: directories stay short
//	version  hash of what the generator declares of the bytes, 26 digits
//	made     when the copy was finished, in nanoseconds since 1970
//	size     in bytes
//	tag      hash of the bytes, 26 digits; "0": the generator has a tag of its own
//
// Hashes are in base 32, the numbers in base 36, all of it in lower case, for
// file systems that do not tell the cases apart. It is at most 141 bytes, of the
// 143 that a name has in an encrypted home directory.
//
// What is being made is
//
//	temp-random
//
// Other names are left alone.
type copyName struct {
	id   string // key-version
	made int64  // nanoseconds since 1970
	size int64
	tag  string // without quotes; "": the generator has its own
}

const (
	keyDigits = 52 // of SHA-256
	tagDigits = 26 // of 128 bits
	idDigits  = keyDigits + 1 + tagDigits

	maxPath = 2 + 1 + 141

	tempPrefix = "temp-"
)

var digits = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// identity returns what stands for a version of what has the author's key.
func identity(key string, version []byte) string {
	of := sha256.Sum256(version)
	id := append(appendKey(make([]byte, 0, idDigits), key), '-')
	return string(digits.AppendEncode(id, of[:16]))
}

// keyPrefix returns what the identities begin with of what has that key.
func keyPrefix(key string) string { return string(append(appendKey(nil, key), '-')) }

func appendKey(b []byte, key string) []byte {
	of := sha256.Sum256([]byte(key))
	return digits.AppendEncode(b, of[:])
}

// contentTag returns what stands for the bytes that h has seen.
func contentTag(h *xxh3.Hasher) string {
	sum := h.Sum128()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], sum.Hi)
	binary.BigEndian.PutUint64(b[8:], sum.Lo)
	return digits.EncodeToString(b[:])
}

func newTempName() string { return tempPrefix + strings.ToLower(rand.Text()) }

func (n copyName) String() string { return string(n.append(nil)) }

func (n copyName) append(b []byte) []byte {
	b = append(append(b, n.id...), '-')
	b = append(strconv.AppendInt(b, n.made, 36), '-')
	b = append(strconv.AppendInt(b, n.size, 36), '-')
	return append(b, cmp.Or(n.tag, "0")...)
}

// shard returns the directory that the copies of an identity are in.
func shard(id string) string { return id[:2] }

// path returns where the copy is in Root.
func (n copyName) path() string {
	b := append(make([]byte, 0, maxPath), shard(n.id)...)
	return string(n.append(append(b, '/')))
}

// parseName is the inverse of String; false: s is no name of a copy.
func parseName(s string) (n copyName, ok bool) {
	parts := strings.Split(s, "-")
	if len(parts) != 5 || len(parts[0]) != keyDigits || len(parts[1]) != tagDigits {
		return copyName{}, false
	}
	made, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil {
		return copyName{}, false
	}
	size, err := strconv.ParseInt(parts[3], 36, 64)
	if err != nil || size < 0 {
		return copyName{}, false
	}
	n = copyName{id: s[:idDigits], made: made, size: size}
	switch tag := parts[4]; {
	case len(tag) == tagDigits:
		n.tag = tag
	case tag != "0":
		return copyName{}, false
	}
	return n, n.String() == s // one spelling only
}
