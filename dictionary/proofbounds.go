package dictionary

import (
	"math/big"
	"slices"
)

// wholesWithin are the whole numbers between two limits, or some of them: small ones, the ends, and others.
func wholesWithin(l bounds, random func(int) int) (all []*big.Rat, every bool) {
	first, last := l.firstWhole(), l.lastWhole()
	add := func(n *big.Rat) {
		if l.has(n) && !slices.ContainsFunc(all, func(o *big.Rat) bool { return o.Cmp(n) == 0 }) {
			all = append(all, n)
		}
	}
	at := func(end *big.Int, by int64) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Add(end, big.NewInt(by)))
	}
	size := big.NewInt(1 << 30)
	if first != nil && last != nil {
		size.Sub(last, first)
	}
	if size.Cmp(big.NewInt(allOfThem)) < 0 {
		for n := int64(0); n <= size.Int64(); n++ {
			all = append(all, at(first, n))
		}
		return all, true
	}
	for _, n := range []int64{0, 1, -1, 7, 5, -6, 100} {
		add(big.NewRat(n, 1))
	}
	far := int64(random(int(min(size.Uint64(), 1<<30))))
	for _, by := range []int64{0, 1, 10, 1000, far} {
		if first != nil {
			add(at(first, by))
		}
		if last != nil {
			add(at(last, -by))
		}
	}
	return all, false
}

func (l bounds) firstWhole() *big.Int {
	if l.low == nil {
		return nil
	}
	n := new(big.Int).Neg(floorOf(new(big.Rat).Neg(l.low)))
	if l.aboveLow && l.low.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	return n
}

func (l bounds) lastWhole() *big.Int {
	if l.high == nil {
		return nil
	}
	n := floorOf(l.high)
	if l.belowIt && l.high.IsInt() {
		n.Sub(n, big.NewInt(1))
	}
	return n
}

// digits is how many characters stand at least before the decimal point of a number between the limits.
func (l bounds) digits() int {
	switch {
	case l.low != nil && l.low.Sign() > 0:
		return len(floorOf(l.low).String())
	case l.high != nil && l.high.Sign() < 0:
		return len(floorOf(new(big.Rat).Neg(l.high)).String()) + 1
	}
	return 1
}

// scaled are the bounds of so many times a number.
func (l bounds) scaled(by *big.Rat) bounds {
	for _, end := range []**big.Rat{&l.low, &l.high} {
		if *end != nil {
			*end = new(big.Rat).Mul(*end, by)
		}
	}
	return l
}

// within are numbers between two bounds that the question takes: those with fewest decimals, at both ends and elsewhere. every is
// whether these are all, or one of all that need to be tried.
func (q *Question) within(l bounds, random func(int) int) (all []*big.Rat, every bool) {
	every = true
	most := maxDecimals
	if length, limited := q.length(); limited {
		most = max(0, min(most, length-1-l.digits()))
	}
	if q.wholeOnly() {
		most = 0
	}
	for decimals := 0; decimals <= most; decimals++ {
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
		some, whole := wholesWithin(l.scaled(scale), random)
		every = every && (whole || len(some) == 0)
		for _, n := range some {
			n = n.Quo(n, scale)
			if !l.has(n) || !q.takesNumber(textOf(n, decimals)) || slices.ContainsFunc(all, func(o *big.Rat) bool { return o.Cmp(n) == 0 }) {
				continue
			}
			all = append(all, n)
		}
		if len(all) >= someOfThem && decimals >= 2 {
			return all, false
		}
	}
	return all, every
}

func textOf(n *big.Rat, decimals int) string { return gridNumber(n, decimals, 0) }
