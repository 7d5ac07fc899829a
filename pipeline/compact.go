package pipeline

import "encoding/binary"

// What Parquet says of itself is written in Thrift's compact protocol: a structure is a row of fields, each
// with its type and how far its number is from the one before, and ends with a zero byte.

// Types of the compact protocol.
const (
	compactI16    = 0x04
	compactI32    = 0x05
	compactI64    = 0x06
	compactText   = 0x08
	compactList   = 0x09
	compactStruct = 0x0c
	compactStop   = 0x00
)

// appendField begins a field whose number is so many above that of the field before.
func appendField(b []byte, step, typ byte) []byte { return append(b, step<<4|typ) }

// appendNumber writes a whole number of any width.
func appendNumber(b []byte, n int64) []byte { return binary.AppendVarint(b, n) } // which is zigzag too

// appendStructs begins a list of n structures.
func appendStructs(b []byte, n int) []byte {
	if n < 15 {
		return append(b, byte(n)<<4|compactStruct)
	}
	return binary.AppendUvarint(append(b, 0xf0|compactStruct), uint64(n))
}

// appendText writes a text with its length.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
