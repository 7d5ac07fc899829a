package imednet

// maxServerToken is the length up to which a word of the server's is shown: that of a UUID is 36.
const maxServerToken = 64

// serverToken is a word of the server's as an error may show it. Codes, names of attributes, ids of
// batches and states of jobs are words without blanks; what is none may be anybody's text, or steer a
// terminal, and is not repeated.
func serverToken(word string) string {
	if len(word) > maxServerToken {
		return "(not shown)"
	}
	for i := range len(word) {
		if !isTokenByte(word[i]) {
			return "(not shown)"
		}
	}
	return word
}

func isTokenByte(b byte) bool {
	switch {
	case '0' <= b && b <= '9', 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z':
		return true
	}
	return b == '_' || b == '-' || b == '.'
}

// stateToken is the state of a job as an error may show it.
func stateToken(s JobStatus) string {
	if state, ok := s.State.Get(); ok {
		return serverToken(state)
	}
	return "(none)"
}
