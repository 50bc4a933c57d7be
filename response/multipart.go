package response

import (
	"crypto/rand"
	"strings"

	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// multipart is a body of type multipart/byteranges (RFC 9110 §14.6): several
// ranges, in the order in which they were asked for.
type multipart struct {
	boundary string
	parts    []rfc9110.Range
	headers  []string // what goes ahead of each part
	trailer  string
	length   int64 // of it all
}

// newMultipart returns the parts of content that has size bytes.
func newMultipart(parts []rfc9110.Range, size int64, contentType string) *multipart {
	m := &multipart{boundary: rand.Text(), parts: parts}
	m.trailer = "\r\n--" + m.boundary + "--\r\n"
	m.length = int64(len(m.trailer))
	// A field value cannot hold line breaks; net/http replaces them in a header,
	// but not in a body.
	contentType = strings.NewReplacer("\r", " ", "\n", " ").Replace(contentType)
	for _, part := range parts {
		// The first boundary, too, stands behind a line break (RFC 2046 §5.1.1:
		// an empty preamble), as nginx's does. zsync drops the first line unseen.
		h := "\r\n--" + m.boundary + "\r\nContent-Type: " + contentType +
			"\r\nContent-Range: " + part.ContentRange(size) + "\r\n\r\n"
		m.headers = append(m.headers, h)
		m.length += int64(len(h)) + part.Length
	}
	return m
}

func (m *multipart) contentType() string { return "multipart/byteranges; boundary=" + m.boundary }

// send has src push the parts into b. What src can only produce from its
// beginning on, it produces in one go.
func (m *multipart) send(b *body.Writer, src *source) error {
	src.open(b)
	each := m.parts
	if src.access == stored.Sequential {
		each = m.parts[:1]
	}
	for i, part := range each {
		err := b.Begin(m.headers[i])
		if err == nil {
			err = src.send(b, part, m.following(len(each))...)
		}
		if err != nil {
			return err
		}
	}
	return b.Begin(m.trailer)
}

// following returns the parts from the nth on as sections behind those ahead of
// them.
func (m *multipart) following(n int) []body.Section {
	var sections []body.Section
	for i := n; i < len(m.parts); i++ {
		sections = append(sections, body.Section{
			Header: m.headers[i],
			Gap:    m.parts[i].Start - m.parts[i-1].End(),
			Length: m.parts[i].Length,
		})
	}
	return sections
}
