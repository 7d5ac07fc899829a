package jsonscan

// Object walks the members of an object. Whoever walks to the end has checked all of it.
type Object struct {
	Name    []byte // of the current member as it stands there, with its quotes
	Escaped bool   // Name has escapes
	ASCII   bool   // Name certainly is ASCII without escapes
	Plain   bool   // the value that was read last is a string of ASCII characters without escapes
	cursor
	level
	expected int // where the value begins that Expect found
}

// Array walks the elements of an array. Whoever walks to the end has checked all of it.
type Array struct {
	*cursor
	level
}

// cursor is the place that walks over one text have reached, one within the other.
type cursor struct {
	text    []byte
	at      int
	invalid bool
}

// level is how far one walk has come.
type level struct {
	depth  int
	begun  bool // an element was passed
	unread bool // the cursor stands at a value
	ended  bool // behind the closing bracket
}

// WalkObject starts a walk over text, which is to be one object with nothing but white space around it.
func WalkObject(text []byte) Object {
	o := Object{cursor: cursor{text: text, at: skipBlanks(text, 0)}, level: level{depth: 1}}
	o.enter('{')
	return o
}

// Next moves to the next member. It returns false behind the last one, and where the text is not valid.
func (o *Object) Next() bool {
	if !o.more(&o.level, '}') {
		return false
	}
	begin := o.at
	end, escaped := skipASCII(o.text, begin+1)+1, false
	o.ASCII = end <= len(o.text) && o.text[begin] == '"' && o.text[end-1] == '"'
	if !o.ASCII {
		if end, escaped = skipName(o.text, begin); end < 0 {
			return o.fail()
		}
	}
	colon := skipBlanks(o.text, end)
	if colon == len(o.text) || o.text[colon] != ':' {
		return o.fail()
	}
	o.Name, o.Escaped = o.text[begin:end:end], escaped
	o.at, o.unread = skipBlanks(o.text, colon+1), true
	return true
}

// NextIs moves to the next member if that has this name, which has no escapes and is given as it stands in compact JSON: with
// quotes and colon. Where it returns false, nothing has changed, and Next says what comes.
func (o *Object) NextIs(name string) bool {
	if o.unread || o.ended || o.invalid {
		return false
	}
	begin := o.at
	if o.begun {
		if begin >= len(o.text) || o.text[begin] != ',' {
			return false
		}
		begin++
	}
	end := begin + len(name)
	if end >= len(o.text) || string(o.text[begin:end]) != name {
		return false
	}
	o.Name, o.Escaped, o.ASCII = o.text[begin:end-1:end-1], false, false
	o.at, o.begun, o.unread = skipBlanks(o.text, end), true, true
	return true
}

// Value reads the value of the current member, once. It is nil where it is not valid.
func (o *Object) Value() []byte {
	if begin := o.at; o.unread && begin < len(o.text) && o.text[begin] == '"' {
		if end := skipASCII(o.text, begin+1); end < len(o.text) && o.text[end] == '"' {
			o.Plain, o.unread, o.at = true, false, end+1
			return o.text[begin : end+1 : end+1]
		}
	}
	o.Plain = false
	return o.value(&o.level)
}

// IsArray reports whether the current member's value, which was not read yet, begins as an array.
func (o *Object) IsArray() bool { return o.at < len(o.text) && o.text[o.at] == '[' }

// Array walks the elements of the current member's value, which is to be an array, instead of Value. The walk must
// come to its end before Next.
func (o *Object) Array() Array {
	o.unread = false
	a := Array{cursor: &o.cursor, level: level{depth: o.depth + 1}}
	a.enter('[')
	return a
}

// Object walks the members of the current element, which is to be an object, before it is read. The array stays where it
// is: see Behind.
func (a *Array) Object() Object {
	o := Object{cursor: *a.cursor, level: level{depth: a.depth + 1}}
	o.enter('{')
	return o
}

// Behind moves the array behind its current element, which o walked to its end, and returns the element. It returns
// nil, and stays where it is, where o did not come to the end.
func (a *Array) Behind(o *Object) []byte {
	if !o.ended || o.invalid {
		return nil
	}
	begin, end := a.at, o.at
	a.at, a.unread = end, false
	return a.text[begin:end:end]
}

// Next moves to the next element. It returns false behind the last one, and where the text is not valid.
func (a *Array) Next() bool {
	a.unread = a.more(&a.level, ']')
	return a.unread
}

// Value reads the current element, once. It is nil where it is not valid.
func (a *Array) Value() []byte { return a.value(&a.level) }

// Offset is how far the walk has come: behind the value that was read last, or the closing bracket.
func (c *cursor) Offset() int { return c.at }

// Invalid reports whether a walk ended because the text is not valid, or not what it was to be.
func (c *cursor) Invalid() bool { return c.invalid }

func (c *cursor) fail() bool {
	c.invalid = true
	return false
}

// enter moves behind an opening bracket.
func (c *cursor) enter(bracket byte) {
	if c.at >= len(c.text) || c.text[c.at] != bracket {
		c.invalid = true
		return
	}
	c.at = skipBlanks(c.text, c.at+1)
}

// more moves to where the next member or element begins, and reports whether there is to be one.
func (c *cursor) more(l *level, bracket byte) bool {
	if l.unread {
		c.value(l)
	}
	if c.invalid || l.ended {
		return false
	}
	c.at = skipBlanks(c.text, c.at)
	switch {
	case c.at == len(c.text):
		return c.fail()
	case c.text[c.at] == bracket:
		return c.leave(l)
	case !l.begun:
		l.begun = true
		return true
	case c.text[c.at] != ',':
		return c.fail()
	}
	c.at = skipBlanks(c.text, c.at+1)
	return true
}

// leave moves behind a closing bracket.
func (c *cursor) leave(l *level) bool {
	c.at++
	l.ended = true
	c.invalid = l.depth == 1 && skipBlanks(c.text, c.at) != len(c.text)
	return false
}

// value moves behind the value at the cursor and returns it.
func (c *cursor) value(l *level) []byte {
	begin := c.at
	end := skipValue(c.text, begin, l.depth)
	if l.unread = false; end < 0 {
		c.invalid = true
		return nil
	}
	c.at = end
	return c.text[begin:end:end]
}
