// Package verdict says what a verification came to.
package verdict

import "fmt"

// Of is what a verification came to, in one line: what was counted, and whether it is intact. Faults come first, so
// that nobody reads the counts beside them as success.
func Of(counted string, faults int64) string {
	switch faults {
	case 0:
		return counted + ": intact"
	case 1:
		return "1 fault in " + counted
	}
	return fmt.Sprintf("%d faults in %s", faults, counted)
}
