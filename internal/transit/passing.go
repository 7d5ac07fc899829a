package transit

import "strings"

// Passing reports whether a SQLSTATE is of what another attempt may not meet: the connection or the server went away
// or has none left, or the server undid a transaction for the sake of another.
func Passing(code string) bool {
	switch code {
	case "40001", "40P01", "53300", "57P01", "57P02", "57P03", "57P05", "25P03":
		return true
	}
	return strings.HasPrefix(code, "08")
}
