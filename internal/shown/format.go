package shown

import "fmt"

// Format prints a text in place of a value, whatever the verb: fmt.Formatter of types with members
// that are not shown. So %#v and %d show no more than %v.
func Format(to fmt.State, verb rune, text string) {
	fmt.Fprintf(to, fmt.FormatString(to, verb), text)
}
