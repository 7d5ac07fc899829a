package quantiles

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func of(limit int, values ...float64) *Distribution {
	d := New(limit)
	for _, v := range values {
		d.Add(v, 1)
	}
	return d
}

// TestTypeSeven holds the definition: the values are those of R's quantile(x, type = 7).
func TestTypeSeven(t *testing.T) {
	ps := []float64{0, 0.05, 0.25, 0.5, 0.75, 0.9, 1}
	require.InDeltaSlice(t, []float64{1, 1.15, 1.75, 2.5, 3.25, 3.7, 4}, of(10, 4, 2, 1, 3).Quantiles(ps...), 1e-12)
	require.Equal(t, []float64{7, 7, 7, 7, 7, 7, 7}, of(10, 7).Quantiles(ps...))
	require.Equal(t, []float64{0, 0}, of(10).Quantiles(0.5, 0.9))
	d := New(10)
	d.Add(1, 3)
	d.Add(10, 1)
	require.Equal(t, []float64{1, 5.5}, d.Quantiles(0.5, 2.5/3))
	require.Equal(t, []Weighted{{1, 3}, {10, 1}}, d.Values())
	require.EqualValues(t, 3, d.Below(10))
}

func TestQuantilesOfFarNumbersStayFinite(t *testing.T) {
	q := of(10, -math.MaxFloat64, math.MaxFloat64).Quantiles(0, 0.25, 0.5, 1)
	require.Equal(t, -math.MaxFloat64, q[0])
	require.InEpsilon(t, -math.MaxFloat64/2, q[1], 1e-15)
	require.Equal(t, []float64{0, math.MaxFloat64}, q[2:])
}

// TestAgainstSortedSlice compares with the definition, written out over all numbers.
func TestAgainstSortedSlice(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		values := make([]float64, 1+random.IntN(40))
		for i := range values {
			values[i] = float64(random.IntN(20)) / 4
		}
		p := random.Float64()
		d := of(100, values...)
		slices.Sort(values)
		rank := p * float64(len(values)-1)
		low, high := values[int(math.Floor(rank))], values[int(math.Ceil(rank))]
		require.InDelta(t, low+(high-low)*(rank-math.Floor(rank)), d.Quantiles(p)[0], 1e-12)
	}
}

func TestMoments(t *testing.T) {
	d := of(10, 2, 4, 4, 4, 5, 5, 7, 9)
	require.EqualValues(t, 8, d.Count())
	require.Equal(t, 2.0, d.Min())
	require.Equal(t, 9.0, d.Max())
	require.InDelta(t, 5, d.Mean(), 1e-12)
	require.InDelta(t, math.Sqrt(32.0/7), d.Deviation(), 1e-12)
	require.Zero(t, of(10, 3).Deviation())
	require.Equal(t, 5, d.Distinct())
}

func TestBeyondTheLimit(t *testing.T) {
	d := New(100)
	for i := range 10_000 {
		d.Add(float64(i), 1)
	}
	require.True(t, d.Approximate())
	require.Nil(t, d.Values())
	require.Equal(t, 0.0, d.Min())
	require.Equal(t, 9999.0, d.Max())
	require.InDelta(t, 4999.5, d.Mean(), 1e-6)
	q := d.Quantiles(0, 0.5, 0.9, 1)
	require.InDeltaSlice(t, []float64{0, 4999.5, 8999.1, 9999}, q, 50)
	require.InDelta(t, 2500, d.Below(2500), 50)
	exact := of(100, 1, 2)
	require.False(t, exact.Approximate())
	exact.Sketch()
	exact.Sketch()
	require.True(t, exact.Approximate())
	require.EqualValues(t, 2, exact.Count())
}
