package expression

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// arithmetic is Python's + - * / // and %, with booleans as numbers, dates in days, and bounds.
func arithmetic(thread *starlark.Thread, op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	if isDate(x) || isDate(y) {
		return dateArithmetic(op, x, y)
	}
	if s, ok := x.(starlark.String); ok && op == syntax.PERCENT {
		return formatText(thread, string(s), y)
	}
	x, y = number(x), number(y)
	if err := checkGrowth(thread, op, x, y); err != nil {
		return nil, err
	}
	if !isNumber(x) || !isNumber(y) {
		if op == syntax.PLUS && x.Type() != y.Type() {
			return nil, fmt.Errorf("cannot add %s and %s: write str(…) or float(…) around one", typeOf(x), typeOf(y))
		}
	}
	if a, b, ok := floatOperands(x, y); ok && op != syntax.PLUS && op != syntax.MINUS && op != syntax.STAR {
		return floatDivision(op, a, b)
	}
	if err := checkFinite(x, y); err != nil {
		return nil, err
	}
	if i, j, ok := wholes(x, y); ok && op == syntax.SLASH {
		return wholeDivision(i, j)
	}
	z, err := starlark.Binary(op, x, y)
	if err != nil && (!isNumber(x) || !isNumber(y)) {
		return nil, fmt.Errorf("%s does not work for %s and %s", op, typeOf(x), typeOf(y))
	}
	return z, err
}

// floatOperands returns two finite or infinite operands of which one is a float.
func floatOperands(x, y starlark.Value) (a, b float64, ok bool) {
	_, floatX := x.(starlark.Float)
	_, floatY := y.(starlark.Float)
	if !floatX && !floatY || checkFinite(x, y) != nil {
		return 0, 0, false
	}
	a, okA := starlark.AsFloat(x)
	b, okB := starlark.AsFloat(y)
	return a, b, okA && okB
}

// checkFinite refuses a whole number beside a float when no float is near it.
func checkFinite(x, y starlark.Value) error {
	for _, pair := range [][2]starlark.Value{{x, y}, {y, x}} {
		i, isWhole := pair[0].(starlark.Int)
		_, isFloat := pair[1].(starlark.Float)
		if isWhole && isFloat && math.IsInf(float64(i.Float()), 0) {
			return errors.New("a whole number is too large for a calculation with a float")
		}
	}
	return nil
}

func wholes(x, y starlark.Value) (i, j starlark.Int, ok bool) {
	i, okX := x.(starlark.Int)
	j, okY := y.(starlark.Int)
	return i, j, okX && okY
}

// wholeDivision is Python's / of whole numbers: the float nearest to the exact quotient.
func wholeDivision(i, j starlark.Int) (starlark.Value, error) {
	if j.Sign() == 0 {
		return nil, errDivisionByZero
	}
	quotient, _ := new(big.Rat).SetFrac(i.BigInt(), j.BigInt()).Float64()
	if i.Sign() == 0 && j.Sign() < 0 {
		quotient = math.Copysign(0, -1)
	}
	if math.IsInf(quotient, 0) {
		return nil, errors.New("the result is too large")
	}
	return starlark.Float(quotient), nil
}

// checkGrowth refuses results over the bounds before they are made.
func checkGrowth(thread *starlark.Thread, op syntax.Token, x, y starlark.Value) error {
	if isNumber(x) && isNumber(y) {
		i, okX := x.(starlark.Int)
		j, okY := y.(starlark.Int)
		if okX && okY && i.BigInt().BitLen()+j.BigInt().BitLen() > maxNumberBits {
			return errBigNumber
		}
		return nil
	}
	switch op {
	case syntax.PLUS:
		return grow(thread, sizeOf(x)+sizeOf(y))
	case syntax.STAR:
		if isNumber(x) {
			x, y = y, x
		}
		n, ok := y.(starlark.Int)
		if !ok {
			return nil // refused by the operation itself
		}
		times, ok := n.Int64()
		size := int64(max(sizeOf(x), 1))
		if !ok && n.Sign() > 0 || times > maxResultBytes/size {
			return errTooLarge
		}
		return grow(thread, int(max(times, 0)*size))
	}
	return nil
}

// power is Python's ** for numbers.
func power(x, y starlark.Value) (starlark.Value, error) {
	x, y = number(x), number(y)
	if !isNumber(x) || !isNumber(y) {
		return nil, fmt.Errorf("** does not work for %s and %s", typeOf(x), typeOf(y))
	}
	i, okX := x.(starlark.Int)
	j, okY := y.(starlark.Int)
	if okX && okY && j.Sign() >= 0 {
		n, ok := j.Int64()
		if bits := int64(i.BigInt().BitLen()); !ok || bits > 1 && n > maxNumberBits/bits {
			return nil, errBigNumber
		}
		base := i.BigInt()
		return starlark.MakeBigInt(base.Exp(base, j.BigInt(), nil)), nil
	}
	fx, _ := starlark.AsFloat(x)
	fy, _ := starlark.AsFloat(y)
	z := pow(fx, fy)
	switch {
	case fx == 0 && fy < 0:
		return nil, errors.New("0 cannot be raised to a negative power")
	case math.IsNaN(z) && !math.IsNaN(fx) && !math.IsNaN(fy):
		return nil, errors.New("a negative number cannot be raised to a fraction")
	case math.IsInf(z, 0) && !math.IsInf(fx, 0) && !math.IsInf(fy, 0):
		return nil, errors.New("the result is too large")
	}
	return starlark.Float(z), nil
}

// unary is - and + before a number.
func unary(op syntax.Token, x starlark.Value) (starlark.Value, error) {
	x = number(x)
	if !isNumber(x) {
		return nil, fmt.Errorf("%s works for numbers, not for %s: write float(…) around text", op, typeOf(x))
	}
	return starlark.Unary(op, x)
}
