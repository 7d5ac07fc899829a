package shown

import "regexp"

// An id of a batch is like a UUID, though not always of hexadecimal digits (API contract, section 4.13).
var (
	likeUUID = regexp.MustCompile(`^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$`)
	word     = regexp.MustCompile(`[G-Zg-z]{3}`)
	digit    = regexp.MustCompile(`[0-9]`)
)

// fewestDigits is what an id that was drawn by chance has with a certainty of all but one in a million.
const fewestDigits = 8

// IsBatchID reports whether a text has the shape of a batch's id, which no name or word has.
func IsBatchID(id string) bool {
	return likeUUID.MatchString(id) && !word.MatchString(id) && len(digit.FindAllStringIndex(id, fewestDigits)) == fewestDigits
}

// BatchID is the id of a batch or job, if it has the shape of one.
func BatchID(id string) string {
	if IsBatchID(id) {
		return id
	}
	return Hidden
}

// Job names a job in a sentence: by its batch, if its id has the shape of one.
func Job(batchID string) string {
	if IsBatchID(batchID) {
		return "job " + batchID
	}
	return "a job"
}
