package qualification

// For tests that forge a bundle as somebody who knows how would.
var (
	HashOf   = hashOf
	Document = document
	KindAt   = kindAt
)

// Page is the page of a report that a test has changed.
func Page(r *Report) ([]byte, error) { return r.page() }

// Conclude derives again, from the promises as the report tells them, what follows from results that a test has changed.
func Conclude(r *Report) { r.conclude(r.promises()) }
