package dictionary

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
)

// demand is that a sum is zero, or not negative, or aboveZero.
type demand struct {
	sum  *linear
	kind demandKind
}

type demandKind uint8

// The kinds.
const (
	exactlyZero demandKind = iota
	atLeastZero
	aboveZero
)

// maxDemands bounds what comes of several demands: beyond it nothing is found out.
const maxDemands = 250

// met reports whether a demand on a number is met.
func (d demand) met() bool {
	sign := d.sum.constant.Sign()
	return d.kind == exactlyZero && sign == 0 || d.kind == atLeastZero && sign >= 0 || d.kind == aboveZero && sign > 0
}

// sharp is the demand in whole numbers, where all of its sum but the constant is whole: more than 12 is at least 13. ok is false if
// nothing can meet it.
func (d demand) sharp() (_ demand, ok bool) {
	if d.sum.isConstant() {
		return d, d.met()
	}
	scale, common := big.NewInt(1), new(big.Int)
	for _, a := range d.sum.addends {
		if !a.isWhole() {
			return d, true
		}
		scale.Mul(scale, new(big.Int).Div(a.with.Denom(), new(big.Int).GCD(nil, nil, scale, a.with.Denom())))
	}
	for _, a := range d.sum.addends {
		by := new(big.Rat).Mul(a.with, new(big.Rat).SetInt(scale))
		common.GCD(nil, nil, common, new(big.Int).Abs(by.Num()))
	}
	sum := d.sum.times(new(big.Rat).SetFrac(scale, common))
	low := floorOf(sum.constant)
	exact := sum.constant.IsInt()
	switch {
	case d.kind == exactlyZero:
		return demand{sum, exactlyZero}, exact
	case d.kind == aboveZero && exact:
		low.Sub(low, big.NewInt(1))
	}
	return demand{&linear{sum.addends, new(big.Rat).SetInt(low)}, atLeastZero}, true
}

// demands are to be met together.
type demands []demand

// strictest leaves of demands on the same sums the strictest; ok is false if one cannot be met.
func (all demands) strictest() (left demands, ok bool) {
	at := map[string]int{}
	for _, d := range all {
		if d, ok = d.sharp(); !ok {
			return nil, false
		}
		if d.sum.isConstant() {
			continue
		}
		d.sum = d.sum.times(new(big.Rat).Inv(new(big.Rat).Abs(d.sum.addends[0].with)))
		if d.kind == exactlyZero {
			left = append(left, d)
			continue
		}
		key := (&linear{d.sum.addends, new(big.Rat)}).key()
		i, known := at[key]
		if !known {
			at[key] = len(left)
			left = append(left, d)
			continue
		}
		if order := d.sum.constant.Cmp(left[i].sum.constant); order < 0 || order == 0 && d.kind == aboveZero {
			left[i] = d
		}
	}
	return left, true
}

// without are demands on the others that can be met exactly where these can with some number in the stead of a product. known is false
// if they are too many.
func (all demands) without(key string) (left demands, ok, known bool) {
	var low, high demands
	for i, d := range all {
		with := d.sum.of(key)
		switch {
		case with == nil:
			left = append(left, d)
		case d.kind == exactlyZero:
			left, ok = all.substituted(i, key).strictest()
			return left, ok, true
		case with.Sign() > 0:
			low = append(low, d)
		default:
			high = append(high, d)
		}
	}
	if len(low)*len(high)+len(left) > maxDemands {
		return nil, true, false
	}
	for _, l := range low {
		for _, h := range high {
			sum := l.sum.times(new(big.Rat).Neg(h.sum.of(key))).plus(h.sum, l.sum.of(key))
			left = append(left, demand{sum, max(l.kind, h.kind)})
		}
	}
	left, ok = left.strictest()
	return left, ok, true
}

// of is with what a product is taken; nil if it is not.
func (l *linear) of(key string) *big.Rat {
	i, found := slices.BinarySearchFunc(l.addends, key, func(a addend, key string) int { return cmp.Compare(a.key, key) })
	if !found {
		return nil
	}
	return l.addends[i].with
}

// substituted are the other demands with what one says of a product.
func (all demands) substituted(at int, key string) (left demands) {
	by := all[at].sum
	for i, d := range all {
		if i == at {
			continue
		}
		if with := d.sum.of(key); with != nil {
			d.sum = d.sum.plus(by, new(big.Rat).Neg(new(big.Rat).Quo(with, by.of(key))))
		}
		left = append(left, d)
	}
	return left
}

// keys are the products in demands.
func (all demands) keys() []string {
	seen := map[string]bool{}
	for _, d := range all {
		for _, a := range d.sum.addends {
			seen[a.key] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// cheapest is the product of which least comes when it is eliminated; "" if there is none but one that is to be kept.
func (all demands) cheapest(kept string) (best string) {
	least := -1
	for _, key := range all.keys() {
		low, high := 0, 0
		for _, d := range all {
			switch with := d.sum.of(key); {
			case with == nil:
			case d.kind == exactlyZero:
				low, high = 0, 0
			case with.Sign() > 0:
				low++
			default:
				high++
			}
		}
		if n := low * high; key != kept && (least < 0 || n < least) {
			best, least = key, n
		}
	}
	return best
}

// about are the demands that are left on one product, or on none; known is false if these are too many to find out.
func (all demands) about(kept string) (left demands, ok, known bool) {
	left, ok = all.strictest()
	for ok {
		key := left.cheapest(kept)
		if key == "" {
			return left, true, true
		}
		if left, ok, known = left.without(key); !known {
			return nil, true, false
		}
	}
	return nil, false, true
}

// mayBeMet is false if no numbers meet all demands.
func (all demands) mayBeMet() bool {
	_, ok, _ := all.about("")
	return ok
}

// bounds are between which a number lies; nil is no limit.
type bounds struct {
	low, high         *big.Rat
	aboveLow, belowIt bool // whether the bounds themselves are not among the numbers
}

// boundsOf are those of a product; ok is false if nothing meets all demands.
func (all demands) boundsOf(key string) (l bounds, ok bool) {
	left, ok, _ := all.about(key)
	if !ok {
		return l, false
	}
	for _, d := range left {
		with := d.sum.of(key)
		at := new(big.Rat).Neg(new(big.Rat).Quo(d.sum.constant, with))
		strict := d.kind == aboveZero
		if d.kind == exactlyZero || with.Sign() > 0 {
			if l.low == nil || at.Cmp(l.low) > 0 || at.Cmp(l.low) == 0 && strict {
				l.low, l.aboveLow = at, strict
			}
		}
		if d.kind == exactlyZero || with.Sign() < 0 {
			if l.high == nil || at.Cmp(l.high) < 0 || at.Cmp(l.high) == 0 && strict {
				l.high, l.belowIt = at, strict
			}
		}
	}
	return l, l.low == nil || l.high == nil || l.low.Cmp(l.high) < 0 || l.low.Cmp(l.high) == 0 && !l.aboveLow && !l.belowIt
}

// has reports whether a number lies between the bounds.
func (l bounds) has(n *big.Rat) bool {
	if l.low != nil && (n.Cmp(l.low) < 0 || l.aboveLow && n.Cmp(l.low) == 0) {
		return false
	}
	return l.high == nil || n.Cmp(l.high) < 0 || !l.belowIt && n.Cmp(l.high) == 0
}
