package dictionary

import (
	"math"
	"math/big"
	"slices"
)

const (
	nearStarts = 12 // from which numbers are looked for that nearly meet what is demanded
	nearSteps  = 40 // that are taken from each
)

// nearing looks for numbers that nearly meet all demands, of which some are about products, so that only those beside them need to
// be tried exactly.
type nearing struct {
	demands  demands
	unknowns []*unknown // answers, and what is rounded
	at       map[*unknown]int
}

// nearly fills in numbers beside such as nearly meet all demands.
func (f *filling) nearly(all demands) bool {
	n := nearing{demands: all, at: map[*unknown]int{}}
	products := false
	for _, d := range all {
		for _, a := range d.sum.addends {
			products = products || len(a.of) > 1 || a.of[0].power != 1
			n.look(a)
		}
	}
	if !products || len(n.unknowns) == 0 || len(n.unknowns) > maxNear {
		return false
	}
	for range nearStarts {
		f.steps += nearSteps
		x := make([]float64, len(n.unknowns))
		for i := range x {
			x[i] = math.Pow(10, 4*f.random.Float64()-1)
			if f.random.IntN(3) == 0 {
				x[i] = -x[i]
			}
		}
		if x = n.approach(x); x == nil {
			continue
		}
		f.guide = map[*unknown]float64{}
		for i, u := range n.unknowns {
			f.guide[u] = x[i]
		}
		f.tries = maxFills
		if f.fill(all) {
			return true
		}
	}
	return false
}

const maxNear = 8 // unknowns of which such numbers are looked for

func (n *nearing) look(a addend) {
	for _, factor := range a.of {
		if factor.part == inverse {
			for _, inner := range factor.unknown.of.addends {
				n.look(inner)
			}
		} else if _, known := n.at[factor.unknown]; !known {
			n.at[factor.unknown] = len(n.unknowns)
			n.unknowns = append(n.unknowns, factor.unknown)
		}
	}
}

func (n *nearing) sum(l *linear, x []float64) float64 {
	sum, _ := l.constant.Float64()
	for _, a := range l.addends {
		product, _ := a.with.Float64()
		for _, factor := range a.of {
			value := 0.0
			if factor.part == inverse {
				value = 1 / n.sum(factor.unknown.of, x)
			} else {
				value = x[n.at[factor.unknown]]
			}
			product *= math.Pow(value, float64(factor.power))
		}
		sum += product
	}
	return sum
}

// missing is how far numbers are from meeting each demand.
func (n *nearing) missing(x []float64) (all []float64, square float64) {
	for _, d := range n.demands {
		by := n.sum(d.sum, x)
		if d.kind != exactlyZero {
			by = min(0, by)
		}
		all = append(all, by)
		square += by * by
	}
	return all, square
}

// approach goes from numbers towards such as meet the demands by the method of Levenberg and Marquardt; nil if it does not come near.
func (n *nearing) approach(x []float64) []float64 {
	missing, square := n.missing(x)
	damping := 0.01
	for range nearSteps {
		if square < 1e-12 {
			return x
		}
		step := n.step(x, missing, damping)
		if step == nil {
			return nil
		}
		next := slices.Clone(x)
		for i := range next {
			next[i] += step[i]
		}
		left, less := n.missing(next)
		if less < square {
			x, missing, square, damping = next, left, less, damping/5
		} else {
			damping *= 5
		}
	}
	if square < 1e-6 {
		return x
	}
	return nil
}

// step solves the damped equations of the next step.
func (n *nearing) step(x, missing []float64, damping float64) []float64 {
	size := len(x)
	slope := make([][]float64, size) // of each demand by each number
	for i := range slope {
		moved := slices.Clone(x)
		by := 1e-6 * max(1, math.Abs(x[i]))
		moved[i] += by
		other, _ := n.missing(moved)
		for k := range other {
			slope[i] = append(slope[i], (other[k]-missing[k])/by)
		}
	}
	rows := make([][]float64, size)
	for i := range rows {
		rows[i] = make([]float64, size+1)
		for k := range missing {
			for j := range size {
				rows[i][j] += slope[i][k] * slope[j][k]
			}
			rows[i][size] -= slope[i][k] * missing[k]
		}
		rows[i][i] += damping * (1 + rows[i][i])
	}
	return solved(rows)
}

// solved solves linear equations, of which the last column is what they come to; nil if it cannot.
func solved(rows [][]float64) []float64 {
	size := len(rows)
	for i := range rows {
		pivot := i
		for k := i + 1; k < size; k++ {
			if math.Abs(rows[k][i]) > math.Abs(rows[pivot][i]) {
				pivot = k
			}
		}
		rows[i], rows[pivot] = rows[pivot], rows[i]
		if by := math.Abs(rows[i][i]); by < 1e-300 || math.IsNaN(by) || math.IsInf(by, 0) {
			return nil
		}
		for k := range rows {
			if k == i {
				continue
			}
			by := rows[k][i] / rows[i][i]
			for j := i; j <= size; j++ {
				rows[k][j] -= by * rows[i][j]
			}
		}
	}
	x := make([]float64, size)
	for i := range x {
		x[i] = rows[i][size] / rows[i][i]
	}
	return x
}

// beside are numbers beside one that nearly meets all demands.
func beside(at float64, whole bool) (all []*big.Rat) {
	exact := new(big.Rat)
	if math.IsNaN(at) || math.IsInf(at, 0) || exact.SetFloat64(at) == nil {
		return nil
	}
	most := nearDecimals
	if whole {
		most = 0
	}
	for decimals := 0; decimals <= most; decimals++ {
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
		first := floorOf(new(big.Rat).Mul(exact, scale))
		for _, by := range []int64{0, 1, -1, 2} {
			n := new(big.Rat).SetInt(new(big.Int).Add(first, big.NewInt(by)))
			all = append(all, n.Quo(n, scale))
		}
	}
	return all
}

const nearDecimals = 4 // of the numbers that are tried beside one
