package jsonscan

// SkipPlain returns the place, from at on, of the first byte that does not stand for itself in a string: a
// quote, a backslash or a control character. It is at least len(text) where there is none.
func SkipPlain(text []byte, at int) int { return skipPlain(text, at) }
