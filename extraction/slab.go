package extraction

// slab gives out pieces of memory that rows keep, so that the allocator is asked once for many of them. A row that is kept
// holds on to its neighbours' memory, which is a few kilobytes.
type slab[T any] struct{ free []T }

// together is how many a piece of memory holds, where no more are asked for at once: one less than a power of two, since
// the allocator keeps a word of its own in front and would take the next size class, which is a tenth more.
const together = 127

// take gives room for n, none of it filled.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.free = make([]T, max(n, together))
	}
	piece := s.free[:0:n]
	s.free = s.free[n:]
	return piece
}
