package expression

import (
	"errors"
	"math"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

var errDivisionByZero = errors.New("division by zero")

// floatDivision is Python's /, // and % of floats. The latter two rest on one exact remainder, so
// that 1 // 0.1 is 9 and not 10.
func floatDivision(op syntax.Token, x, y float64) (starlark.Value, error) {
	switch {
	case y == 0:
		return nil, errDivisionByZero
	case op == syntax.SLASH:
		return starlark.Float(x / y), nil
	}
	remainder := math.Mod(x, y)
	quotient := (x - remainder) / y
	switch {
	case remainder == 0:
		remainder = math.Copysign(0, y)
	case (y < 0) != (remainder < 0):
		remainder += y
		quotient--
	}
	if op == syntax.PERCENT {
		return starlark.Float(remainder), nil
	}
	if quotient == 0 {
		return starlark.Float(math.Copysign(0, x/y)), nil
	}
	floor := math.Floor(quotient)
	if quotient-floor > 0.5 {
		floor++
	}
	return starlark.Float(floor), nil
}
