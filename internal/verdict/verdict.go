// Package verdict says what a verification came to.
package verdict

import (
	"fmt"

	"github.com/imednetgo/imednet"
)

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

// First says how many faults there are, and what the first one is.
func First(faults int64, first imednet.Problem) string {
	if faults == 1 {
		return fmt.Sprintf("1 fault, at %s: %s", first.Path, first.Message)
	}
	return fmt.Sprintf("%d faults, the first at %s: %s", faults, first.Path, first.Message)
}
