package dictionary

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDemandsThatNothingMeetsAreFound compares what is said of random demands with all numbers of a grid: those said not to be met are met
// nowhere, and a number that meets them lies within the limits that are said of it.
func TestDemandsThatNothingMeetsAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(24, 1))
	never := 0
	for range 60 {
		a := algebra{named: map[string]*unknown{}}
		x := a.unknown("x", unknown{place: 0, whole: true})
		y := a.unknown("y", unknown{place: 1, whole: random.IntN(2) == 0})
		z := a.unknown("z", unknown{place: 2})
		var all demands
		for range 2 + random.IntN(4) {
			sum := constantOf(big.NewRat(random.Int64N(25)-12, 1+random.Int64N(4)))
			for _, u := range []*unknown{x, y, z} {
				sum = sum.plus(u.alone(), big.NewRat(random.Int64N(7)-3, 1+random.Int64N(2)))
			}
			all = append(all, demand{sum, demandKind(random.IntN(3))})
		}
		may := all.mayBeMet()
		within, ok := all.boundsOf(y.alone().addends[0].key)
		met := false
		step := int64(2)
		if y.whole {
			step = 1
		}
		for i := int64(-3); i <= 3; i++ {
			for j := -3 * step; j <= 3*step; j++ {
				for k := int64(-5); k <= 5; k++ {
					values := map[*unknown]*big.Rat{x: big.NewRat(i, 1), y: big.NewRat(j, step), z: big.NewRat(k, 2)}
					if metBy(t, all, values) {
						met = true
						require.True(t, ok && within.has(values[y]))
					}
				}
			}
		}
		require.False(t, met && !may)
		if !may {
			never++
		}
	}
	require.Greater(t, never, 3)
}

func metBy(t *testing.T, all demands, values map[*unknown]*big.Rat) bool {
	t.Helper()
	for _, d := range all {
		for u, value := range values {
			var ok bool
			d.sum, ok = d.sum.set(u, value)
			require.True(t, ok)
		}
		if !d.met() {
			return false
		}
	}
	return true
}

// TestSumsAreOneInEverySpelling: what is calculated in several ways is one sum, and rounding leaves alone what is whole.
func TestSumsAreOneInEverySpelling(t *testing.T) {
	a := algebra{named: map[string]*unknown{}}
	x, y := a.unknown("x", unknown{}).alone(), a.unknown("y", unknown{whole: true}).alone()
	by := func(l, other *linear) *linear {
		product, ok := l.by(other)
		require.True(t, ok)
		return product
	}
	over := func(l, other *linear) *linear {
		quotient, ok := a.quotient(l, other)
		require.True(t, ok)
		return quotient
	}
	three := constantOf(big.NewRat(3, 1))
	half := constantOf(big.NewRat(1, 2))
	for name, both := range map[string][2]*linear{
		"products in any order":      {by(x, y), by(y, x)},
		"a product taken apart":      {by(x.plus(three, one), y), by(x, y).plus(by(y, three), one)},
		"a quotient multiplied":      {by(over(x, y), y), x},
		"a quotient by a multiple":   {over(x, by(y, half)), over(x, y).times(big.NewRat(2, 1))},
		"quotients by sums":          {over(x, y.plus(three, one)), over(x, y.plus(three, one).times(big.NewRat(5, 1))).times(big.NewRat(5, 1))},
		"rounding of what is whole":  {a.floor(y.plus(three, one)), y.plus(three, one)},
		"rounding of a sum":          {a.floor(x.plus(y, one).plus(three, one)), a.floor(x).plus(y, one).plus(three, one)},
		"rounding of a fraction":     {a.floor(y.plus(half, one)), y},
		"rounding of what is below":  {a.floor(y.plus(half, minusOne)), y.plus(constantOf(one), minusOne)},
		"what is taken from itself":  {x.minus(x), constantOf(new(big.Rat))},
		"a quotient of two products": {over(by(x, y), by(y, y)), over(x, y)},
	} {
		require.Equal(t, both[0].key(), both[1].key(), name)
	}
	require.NotEqual(t, a.floor(x).key(), x.key())
}
