package cdisc

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet/internal/argument"
)

// Limits of what a reader believes of a file before it has seen the data.
const (
	maxXPTVariables   = 32767 // the number of a variable is a 16-bit integer
	maxXPTObservation = 64 << 20
)

// XPTReader reads a SAS XPORT file of version 5 or 8 with one dataset, row by row. Its texts are
// UTF-8 unless [WithEncoding] is given, because the file does not name its encoding. It is strict: a
// file that violates the format is [ErrFormat] and never half a table. It holds the variables and
// one observation in memory.
//
// All numbers are [Double]; the display format shows whether they are dates.
type XPTReader struct {
	in       *bufio.Reader
	format   Format
	encoding Encoding
	dataset  Dataset
	cells    []xptCell
	width    int
	// Inexact counts numbers with more bits than a float64 can hold, which were rounded. It is
	// complete once the last row has been read.
	Inexact int64
	read    bool
}

// NewXPTReader returns a reader after reading everything before the first observation.
func NewXPTReader(r io.Reader, opts ...ReadOption) (*XPTReader, error) {
	o, err := applyRead(opts)
	if err := errors.Join(argument.Required("cdisc.NewXPTReader", "r", r), err); err != nil {
		return nil, err
	}
	x := &XPTReader{in: bufio.NewReaderSize(r, 1<<16), format: XPT5, encoding: o.encoding}
	if err := x.readHead(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = malformed("the file ends in its headers")
		}
		return nil, fail("read XPORT", x.dataset.Name, err)
	}
	return x, nil
}

// Format returns [XPT5] or [XPT8].
func (x *XPTReader) Format() Format { return x.format }

// Dataset describes the table. Records is -1 for version 5, which has no count.
func (x *XPTReader) Dataset() Dataset { return x.dataset }

// malformed is an ErrFormat that says what is wrong and where, and no value.
func malformed(message string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(message, args...))
}

func (x *XPTReader) readHead() error {
	kind, _, err := x.header("LIBRARY", "LIBV8")
	if err != nil {
		return err
	}
	if kind == "LIBV8" {
		x.format = XPT8
	}
	names := x.format.headerNames()
	if _, err := x.record(); err != nil {
		return err
	}
	if _, err := x.record(); err != nil {
		return err
	}
	if _, tail, err := x.header(names.member); err != nil {
		return err
	} else if !strings.HasPrefix(tail, strings.Repeat("0", 17)+"160"+strings.Repeat("0", 7)+"140") {
		return malformed("the variables are not described in 140 bytes each")
	}
	if _, _, err := x.header(names.descriptor); err != nil {
		return err
	}
	if err := x.readMember(); err != nil {
		return err
	}
	_, tail, err := x.header(names.namestr)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(tail[4:10])
	if err != nil || n < 1 || n > maxXPTVariables {
		return malformed("the number of variables is none from 1 to %d", maxXPTVariables)
	}
	longLabels, err := x.readNamestrs(n)
	if err != nil {
		return err
	}
	return x.readObservationHeader(names, longLabels)
}

func (x *XPTReader) record() ([]byte, error) {
	record := make([]byte, xptRecord)
	_, err := io.ReadFull(x.in, record)
	return record, err
}

// header reads a header record with one of the names, and returns the name and what follows.
func (x *XPTReader) header(names ...string) (name, tail string, err error) {
	record, err := x.record()
	if err != nil {
		return "", "", err
	}
	text := string(record)
	for _, name := range names {
		if strings.HasPrefix(text, xptHeader(name, "")[:48]) {
			return name, text[48:], nil
		}
	}
	return "", "", malformed("there is no header %s", strings.Join(names, " or "))
}

// readMember reads the name and the label of the dataset.
func (x *XPTReader) readMember() error {
	first, err := x.record()
	if err != nil {
		return err
	}
	second, err := x.record()
	if err != nil {
		return err
	}
	name, rest := first[8:16], first[16:24]
	if x.format == XPT8 {
		name, rest = first[8:40], first[40:48]
	}
	if string(first[:8]) != "SAS     " || string(rest) != "SASDATA " {
		return malformed("the member header is none")
	}
	label, ok := x.encoding.decode(trimmed(second[32:72]))
	if !ok || !utf8.Valid(name) {
		return malformed("the name or the label of the dataset is not in the encoding of the file")
	}
	x.dataset = Dataset{Name: trimmed(name), Label: label, Records: -1, Encoding: x.encoding}
	return nil
}

// trimmed is a fixed field without its padding; some programs pad with NUL.
func trimmed(b []byte) string { return string(bytes.TrimRight(b, " \x00")) }

// readNamestrs reads the variables, and returns how long the labels are that stand elsewhere.
func (x *XPTReader) readNamestrs(n int) (longLabels map[int]int, err error) {
	longLabels = map[int]int{}
	entry := make([]byte, xptNamestr)
	for i := range n {
		if _, err := io.ReadFull(x.in, entry); err != nil {
			return nil, err
		}
		v, cell, labelSize, err := x.variable(entry, i)
		if err != nil {
			return nil, err
		}
		if labelSize > 40 {
			longLabels[i] = labelSize
		}
		x.width += cell.width
		if x.width > maxXPTObservation {
			return nil, fmt.Errorf("%w: an observation has more than %d bytes", ErrTooLarge, maxXPTObservation)
		}
		x.dataset.Variables, x.cells = append(x.dataset.Variables, v), append(x.cells, cell)
	}
	return longLabels, x.skipPadding(int64(n) * xptNamestr)
}

func (x *XPTReader) variable(e []byte, i int) (v Variable, cell xptCell, labelSize int, err error) {
	kind, width, number, position := short(e), short(e[4:]), short(e[6:]), long(e[84:])
	name := trimmed(e[8:16])
	label, readable := x.encoding.decode(trimmed(e[16:56]))
	if x.format == XPT8 {
		name, labelSize = trimmed(e[88:120]), short(e[120:])
	}
	switch {
	case kind != 1 && kind != 2:
		return v, cell, 0, malformed("variable %d has type %d", i+1, kind)
	case kind == 1 && (width < 3 || width > 8), kind == 2 && width < 1:
		return v, cell, 0, malformed("variable %d has length %d", i+1, width)
	case number != i+1:
		return v, cell, 0, malformed("variable %d has number %d", i+1, number)
	case position != x.width:
		return v, cell, 0, malformed("variable %d stands at %d, behind the one before is %d", i+1, position, x.width)
	case !utf8.ValidString(name) || name == "" || !readable && labelSize <= 40:
		return v, cell, 0, malformed("the name or the label of variable %d is empty or not in the encoding of the file", i+1)
	}
	v = Variable{Name: name, Label: label, Type: Character, Length: width}
	if kind == 1 {
		v.Type, v.Length = Double, 0
		v.Format = formatText(trimmed(e[56:64]), short(e[64:]), short(e[66:]))
	}
	return v, xptCell{v.Type, width, x.encoding}, labelSize, nil
}

func formatText(name string, width, decimals int) string {
	if name == "" && width == 0 {
		return ""
	}
	if width > 0 {
		name += strconv.Itoa(width)
	}
	name += "."
	if decimals > 0 {
		name += strconv.Itoa(decimals)
	}
	return name
}

func short(b []byte) int { return int(int16(uint16(b[0])<<8 | uint16(b[1]))) }

func long(b []byte) int {
	return int(int32(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])))
}

func (x *XPTReader) skipPadding(size int64) error {
	rest := make([]byte, padding(size))
	if _, err := io.ReadFull(x.in, rest); err != nil {
		return err
	}
	if !isBlank(rest) {
		return malformed("a record is not filled up with blanks")
	}
	return nil
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' {
			return false
		}
	}
	return true
}

func (x *XPTReader) readObservationHeader(names xptNames, longLabels map[int]int) error {
	kind, tail, err := x.header(names.observations, "LABELV8", "LABELV9")
	if err != nil {
		return err
	}
	if kind != names.observations {
		if x.format != XPT8 {
			return malformed("version 5 has no long labels")
		}
		if err := x.readLongLabels(kind == "LABELV9", tail, longLabels); err != nil {
			return err
		}
		if _, tail, err = x.header(names.observations); err != nil {
			return err
		}
	}
	if len(longLabels) > 0 {
		return malformed("%d labels of more than 40 bytes are missing", len(longLabels))
	}
	if x.format == XPT8 {
		n, err := strconv.ParseInt(strings.TrimSpace(tail[:15]), 10, 64)
		if err != nil || n < 0 {
			return malformed("the number of observations is none")
		}
		if strings.Trim(tail[:15], "0") != "" { // zeros only are what some programs write for unknown
			x.dataset.Records = n
		}
	}
	return nil
}

func (x *XPTReader) readLongLabels(withFormats bool, tail string, longLabels map[int]int) error {
	n, err := strconv.Atoi(strings.TrimSpace(tail))
	if err != nil || n < 1 || n > len(x.cells) {
		return malformed("the number of long labels is none")
	}
	size := int64(0)
	for range n {
		took, err := x.readLongLabel(withFormats, longLabels)
		if err != nil {
			return err
		}
		size += took
	}
	return x.skipPadding(size)
}

func (x *XPTReader) readLongLabel(withFormats bool, longLabels map[int]int) (size int64, err error) {
	lengths := make([]byte, 6)
	if withFormats {
		lengths = make([]byte, 10)
	}
	if _, err := io.ReadFull(x.in, lengths); err != nil {
		return 0, err
	}
	number, total := short(lengths), 0
	for at := 2; at < len(lengths); at += 2 {
		if short(lengths[at:]) < 0 {
			return 0, malformed("a long label has a negative length")
		}
		total += short(lengths[at:])
	}
	text := make([]byte, total)
	if _, err := io.ReadFull(x.in, text); err != nil {
		return 0, err
	}
	nameEnd := short(lengths[2:])
	label := text[nameEnd : nameEnd+short(lengths[4:])]
	decoded, readable := x.encoding.decode(string(label))
	if number < 1 || number > len(x.cells) || string(text[:nameEnd]) != x.dataset.Variables[number-1].Name || !readable {
		return 0, malformed("a long label is of another variable, or not in the encoding of the file")
	}
	if want, ok := longLabels[number-1]; ok && want != len(label) {
		return 0, malformed("the label of variable %d has %d bytes instead of %d", number, len(label), want)
	}
	x.dataset.Variables[number-1].Label = decoded
	delete(longLabels, number-1)
	return int64(len(lengths) + total), nil
}

// Rows yields the rows and can be used once. An error is yielded once, as the last element.
func (x *XPTReader) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if x.read {
			yield(nil, fail("read XPORT", x.dataset.Name, errors.New("the rows were read before")))
			return
		}
		x.read = true
		if err := x.readRows(ctx, yield); err != nil {
			yield(nil, fail("read XPORT", x.dataset.Name, err))
		}
	}
}
