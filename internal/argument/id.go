package argument

import "strings"

const maxID = 200

// IDRule is what an id that is to be stored must be, as a message of a problem.
const IDRule = "must be 1 to 200 of the characters A-Z a-z 0-9 . _ : -"

// ValidID reports whether an id may be stored: 1 to 200 of A-Z a-z 0-9 . _ : -
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._:-", r)
	}) < 0
}
