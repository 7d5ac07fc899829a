package cdisc

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

func validText(s string) bool { return utf8.ValidString(s) }

// appendKey appends the key of a row so that comparing bytes compares keys: missing before
// everything else, texts byte by byte, numbers by their value.
func appendKey(dst []byte, row Row, keys []int) []byte {
	for _, i := range keys {
		dst = appendKeyValue(dst, row[i])
	}
	return dst
}

func appendKeyValue(dst []byte, v Value) []byte {
	switch v.kind {
	case missingValue:
		return append(dst, 0)
	case specialValue:
		return append(dst, 1, byte(v.bits))
	case textValue:
		dst = append(dst, 3)
		for i := range len(v.text) { // 0 ends the text, so that "a" comes before "ab"
			if c := v.text[i]; c == 0 {
				dst = append(dst, 0, 1)
			} else {
				dst = append(dst, c)
			}
		}
		return append(dst, 0, 0)
	case integerValue:
		return binary.BigEndian.AppendUint64(append(dst, 2), v.bits^1<<63)
	case floatValue:
		bits := v.bits
		if bits>>63 != 0 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		return binary.BigEndian.AppendUint64(append(dst, 2), bits)
	}
	return append(dst, 2, byte(v.bits))
}

// sortKey is the key of a row as XPORT tells keys apart, and behind it the key itself, so that in a
// table sorted by it equal keys of either kind are neighbours. Without types it is the key alone.
type sortKey struct {
	bytes []byte
	xpt   int // the bytes that are of XPORT
}

func (k *sortKey) set(row Row, keys []int, types []Type) {
	k.bytes = k.bytes[:0]
	if types != nil {
		for _, i := range keys {
			k.bytes = appendKeyValue(k.bytes, valueInXPT(row[i], types[i]))
		}
	}
	k.xpt = len(k.bytes)
	k.bytes = appendKey(k.bytes, row, keys)
}

func (k *sortKey) inXPT() []byte { return k.bytes[:k.xpt] }

// valueInXPT is what a value is in XPORT: texts end before their trailing blanks, an empty one is
// missing, and a number is its value.
func valueInXPT(v Value, t Type) Value {
	switch {
	case v.kind == floatValue && v.bits<<1 == 0:
		return Float(0)
	case v.kind != textValue:
		return v
	case t == Decimal:
		if number, ok := imednet.ParseNumber(v.text); ok {
			x, _ := number.Float64()
			return Float(x)
		}
	}
	v.text = strings.TrimRight(v.text, " ")
	if v.text == "" {
		return Value{}
	}
	return v
}

// appendRow appends a row so that takeRow reads it back.
func appendRow(dst []byte, row Row) []byte {
	for _, v := range row {
		dst = append(dst, byte(v.kind))
		switch v.kind {
		case missingValue:
		case textValue:
			dst = append(binary.AppendUvarint(dst, uint64(len(v.text))), v.text...)
		case specialValue, booleanValue:
			dst = append(dst, byte(v.bits))
		default:
			dst = binary.LittleEndian.AppendUint64(dst, v.bits)
		}
	}
	return dst
}

// takeRow reads a row that appendRow wrote. text holds the same bytes as a string.
func takeRow(row Row, data []byte, text string) {
	at := 0
	for i := range row {
		kind := valueKind(data[at])
		at++
		row[i] = Value{kind: kind}
		switch kind {
		case missingValue:
		case textValue:
			n, size := binary.Uvarint(data[at:])
			at += size
			row[i].text = text[at : at+int(n)]
			at += int(n)
		case specialValue, booleanValue:
			row[i].bits = uint64(data[at])
			at++
		default:
			row[i].bits = binary.LittleEndian.Uint64(data[at:])
			at += 8
		}
	}
}
