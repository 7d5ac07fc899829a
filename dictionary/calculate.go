package dictionary

import (
	"math/big"

	"github.com/imednetgo/imednet"
)

// maxBits bounds the numerators and denominators of calculated numbers: more than 4,000 decimals.
const maxBits = 1 << 14

// quantity is a number as it was read, or the exact fraction that a calculation gave.
type quantity struct {
	read       imednet.Number
	calculated *big.Rat
}

// asNumber is the number that an operand is or spells.
func (o operand) asNumber() (quantity, bool) {
	if o.calculated != nil {
		return quantity{calculated: o.calculated}, true
	}
	if o.of > numberOperands {
		return quantity{}, false
	}
	n, ok := imednet.ParseNumber(o.text)
	return quantity{read: n}, ok
}

// exact is the number as a fraction; ok is false for one that is too long to calculate with.
func (q quantity) exact() (r *big.Rat, ok bool) {
	if q.calculated != nil {
		return q.calculated, true
	}
	return q.read.Rat()
}

// arithmetic calculates exactly. What is calculated with a blank is blank; what is no number decides
// nothing, in whatever place it stands.
func (e *evaluation) arithmetic(x *Element) (operand, bool) {
	if x.unordered && x.Name != "add" && x.Name != "mul" {
		e.undecided("the document has lost the order of what %s calculates with", x.Name)
		return operand{}, false
	}
	if few := fewestOperands[x.Name]; len(x.Children) < few || x.Name == "floor" && len(x.Children) > 1 {
		e.undecided("%s has %d operands", x.Name, len(x.Children))
		return operand{}, false
	}
	blank := false
	var result *big.Rat
	for i, c := range x.Children {
		o, ok := e.operand(c)
		if !ok {
			return operand{}, false
		}
		value, ok := e.calculable(x.Name, o)
		if !ok {
			return operand{}, false
		}
		blank = blank || o.missing
		if i > 0 && x.Name == "div" && !o.missing && value.Sign() == 0 {
			e.undecided("a division by zero")
			return operand{}, false
		}
		if result, ok = calculate(x.Name, result, value); !ok {
			e.undecided("%s gives a number that is too long to calculate with", x.Name)
			return operand{}, false
		}
	}
	return operand{of: numberOperands, missing: blank, calculated: result, text: result.RatString()}, true
}

var fewestOperands = map[string]int{"add": 1, "mul": 1, "floor": 1, "sub": 2, "div": 2}

// calculable is the fraction of an operand; a blank counts as 1, so that it spoils no other operand.
func (e *evaluation) calculable(name string, o operand) (*big.Rat, bool) {
	if o.missing {
		return big.NewRat(1, 1), true
	}
	number, ok := o.asNumber()
	if !ok {
		e.undecided("%s calculates with something that is not a number", name)
		return nil, false
	}
	value, ok := number.exact()
	if !ok {
		e.undecided("%s calculates with a number that is too long for it", name)
	}
	return value, ok
}

// calculate is the next step; ok is false if the result is too long. Neither argument is changed.
func calculate(name string, result, by *big.Rat) (_ *big.Rat, ok bool) {
	next := new(big.Rat)
	switch {
	case name == "floor":
		next.SetInt(new(big.Int).Div(by.Num(), by.Denom())) // Euclidean: rounds down, as the denominator is positive
	case result == nil:
		next = by
	case name == "add":
		next.Add(result, by)
	case name == "sub":
		next.Sub(result, by)
	case name == "mul":
		next.Mul(result, by)
	default:
		next.Quo(result, by)
	}
	return next, max(next.Num().BitLen(), next.Denom().BitLen()) <= maxBits
}
