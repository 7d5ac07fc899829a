package dictionary

import "slices"

// gathered collects what may be very many things. Unlike a slice that grows it copies each of them once.
type gathered[T any] struct {
	full [][]T
	last []T
}

func (g *gathered[T]) add(one T) {
	if len(g.last) == cap(g.last) {
		if len(g.last) > 0 {
			g.full = append(g.full, g.last)
		}
		g.last = make([]T, 0, min(max(2*cap(g.last), 16), 4096))
	}
	g.last = append(g.last, one)
}

// after returns what was collected behind what was there before.
func (g *gathered[T]) after(before []T) []T {
	if len(before) == 0 && len(g.full) == 0 {
		return g.last
	}
	return slices.Concat(append(append([][]T{before}, g.full...), g.last)...)
}
