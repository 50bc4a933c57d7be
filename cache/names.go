package cache

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// A copy is one file, and its name says everything about it. So one rename makes a
// copy, and there is no index on disk that could be wrong. Its path in the
// directory is
//
//	ke/key-version-made-size-hash
//
// where
//
//	key      hash of the author's key, 52 digits
//	ke       the first two of them: directories stay short
//	version  hash of what the generator declares of the bytes, 26 digits
//	made     when the copy was finished, in nanoseconds since 1970
//	size     in bytes
//	hash     of the bytes, 26 digits
//
// Hashes are in base 32, the numbers in base 36, all in lower case, for file
// systems that ignore case. A name has at most 141 bytes: an encrypted home
// directory allows 143.
//
// A draft, which is a copy that is being made, has the name
//
//	temp-random
//
// with 26 random letters and digits. Other names are left alone.
type copyName struct {
	id   string // key-version
	made int64  // nanoseconds since 1970
	size int64
	hash string
}

const (
	keyDigits  = 52 // of SHA-256
	hashDigits = 26 // of 128 bits
	idDigits   = keyDigits + 1 + hashDigits

	shardDigits = 2
	maxPath     = shardDigits + 1 + 141

	tempPrefix  = "temp-"
	tempLetters = "abcdefghijklmnopqrstuvwxyz234567"
	tempDigits  = 26
)

var digits = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// identity returns the identity of a version of the content with the author's key.
func identity(key string, version []byte) string {
	of := sha256.Sum256(version)
	id := append(appendKey(make([]byte, 0, idDigits), key), '-')
	return string(digits.AppendEncode(id, of[:16]))
}

// keyPrefix returns the prefix of all identities of a key.
func keyPrefix(key string) string { return string(append(appendKey(nil, key), '-')) }

// prefixOf returns the prefix that an identity shares with the other versions.
func prefixOf(id string) string { return id[:keyDigits+1] }

func appendKey(b []byte, key string) []byte {
	of := sha256.Sum256([]byte(key))
	return digits.AppendEncode(b, of[:])
}

// hashText returns the hash of the bytes that h has seen, as it stands in a name.
func hashText(h *xxh3.Hasher) string {
	sum := h.Sum128()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], sum.Hi)
	binary.BigEndian.PutUint64(b[8:], sum.Lo)
	return digits.EncodeToString(b[:])
}

func newTempName() string { return tempPrefix + strings.ToLower(rand.Text()) }

func isTempName(s string) bool {
	random, ok := strings.CutPrefix(s, tempPrefix)
	return ok && len(random) == tempDigits && strings.Trim(random, tempLetters) == ""
}

func (n copyName) String() string { return string(n.append(nil)) }

func (n copyName) append(b []byte) []byte {
	b = append(append(b, n.id...), '-')
	b = append(strconv.AppendInt(b, n.made, 36), '-')
	b = append(strconv.AppendInt(b, n.size, 36), '-')
	return append(b, n.hash...)
}

// shard returns the directory of an identity's copies.
func shard(id string) string { return id[:shardDigits] }

// path returns the copy's path in the cache's directory.
func (n copyName) path() string {
	b := append(make([]byte, 0, maxPath), shard(n.id)...)
	return string(n.append(append(b, '/')))
}

// parseName is the inverse of String; false: s is not the name of a copy.
func parseName(s string) (n copyName, ok bool) {
	parts := strings.Split(s, "-")
	if len(parts) != 5 || len(parts[0]) != keyDigits || len(parts[1]) != hashDigits || len(parts[4]) != hashDigits {
		return copyName{}, false
	}
	made, err1 := strconv.ParseInt(parts[2], 36, 64)
	size, err2 := strconv.ParseInt(parts[3], 36, 64)
	n = copyName{id: s[:idDigits], made: made, size: size, hash: parts[4]}
	return n, err1 == nil && err2 == nil && size >= 0 && n.String() == s // one spelling only
}
