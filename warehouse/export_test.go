package warehouse

// WithSliceRows sets how many states are compared at a time.
func WithSliceRows(n int) Option {
	return func(s *settings) error {
		s.sliceRows = n
		return nil
	}
}
