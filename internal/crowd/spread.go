package crowd

import "math"

// Spread is what a mean is made of. The zero value is of no numbers.
type Spread struct {
	Count    int64
	Mean     float64
	Squares  float64 // sum of the squared distances from the mean
	Min, Max float64
}

// Join returns the spread of the numbers of both.
func (s Spread) Join(other Spread) Spread {
	switch {
	case s.Count == 0:
		return other
	case other.Count == 0:
		return s
	}
	a, b := float64(s.Count), float64(other.Count)
	apart := other.Mean - s.Mean
	return Spread{
		Count: s.Count + other.Count, Mean: s.Mean + apart*b/(a+b), Squares: s.Squares + other.Squares + apart*apart*a*b/(a+b),
		Min: min(s.Min, other.Min), Max: max(s.Max, other.Max),
	}
}

// TellsOne reports whether the mean tells about one number: the one farthest from it outweighs all others
// together, by the squares of the distances. With 20 and many zeros the mean times their number is 20.
func (s Spread) TellsOne() bool {
	far := max(s.Max-s.Mean, s.Mean-s.Min)
	return outweighs(far*far, s.Squares)
}

// outweighs allows for rounding, so that two equal halves outweigh each other in no order of sums.
func outweighs(part, whole float64) bool { return part > (whole-part)*(1+1e-9) }

// TellsOneSubject is [Spread.TellsOne] of all numbers of the subject that has the one farthest from the mean. each
// calls its argument with every number and how often it occurred.
func (c *Crowd) TellsOneSubject(s Spread, each func(func(value float64, count int64))) bool {
	others, own := c.secondFarthest(s.Mean), 0.0
	each(func(value float64, count int64) {
		if far := math.Abs(value - s.Mean); far > others {
			own += far * far * float64(count)
		}
	})
	return outweighs(own, s.Squares)
}

// secondFarthest is how far from a number all but one subject stay.
func (c *Crowd) secondFarthest(from float64) float64 {
	farthest := map[int64]float64{}
	for _, t := range []tail{c.low, c.high} {
		for i, subject := range t.subjects {
			farthest[subject] = max(farthest[subject], math.Abs(t.sign*t.values[i]-from))
		}
	}
	first, second := 0.0, 0.0
	for _, far := range farthest {
		first, second = max(first, far), max(second, min(first, far))
	}
	return second
}
