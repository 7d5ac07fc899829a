package cdisc

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// headerMark begins every header of XPORT.
const headerMark = "HEADER RECORD*******"

const (
	xptRecord  = 80
	xptNamestr = 140
	// xptSystem is what files name as the version of SAS and the operating system. Readers want
	// something there.
	xptSystem = "9.4     X64_10  "
)

// xptHeader is a header record: its name, padded to 8, and what follows.
func xptHeader(name, tail string) string {
	return headerMark + padded(name, 8) + "HEADER RECORD!!!!!!!" + padded(tail, 32)
}

var xptZeros = strings.Repeat("0", 30)

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-len(s)))
}

// xptTime is ddMMMyy:hh:mm:ss.
func xptTime(t time.Time) string {
	return strings.ToUpper(t.UTC().Format("02Jan06:15:04:05"))
}

// xptNames are the names of the headers, which differ between the versions.
type xptNames struct{ library, member, descriptor, namestr, observations string }

func (f Format) headerNames() xptNames {
	if f == XPT8 {
		return xptNames{"LIBV8", "MEMBV8", "DSCPTV8", "NAMSTV8", "OBSV8"}
	}
	return xptNames{"LIBRARY", "MEMBER", "DSCRPTR", "NAMESTR", "OBS"}
}

// xptHead is everything before the first observation.
func xptHead(s *Survey, f Format, created time.Time) []byte {
	names, d := f.headerNames(), &s.dataset
	stamp := xptTime(created)
	var b strings.Builder
	b.WriteString(xptHeader(names.library, xptZeros))
	b.WriteString("SAS     SAS     SASLIB  " + xptSystem + padded("", 24) + stamp)
	b.WriteString(padded(stamp, xptRecord))
	b.WriteString(xptHeader(names.member, strings.Repeat("0", 17)+"160"+strings.Repeat("0", 7)+"140"))
	b.WriteString(xptHeader(names.descriptor, xptZeros))
	if f == XPT8 {
		b.WriteString("SAS     " + padded(d.Name, 32) + "SASDATA " + xptSystem + stamp)
	} else {
		b.WriteString("SAS     " + padded(d.Name, 8) + "SASDATA " + xptSystem + padded("", 24) + stamp)
	}
	b.WriteString(padded(stamp, 32) + padded(d.Encoding.encoded(d.Label), 40) + padded("", 8))
	b.WriteString(xptHeader(names.namestr, fmt.Sprintf("0000%06d", len(d.Variables))+strings.Repeat("0", 20)))
	head := s.appendNamestrs([]byte(b.String()), f)
	if f == XPT8 {
		head = s.appendLongLabels(head)
		return append(head, xptHeader(names.observations, fmt.Sprintf("%15d", s.rows))...)
	}
	return append(head, xptHeader(names.observations, xptZeros)...)
}

func (s *Survey) appendNamestrs(dst []byte, f Format) []byte {
	position := 0
	for i := range s.dataset.Variables {
		v := &s.dataset.Variables[i]
		width := s.bytesOf(i)
		kind := 2
		if v.Type.isNumeric() {
			kind = 1
		}
		name, fw, fd, _ := displayFormat(v.Format)
		dst = appendShorts(dst, kind, 0, width, i+1)
		dst = append(dst, padded(cutText(v.Name, 8), 8)...)
		e := s.dataset.Encoding
		dst = append(dst, padded(e.encoded(e.cut(v.Label, 40)), 40)...)
		dst = append(dst, padded(name, 8)...)
		dst = appendShorts(dst, fw, fd, 0, 0)
		dst = append(dst, "        "...)
		dst = appendShorts(dst, 0, 0, position>>16, position&0xffff)
		if f == XPT8 {
			dst = append(dst, padded(v.Name, 32)...)
			dst = appendShorts(dst, e.size(v.Label))
			dst = append(dst, make([]byte, 18)...)
		} else {
			dst = append(dst, make([]byte, 52)...)
		}
		position += width
	}
	return appendBlanks(dst, padding(int64(len(dst))))
}

// appendLongLabels appends the labels of more than 40 bytes, which version 8 keeps apart. Their
// count is left-aligned: SAS reads no other.
func (s *Survey) appendLongLabels(dst []byte) []byte {
	var labels []byte
	n := 0
	for i, v := range s.dataset.Variables {
		if label := s.dataset.Encoding.encoded(v.Label); len(label) > 40 {
			labels = appendShorts(labels, i+1, len(v.Name), len(label))
			labels = append(append(labels, v.Name...), label...)
			n++
		}
	}
	if n == 0 {
		return dst
	}
	dst = append(dst, xptHeader("LABELV8", fmt.Sprint(n))...)
	dst = append(dst, labels...)
	return appendBlanks(dst, padding(int64(len(labels))))
}

func appendShorts(dst []byte, numbers ...int) []byte {
	for _, n := range numbers {
		dst = append(dst, byte(n>>8), byte(n))
	}
	return dst
}

// padding is the number of blanks up to the end of the record.
func padding(size int64) int { return int((xptRecord - size%xptRecord) % xptRecord) }

func appendBlanks(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// cutText cuts a text to at most so many bytes, never inside a character: a reader could not decode
// the rest.
func cutText(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size]
}
