package answers

import (
	"encoding/binary"
	"unicode/utf8"
)

// Plain reports whether the inside of a JSON string is ASCII without a backslash, and so is its text.
func Plain(inner []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(inner) >= 8; inner = inner[8:] {
		eight := binary.LittleEndian.Uint64(inner)
		backslashes := eight ^ ones*'\\'
		if (eight|(backslashes-ones)&^backslashes)&highs != 0 { // a byte of the second is marked where it is zero
			return false
		}
	}
	for _, c := range inner {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
