package imednet

import (
	"encoding/binary"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

// readUsual reads the next member into a field if it has this name, which is that of the field, and stands as nearly all members of
// the field's type do. Otherwise it does nothing. What the field holds already is not written again.
func (w *workspace) readUsual(members *jsonscan.Object, name string, field any) bool {
	first := members.Expect(name)
	if first == 0 {
		return false
	}
	switch field := field.(type) {
	case *Opt[string]:
		return first == '"' && w.readUsualText(members, field) || first == 'n' && readUsualNull(members, field)
	case *Opt[int64]:
		return readUsualDigits(members, field) || first == 'n' && readUsualNull(members, field)
	case *Opt[Time]:
		return first == '"' && w.readUsualTime(members, field) || first == 'n' && readUsualNull(members, field)
	case *Opt[bool]:
		return first == 'f' && readUsualFlag(members, false, field) || first == 't' && readUsualFlag(members, true, field)
	case *int64:
		n, ok := members.ExpectedDigits()
		if ok {
			*field = n
		}
		return ok
	}
	return false
}

func (w *workspace) readUsualText(members *jsonscan.Object, field *Opt[string]) bool {
	quoted, ok := members.ExpectedPlain()
	switch {
	case !ok:
	case len(quoted) == 2:
		*field = Opt[string]{state: Blank}
	case field.state != Set || field.value != string(quoted[1:len(quoted)-1]):
		*field = Opt[string]{value: w.words.text(quoted[1 : len(quoted)-1]), state: Set}
	}
	return ok
}

func readUsualDigits(members *jsonscan.Object, field *Opt[int64]) bool {
	n, ok := members.ExpectedDigits()
	if ok && (field.state != Set || field.value != n) {
		*field = Opt[int64]{value: n, state: Set}
	}
	return ok
}

func (w *workspace) readUsualTime(members *jsonscan.Object, field *Opt[Time]) bool {
	quoted, ok := members.ExpectedPlain()
	if !ok {
		return false
	}
	if t, ok := w.days.readTime(quoted, true); ok {
		if field.state != Set || field.value != t {
			*field = Opt[Time]{value: t, state: Set}
		}
		return true
	}
	field.decode(quoted, &w.words)
	w.misfit = w.misfit || field.state == Misfit
	return true
}

func readUsualFlag(members *jsonscan.Object, flag bool, field *Opt[bool]) bool {
	literal := "false"
	if flag {
		literal = "true"
	}
	if !members.ExpectedLiteral(literal) {
		return false
	}
	if field.state != Set || field.value != flag {
		*field = Opt[bool]{value: flag, state: Set}
	}
	return true
}

func readUsualNull[T Scalar](members *jsonscan.Object, field *Opt[T]) bool {
	if !members.ExpectedLiteral("null") {
		return false
	}
	if field.state != Null {
		*field = Opt[T]{state: Null}
	}
	return true
}

// readCommon reads a value into a field if it has the form that nearly all values of its type have, and otherwise
// leaves the field as it is: decodeField gives the same for these forms, and reads all others. plain says that the value
// is a string of ASCII characters without escapes.
func (w *workspace) readCommon(value jsontext.Value, plain bool, field any) bool {
	switch field := field.(type) {
	case *Opt[string]:
		switch {
		case plain && len(value) > 2:
			*field = Opt[string]{value: w.words.text(value[1 : len(value)-1]), state: Set}
		default:
			return readNone(value, plain, field)
		}
	case *Opt[int64]:
		n, ok := readDigits(value)
		if !ok {
			return readNone(value, plain, field)
		}
		*field = Opt[int64]{value: n, state: Set}
	case *Opt[Time]:
		t, ok := w.days.readTime(value, plain)
		if !ok {
			return readNone(value, plain, field)
		}
		*field = Opt[Time]{value: t, state: Set}
	case *Opt[bool]:
		if c := value[0]; c != 't' && c != 'f' {
			return readNone(value, plain, field)
		}
		*field = Opt[bool]{value: value[0] == 't', state: Set}
	case *int64:
		n, ok := readDigits(value)
		if ok {
			*field = n
		}
		return ok
	case *RecordData:
		field.raw, w.answersEnd = value, w.end
		w.misfit = w.misfit || field.Presence() == Misfit
	default:
		return false
	}
	return true
}

// readNone reads what stands for no value.
func readNone[T Scalar](value jsontext.Value, plain bool, field *Opt[T]) bool {
	switch {
	case value[0] == 'n':
		*field = Opt[T]{state: Null}
	case plain && len(value) == 2:
		*field = Opt[T]{state: Blank}
	default:
		return false
	}
	return true
}

// readDigits reads a number that is not negative, is whole by its form and certainly fits.
func readDigits(value jsontext.Value) (n int64, ok bool) {
	if len(value) > plainDigits {
		return 0, false
	}
	for _, c := range value {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = 10*n + int64(c)
	}
	return n, true
}

// calendar remembers the day that was read last: rows that follow each other often share it.
type calendar struct {
	day      [len(time.DateOnly)]byte
	midnight int64 // in seconds
	known    bool
}

// readTime reads the documented form of a time.
func (c *calendar) readTime(value jsontext.Value, plain bool) (Time, bool) {
	if !plain || len(value) != len(wireTimeLayout)+2 {
		return Time{}, false
	}
	text := value[1 : len(value)-1]
	if !c.known || string(text[:len(c.day)]) != string(c.day[:]) {
		if !c.turn(text) {
			return Time{}, false
		}
	}
	hour, minute, second := twoDigits(text[11:]), twoDigits(text[14:]), twoDigits(text[17:])
	if text[10] != ' ' || text[13] != ':' || text[16] != ':' || hour > 23 || minute > 59 || second > 59 {
		return Time{}, false
	}
	return Time{time.Unix(c.midnight+int64(3600*hour+60*minute+second), 0).UTC()}, true
}

// turn turns to the day with which a text in the documented form begins.
func (c *calendar) turn(text []byte) bool {
	var midnight [len(wireTimeLayout)]byte
	copy(midnight[:], text[:len(c.day)])
	copy(midnight[len(c.day):], " 00:00:00")
	t, ok := parseWireLayout(string(midnight[:]))
	if ok {
		copy(c.day[:], text)
		c.midnight, c.known = t.Unix(), true
	}
	return ok
}

// twoDigits reads a number of two digits; it is over 99 where there are none.
func twoDigits(text []byte) int {
	two := binary.BigEndian.Uint16(text) - '0'<<8 - '0'
	tens, ones := two>>8, two&0xff
	if tens > 9 || ones > 9 {
		return 100
	}
	return int(10*tens + ones)
}
