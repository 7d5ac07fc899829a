package qualification

// For tests that forge a bundle as somebody who knows how would.
var (
	HashOf   = hashOf
	Document = document
	KindAt   = kindAt
)
