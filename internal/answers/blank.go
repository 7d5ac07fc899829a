package answers

import "unicode"

// Invisible reports whether nothing of a text can be seen: it is empty, or has only white space,
// control characters and characters without width, such as U+200B and the byte order mark U+FEFF.
func Invisible(text string) bool {
	for _, r := range text {
		if !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return false
		}
	}
	return true
}
