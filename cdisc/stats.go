package cdisc

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// Stats holds the statistics of a variable's values in a [Survey].
type Stats struct {
	Values  int64 // cells that are not missing, including empty texts
	Missing int64
	Empty   int64 // texts without characters
	// Bytes and Characters are the maximum lengths of texts.
	Bytes, Characters int
	// Parts and LongParts are the maximum numbers of parts of 200 and of 32,767 bytes into which a
	// text would be split, see [Remedies.SplitTexts]; Split and LongSplit count those texts. The
	// bytes are those of the dataset's encoding.
	Parts, LongParts int
	Split, LongSplit int64

	BlankOnly      int64 // texts that are only blanks, excluding empty ones
	TrailingBlanks int64 // texts that end in a blank, including those that are only blanks
	Control        int64 // texts with a control character: C0, or U+007F
	XMLForbidden   int64 // texts with a character that XML cannot hold
	XMLCharacters  int   // maximum length of these texts when such characters are escaped
	InvalidUTF8    int64
	NonASCII       int64
	NotLatin1      int64 // texts with a character that ISO 8859-1 does not have
	NotWindows1252 int64 // texts with a character that Windows-1252 does not have
	HeaderLike     int64 // texts with the words that begin an XPORT header

	NotFinite     int64 // NaN and infinities
	OutOfIBM      int64 // numbers outside the range of XPORT
	Inexact       int64 // whole numbers, decimals and date-times that a float64 does not hold
	OutOfCalendar int64 // dates before 1582-10-15 or after 9999-12-31
	NegativeZero  int64
	NotDecimal    int64 // texts of a Decimal variable that are not decimals
	Written       int64 // decimals whose digits are not those of their number, such as 70.50
	Digits        int   // maximum before the point, including the sign
	Decimals      int   // maximum after the point

	NotISO   int64 // texts of an ISODate or ISOTime variable that are not ISO 8601
	Partial  int64 // of the others, incomplete ones
	WithTime int64 // of the others, those with a time

	OffList int64 // values that are not in the code list
	Special int64 // special missing values of SAS
	Wrong   int64 // values whose kind does not match the variable's type
}

// surveyor takes the values of one variable.
type surveyor struct {
	Stats
	typ      Type
	encoding Encoding
	codes    map[string]bool
	cell     []byte
}

func newSurveyor(v *Variable, e Encoding) *surveyor {
	s := &surveyor{typ: v.Type, encoding: e}
	if v.Codelist != nil && v.Codelist.Dictionary == "" {
		s.codes = map[string]bool{}
		for _, item := range v.Codelist.Items {
			s.codes[item.Code] = true
		}
	}
	return s
}

func (s *surveyor) add(v Value) {
	if v.IsMissing() {
		s.Missing++
		if v.kind == specialValue {
			s.Special++
		}
		return
	}
	s.Values++
	switch s.typ {
	case Character, ISODate, ISOTime, Decimal:
		s.addText(v)
	case WholeNumber, Date, Datetime, Time:
		s.addInteger(v)
	case Double:
		s.addFloat(v)
	case Boolean:
		if v.kind != booleanValue {
			s.Wrong++
		}
	}
}

func (s *surveyor) addText(v Value) {
	if v.kind != textValue {
		s.Wrong++
		return
	}
	s.measure(v.text)
	switch {
	case s.typ == Decimal:
		s.addDecimal(v.text)
	case v.text == "":
		return
	case s.typ == ISODate:
		s.addISODate(v.text)
	case s.typ == ISOTime:
		ok := isISOTime(v.text)
		count(&s.NotISO, !ok)
		count(&s.Partial, ok && len(v.text) < len("hh:mm:ss"))
	}
	if s.codes != nil && !s.codes[v.text] {
		s.OffList++
	}
}

// measure takes the length of a text and counts what formats may not hold. Most texts are plain, so
// the loop that finds it out comes first.
func (s *surveyor) measure(text string) {
	s.Bytes = max(s.Bytes, len(text))
	if len(text) > splitBytes {
		s.measureLong(text)
	}
	if text == "" {
		s.Empty++
		return
	}
	if text[len(text)-1] == ' ' {
		s.TrailingBlanks++
		if strings.Trim(text, " ") == "" {
			s.BlankOnly++
		}
	}
	if len(text) >= len(headerMark) && strings.Contains(text, headerMark) {
		s.HeaderLike++
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f {
			s.measureRare(text)
			return
		}
	}
	s.Characters = max(s.Characters, len(text))
}

func (s *surveyor) measureLong(text string) {
	parts, long := splitParts(s.encoding, text, splitBytes), splitParts(s.encoding, text, splitBytes8)
	s.Parts, s.LongParts = max(s.Parts, parts), max(s.LongParts, long)
	count(&s.Split, parts > 1)
	count(&s.LongSplit, long > 1)
}

func (s *surveyor) measureRare(text string) {
	s.Characters = max(s.Characters, utf8.RuneCountInString(text))
	var control, forbidden, wide, noLatin1, noWindows bool
	for _, r := range text {
		control = control || r < ' ' || r == 0x7f
		forbidden = forbidden || isForbiddenInXML(r)
		if r >= utf8.RuneSelf {
			wide, noLatin1, noWindows = true, noLatin1 || r > 0xff, noWindows || !Windows1252.hasRune(r)
		}
	}
	count(&s.Control, control)
	count(&s.XMLForbidden, forbidden)
	if forbidden {
		s.XMLCharacters = max(s.XMLCharacters, utf8.RuneCountInString(escapeForbidden(text)))
	}
	count(&s.NonASCII, wide)
	count(&s.NotLatin1, noLatin1)
	count(&s.NotWindows1252, noWindows)
	count(&s.InvalidUTF8, !utf8.ValidString(text))
}

func (s *surveyor) addInteger(v Value) {
	n, ok := v.Integer()
	if !ok {
		s.Wrong++
		return
	}
	if s.typ != WholeNumber {
		count(&s.OutOfCalendar, !inCalendar(s.typ, n))
		count(&s.Inexact, s.typ == Datetime && inCalendar(s.typ, n) && !keepsMicros(n))
		return
	}
	count(&s.Inexact, n > 1<<53 || n < -1<<53)
	s.cell = strconv.AppendInt(s.cell[:0], n, 10)
	s.Digits = max(s.Digits, len(s.cell))
	if s.codes != nil && !s.codes[string(s.cell)] {
		s.OffList++
	}
}

func (s *surveyor) addFloat(v Value) {
	x, ok := v.Float()
	if !ok {
		s.Wrong++
		return
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		s.NotFinite++
		return
	}
	count(&s.NegativeZero, x == 0 && math.Signbit(x))
	count(&s.OutOfIBM, !inIBMRange(x))
	s.addDigits(x)
}

// addDigits takes the digits of a number as it would be written without an exponent.
func (s *surveyor) addDigits(x float64) {
	if whole := int64(x); float64(whole) == x && whole > -1<<53 && whole < 1<<53 {
		s.Digits = max(s.Digits, digitsOf(whole))
		if s.codes == nil {
			return
		}
	}
	if x == 0 {
		x = 0 // a negative zero is written as 0
	}
	s.cell = strconv.AppendFloat(s.cell[:0], x, 'f', -1, 64)
	s.addWritten(string(s.cell))
	if s.codes != nil && !s.codes[string(s.cell)] {
		s.OffList++
	}
}

func (s *surveyor) addWritten(text string) {
	whole, fraction, _ := strings.Cut(text, ".")
	s.Digits, s.Decimals = max(s.Digits, len(whole)), max(s.Decimals, len(fraction))
}

// addDecimal takes digits, which a float64 may or may not hold.
func (s *surveyor) addDecimal(text string) {
	if !isDecimal(text) {
		s.NotDecimal++
		return
	}
	s.addWritten(text)
	number, ok := imednet.ParseNumber(text)
	if !ok {
		s.NotDecimal++
		return
	}
	x, accuracy := number.Float64()
	count(&s.Inexact, accuracy != imednet.Exact)
	s.cell = strconv.AppendFloat(s.cell[:0], x, 'f', -1, 64)
	count(&s.Written, string(s.cell) != text)
	count(&s.OutOfIBM, accuracy == imednet.Exact && !inIBMRange(x))
}

func (s *surveyor) addISODate(text string) {
	complete, withTime, ok := isoDate(text)
	switch {
	case !ok:
		s.NotISO++
	default:
		count(&s.Partial, !complete)
		count(&s.WithTime, withTime)
	}
}

// bytesIn is the length of the longest text in an encoding.
func (s *Stats) bytesIn(e Encoding) int {
	if e.isUTF8() {
		return s.Bytes
	}
	return s.Characters
}

// notIn is the number of texts that an encoding does not hold.
func (s *Stats) notIn(e Encoding) int64 {
	switch e {
	case ASCII:
		return s.NonASCII
	case Latin1:
		return s.NotLatin1
	case Windows1252:
		return s.NotWindows1252
	}
	return 0
}

func count(n *int64, happened bool) {
	if happened {
		*n++
	}
}

func digitsOf(n int64) (digits int) {
	if n < 0 {
		digits, n = 1, -n
	}
	for digits++; n >= 10; n /= 10 {
		digits++
	}
	return digits
}

// inIBMRange reports whether a finite number is one that toIBM converts.
func inIBMRange(x float64) bool {
	const least, beyond = 0x1p-260, 0x1p252 // 16^-65, 16^63
	abs := math.Abs(x)
	return abs == 0 || abs >= least && abs < beyond
}
