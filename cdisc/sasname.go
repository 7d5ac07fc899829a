package cdisc

import (
	"regexp"
	"strings"
)

var sasName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// reservedNames are names that SAS keeps for itself.
var reservedNames = []string{"_N_", "_ERROR_", "_ALL_", "_NUMERIC_", "_CHARACTER_"}

// isSASName reports whether SAS takes a name of at most so many bytes in any version of its rules.
// Version 8 keeps the case of letters.
func isSASName(name string, f Format) bool {
	if f == XPT8 {
		name = strings.ToUpper(name)
	}
	for _, reserved := range reservedNames {
		if name == reserved {
			return false
		}
	}
	return len(name) <= f.limits().name && sasName.MatchString(name)
}

// displayFormat splits a display format of SAS, such as E8601DA10. or 8.2, into name, width and
// decimals.
func displayFormat(format string) (name string, width, decimals int, ok bool) {
	if format == "" {
		return "", 0, 0, true
	}
	parts := displayFormats.FindStringSubmatch(format)
	if parts == nil {
		return "", 0, 0, false
	}
	return parts[1], atoi(parts[2]), atoi(parts[3]), true
}

var displayFormats = regexp.MustCompile(`^(\$?(?:[A-Z_](?:[A-Z0-9_]{0,6}[A-Z_])?)?)([0-9]{0,4})\.([0-9]{0,2})$`)

func atoi(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}
