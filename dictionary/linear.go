package dictionary

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// unknown is a number of which a proof does not know more than what it has to be: an answer, or a part of one, and what is
// calculated with answers otherwise than by adding.
type unknown struct {
	n     int // its number
	place int // of the question; -1 for what is calculated
	part  answerPart
	whole bool
	of    *linear // what is rounded down, or divided by
}

// answerPart says what of an answer an unknown is.
type answerPart uint8

// The parts.
const (
	wholeAnswer   answerPart = iota // a number
	dayOfAnswer                     // of a date, in days since 1970
	clockOfAnswer                   // of a moment or a time of day, in minutes
	rounded                         // what is calculated, rounded down
	inverse                         // one, divided by what is calculated
)

// factor is a power of an unknown.
type factor struct {
	*unknown
	power int
}

// addend is a product of unknowns with a number.
type addend struct {
	key  string
	of   []factor // by the numbers of the unknowns
	with *big.Rat
}

// linear is a sum of products of unknowns and of a number. It is not changed once it was made.
type linear struct {
	addends  []addend // by their keys, none of which is with zero
	constant *big.Rat
}

// maxAddends bounds the products of a sum.
const maxAddends = 40

func constantOf(n *big.Rat) *linear { return &linear{nil, n} }

func (u *unknown) alone() *linear { return sumOf([]factor{{u, 1}}, big.NewRat(1, 1)) }

func sumOf(of []factor, with *big.Rat) *linear {
	if len(of) == 0 {
		return constantOf(with)
	}
	return &linear{[]addend{{keyOf(of), of, with}}, new(big.Rat)}
}

func keyOf(of []factor) string {
	var b strings.Builder
	for _, f := range of {
		fmt.Fprintf(&b, "%03d^%d ", f.n, f.power)
	}
	return b.String()
}

func (l *linear) isConstant() bool { return len(l.addends) == 0 }

// plus is the sum with another, of which each is taken so many times.
func (l *linear) plus(other *linear, times *big.Rat) *linear {
	sum := &linear{make([]addend, 0, len(l.addends)+len(other.addends)), new(big.Rat).Add(l.constant, new(big.Rat).Mul(other.constant, times))}
	for i, j := 0, 0; i < len(l.addends) || j < len(other.addends); {
		order := 0
		switch {
		case i == len(l.addends):
			order = 1
		case j == len(other.addends):
			order = -1
		default:
			order = cmp.Compare(l.addends[i].key, other.addends[j].key)
		}
		one := addend{with: new(big.Rat)}
		if order <= 0 {
			one = l.addends[i]
			i++
		}
		if order >= 0 {
			more := new(big.Rat).Mul(other.addends[j].with, times)
			one = addend{other.addends[j].key, other.addends[j].of, more.Add(more, one.with)}
			j++
		}
		if one.with.Sign() != 0 {
			sum.addends = append(sum.addends, one)
		}
	}
	return sum
}

var (
	one      = big.NewRat(1, 1)
	minusOne = big.NewRat(-1, 1)
)

func (l *linear) minus(other *linear) *linear { return l.plus(other, minusOne) }

func (l *linear) times(by *big.Rat) *linear { return constantOf(new(big.Rat)).plus(l, by) }

// by is the product with another; ok is false if it is too long.
func (l *linear) by(other *linear) (product *linear, ok bool) {
	product = l.times(other.constant)
	for _, a := range other.addends {
		product = product.plus(sumOf(a.of, a.with), l.constant)
		for _, b := range l.addends {
			of := multiplied(a.of, b.of)
			product = product.plus(sumOf(of, new(big.Rat).Mul(a.with, b.with)), one)
		}
	}
	return product, len(product.addends) <= maxAddends
}

func multiplied(a, b []factor) []factor {
	all := slices.Clone(a)
	for _, f := range b {
		at := slices.IndexFunc(all, func(o factor) bool { return o.unknown == f.unknown })
		if at < 0 {
			all = append(all, f)
			continue
		}
		if all[at].power += f.power; all[at].power == 0 {
			all = slices.Delete(all, at, at+1)
		}
	}
	slices.SortFunc(all, func(x, y factor) int { return x.n - y.n })
	return all
}

// isWhole reports whether an addend is a whole number of times its factor.
func (a addend) isWhole() bool {
	return !slices.ContainsFunc(a.of, func(f factor) bool { return !f.whole || f.power < 0 })
}

// wholes are the addends that certainly are whole numbers, with the whole part of the constant.
func (l *linear) wholes() *linear {
	all := constantOf(new(big.Rat).SetInt(floorOf(l.constant)))
	for _, a := range l.addends {
		if a.isWhole() && a.with.IsInt() {
			all = all.plus(sumOf(a.of, a.with), one)
		}
	}
	return all
}

func floorOf(n *big.Rat) *big.Int { return new(big.Int).Div(n.Num(), n.Denom()) }

// key is the same for equal sums.
func (l *linear) key() string {
	var b strings.Builder
	for _, a := range l.addends {
		b.WriteString(a.key + a.with.RatString() + ";")
	}
	return b.String() + l.constant.RatString()
}

// set is the sum where an unknown is a number; ok is false if it would be divided by zero.
func (l *linear) set(u *unknown, value *big.Rat) (_ *linear, ok bool) {
	sum := constantOf(l.constant)
	for _, a := range l.addends {
		at := slices.IndexFunc(a.of, func(f factor) bool { return f.unknown == u })
		if at < 0 {
			sum = sum.plus(sumOf(a.of, a.with), one)
			continue
		}
		with := new(big.Rat).Set(a.with)
		for power := a.of[at].power; power != 0; {
			switch {
			case power > 0:
				with.Mul(with, value)
				power--
			case value.Sign() == 0:
				return nil, false
			default:
				with.Quo(with, value)
				power++
			}
		}
		if with.Sign() != 0 {
			sum = sum.plus(sumOf(slices.Delete(slices.Clone(a.of), at, at+1), with), one)
		}
	}
	return sum, true
}

// algebra knows the unknowns of a proof.
type algebra struct {
	unknowns []*unknown
	named    map[string]*unknown
}

// unknown is that of a name, which is made if there is none.
func (a *algebra) unknown(name string, made unknown) *unknown {
	if u := a.named[name]; u != nil {
		return u
	}
	made.n = len(a.unknowns)
	a.unknowns, a.named[name] = append(a.unknowns, &made), &made
	return &made
}

// floor is a sum rounded down.
func (a *algebra) floor(l *linear) *linear {
	wholes := l.wholes()
	rest := l.minus(wholes)
	if rest.isConstant() {
		return wholes
	}
	u := a.unknown("floor "+rest.key(), unknown{place: -1, part: rounded, whole: true, of: rest})
	return wholes.plus(u.alone(), one)
}

// quotient is a sum divided by another, which is not zero; ok is false if it is too long.
func (a *algebra) quotient(l, by *linear) (*linear, bool) {
	switch {
	case by.isConstant():
		return l.times(new(big.Rat).Inv(by.constant)), true
	case len(by.addends) == 1 && by.constant.Sign() == 0:
		of := slices.Clone(by.addends[0].of)
		for i := range of {
			of[i].power = -of[i].power
		}
		return l.by(sumOf(of, new(big.Rat).Inv(by.addends[0].with)))
	}
	lead := by.addends[0].with
	by = by.times(new(big.Rat).Inv(lead))
	u := a.unknown("inverse "+by.key(), unknown{place: -1, part: inverse, of: by})
	return l.by(sumOf([]factor{{u, 1}}, new(big.Rat).Inv(lead)))
}
