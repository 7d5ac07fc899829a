package jsonscan

// Members of rows nearly always have the name that is expected next, no white space, and one of a few forms. These methods read
// such a member in one step; all others are left to Next and Value.

// Expect returns the first byte of the next member's value, which is to be read by one of the methods below if that has one of
// their forms, or 0 if the member has another name than this one, which is given as NextIs takes it, or stands otherwise than
// in compact JSON. It moves nothing.
func (o *Object) Expect(name string) byte {
	begin := o.at
	if o.begun {
		if begin >= len(o.text) || o.text[begin] != ',' {
			return 0
		}
		begin++
	}
	value := begin + len(name)
	if value >= len(o.text) || string(o.text[begin:value]) != name || o.unread || o.ended || o.invalid {
		return 0
	}
	o.expected = value
	return o.text[value]
}

// ExpectedPlain moves behind the expected member if its value is a string of ASCII characters without escapes, and
// returns it with its quotes.
func (o *Object) ExpectedPlain() (quoted []byte, ok bool) {
	begin := o.expected
	end := skipASCII(o.text, begin+1)
	if o.text[begin] != '"' || end >= len(o.text) || o.text[end] != '"' {
		return nil, false
	}
	o.at, o.begun = end+1, true
	return o.text[begin : end+1 : end+1], true
}

// mostDigits is how many digits are certainly a number of 64 bits.
const mostDigits = 18

// ExpectedDigits moves behind the expected member if its value is a number of at most eighteen digits and nothing else.
func (o *Object) ExpectedDigits() (n int64, ok bool) {
	begin, end := o.expected, o.expected
	for ; end < len(o.text) && o.text[end]-'0' <= 9 && end-begin < mostDigits; end++ {
		n = 10*n + int64(o.text[end]-'0')
	}
	if end == begin || end-begin > 1 && o.text[begin] == '0' || !o.endsAt(end) {
		return 0, false
	}
	o.at, o.begun = end, true
	return n, true
}

// ExpectedLiteral moves behind the expected member if its value is this one.
func (o *Object) ExpectedLiteral(literal string) bool {
	end := o.expected + len(literal)
	if end > len(o.text) || string(o.text[o.expected:end]) != literal {
		return false
	}
	o.at, o.begun = end, true
	return true
}

// endsAt reports whether what is there can stand behind a number.
func (o *Object) endsAt(at int) bool {
	return at < len(o.text) && (o.text[at] == ',' || o.text[at] == '}')
}
