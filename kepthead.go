package imednet

// KeptHead is the head of a store as it was written to another place: the stores' verifications
// demand that the log still contains its entry.
type KeptHead struct {
	Name string // what it is kept as, such as the name of its file; faults name it
	Line string // the head as one line of text, as the store's Head or Verification returns it
}
