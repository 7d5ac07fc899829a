package cdisc

import (
	"math/big"
	"strings"

	"github.com/imednetgo/imednet"
)

// exactFloat returns the float64 that a decimal denotes: the one of which it has the shortest digits, such as
// 0.1, or all of them.
func exactFloat(number imednet.Number) (x float64, ok bool) {
	x, accuracy := number.Float64()
	switch accuracy {
	case imednet.Exact:
		return x, true
	case imednet.Rounded:
		exact, ok := number.Rat()
		return x, ok && new(big.Rat).SetFloat64(x).Cmp(exact) == 0
	}
	return x, false
}

// ibmNumber is the number of 8 bytes of IBM floating point, with all its digits.
func ibmNumber(bytes string) imednet.Number {
	mantissa := new(big.Int).SetBytes([]byte(bytes[1:]))
	shift := 4 * (int(bytes[0]&0x7f) - 64 - 14)
	number, places := new(big.Rat).SetInt(mantissa), 0
	if power := new(big.Int).Lsh(big.NewInt(1), uint(max(shift, -shift))); shift < 0 {
		number.SetFrac(mantissa, power)
		places = -shift
	} else {
		number.SetInt(power.Mul(power, mantissa))
	}
	sign := strings.Repeat("-", int(bytes[0]>>7))
	n, _ := imednet.ParseNumber(sign + number.FloatString(places))
	return n
}
