package cdisc

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/imednetgo/imednet/internal/argument"
)

// Encoding is how XPORT encodes texts. The file does not name its encoding, so the reader has to be
// told. Dataset-JSON, Define-XML and ODM are always UTF-8.
type Encoding string

// The encodings. A character that an encoding lacks is a problem and is never replaced by another
// one.
const (
	UTF8        Encoding = "utf-8" // the default; equal to ASCII if all texts are ASCII
	ASCII       Encoding = "us-ascii"
	Latin1      Encoding = "iso-8859-1"
	Windows1252 Encoding = "windows-1252"
)

var charmaps = map[Encoding]*charmap.Charmap{Latin1: charmap.ISO8859_1, Windows1252: charmap.Windows1252}

func (e Encoding) known() bool { return e.isUTF8() || e == ASCII || charmaps[e] != nil }

// isUTF8 reports whether texts are written as they are.
func (e Encoding) isUTF8() bool { return e == "" || e == UTF8 }

// has reports whether the encoding has every character of a text.
func (e Encoding) has(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !e.hasRune(r) })
}

func (e Encoding) hasRune(r rune) bool {
	if r < utf8.RuneSelf || e.isUTF8() {
		return true
	}
	if charmaps[e] == nil {
		return false
	}
	_, ok := charmaps[e].EncodeRune(r)
	return ok
}

// size is the number of bytes of a text that the encoding has.
func (e Encoding) size(text string) int {
	if e.isUTF8() {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// cut cuts a text to at most so many bytes of the encoding.
func (e Encoding) cut(text string, size int) string {
	if e.isUTF8() {
		return cutText(text, size)
	}
	for at := range text {
		if size == 0 {
			return text[:at]
		}
		size--
	}
	return text
}

// encoded is a text that the encoding has in its bytes.
func (e Encoding) encoded(text string) string {
	if charmaps[e] == nil {
		return text
	}
	return string(e.append(make([]byte, 0, len(text)), text))
}

// append appends a text in the bytes of the encoding.
func (e Encoding) append(dst []byte, text string) []byte {
	table := charmaps[e]
	if table == nil {
		return append(dst, text...)
	}
	for _, r := range text {
		b, _ := table.EncodeRune(r)
		dst = append(dst, b)
	}
	return dst
}

// decode reads bytes of the encoding. ok is false for bytes that it does not have.
func (e Encoding) decode(text string) (decoded string, ok bool) {
	table := charmaps[e]
	switch {
	case table == nil:
		return text, utf8.ValidString(text) && (e.isUTF8() || isASCII(text))
	case isASCII(text):
		return text, true
	}
	var b strings.Builder
	for i := range len(text) {
		r := table.DecodeByte(text[i])
		if r == utf8.RuneError {
			return "", false
		}
		b.WriteRune(r)
	}
	return b.String(), true
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ReadOption configures [NewXPTReader] and [OpenFile].
type ReadOption func(*readOptions) error

type readOptions struct{ encoding Encoding }

// WithEncoding sets the encoding of the texts of an XPORT file; the default is UTF-8. Other formats
// ignore it.
func WithEncoding(e Encoding) ReadOption {
	return func(o *readOptions) error {
		if !e.known() {
			return argument.Invalid("cdisc.WithEncoding", "e", "is not an encoding that this package knows")
		}
		o.encoding = e
		return nil
	}
}

func applyRead(opts []ReadOption) (o readOptions, err error) {
	err = argument.Options("cdisc readers", &o, opts)
	return o, err
}
