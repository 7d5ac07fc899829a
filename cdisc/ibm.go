package cdisc

import (
	"encoding/binary"
	"math"
)

// toIBM converts a number to the 8 bytes of IBM System/360 floating point: a sign, an exponent of 16
// in excess 64, and a fraction of 56 bits whose first hexadecimal digit is not 0. Every float64 with
// 16^-65 <= |x| < 16^63 converts exactly: its 53 bits fit behind at most three leading zero bits.
// Other numbers, NaN and the infinities do not convert. Negative zero becomes zero, because readers
// take its bytes for a missing value.
func toIBM(x float64) (bits uint64, ok bool) {
	if x == 0 {
		return 0, true
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	fraction, exponent := math.Frexp(math.Abs(x))
	hex := (exponent + 3) >> 2 // exponent/4, upwards
	if hex < -64 || hex > 63 {
		return 0, false
	}
	bits = uint64(hex+64)<<56 | uint64(fraction*(1<<56))>>(4*hex-exponent)
	if x < 0 {
		bits |= 1 << 63
	}
	return bits, true
}

// fromIBM converts 8 bytes back. exact is false when the fraction has more bits than a float64
// holds, which other programs can write and this one does not.
func fromIBM(bits uint64) (x float64, exact bool) {
	mantissa := bits & (1<<56 - 1)
	exponent := int(bits>>56&127) - 64
	x = math.Ldexp(float64(mantissa), 4*(exponent-14))
	if bits>>63 != 0 {
		x = -x
	}
	return x, uint64(float64(mantissa)) == mantissa
}

// missingIBM is the missing value of SAS with a letter, or with '.' the plain one.
func missingIBM(letter byte) uint64 { return uint64(letter) << 56 }

// decodeNumber reads a numeric value of 3 to 8 bytes. ok is false for bytes that are neither a
// number nor a missing value.
func decodeNumber(b []byte) (v Value, exact, ok bool) {
	var full [8]byte
	copy(full[:], b)
	bits := binary.BigEndian.Uint64(full[:])
	first := full[0]
	switch {
	case bits == 0:
		return Float(0), true, true
	case bits<<8 != 0:
		x, exact := fromIBM(bits)
		v := Float(x)
		if !exact {
			v.text = string(full[:])
		}
		return v, exact, true
	case first == '.':
		return Value{}, true, true
	case first == '_' || first >= 'A' && first <= 'Z':
		return special(first), true, true
	}
	return Value{}, true, false
}
