package cdisc

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// XPTOptions configures [WriteXPT].
type XPTOptions struct {
	// Format is [XPT5], the default, or [XPT8].
	Format Format
	// Created is the time of creation, written in UTC; the zero time is an error, because equal
	// data must give equal bytes.
	Created time.Time
}

// WriteXPT writes a dataset as SAS XPORT in the dataset's encoding, which is UTF-8 unless it says
// otherwise. The survey is
// of the same source. What the version cannot hold is an [*UnfitError] before the first byte; rows
// that differ from the surveyed ones are [ErrChanged].
func WriteXPT(ctx context.Context, w io.Writer, src Source, s *Survey, o XPTOptions) error {
	if o.Format == "" {
		o.Format = XPT5
	}
	switch {
	case !o.Format.isXPT():
		return argument.Invalid("cdisc.WriteXPT", "Format", "must be xpt5 or xpt8")
	case o.Created.IsZero():
		return argument.Invalid("cdisc.WriteXPT", "Created", "is not set")
	case o.Created.UTC().Year() < 1960 || o.Created.UTC().Year() > 2059:
		return argument.Invalid("cdisc.WriteXPT", "Created", "must be from 1960 to 2059, because XPORT has two digits of a year")
	}
	if err := requireToWrite("cdisc.WriteXPT", w, src, s); err != nil {
		return err
	}
	if problems := s.Problems(o.Format); len(problems) > 0 {
		return s.fail("write XPORT", &UnfitError{problems})
	}
	out := &xptBody{out: bufio.NewWriterSize(w, 1<<16)}
	if _, err := out.out.Write(xptHead(s, o.Format, o.Created)); err != nil {
		return s.fail("write XPORT", err)
	}
	if err := s.writeObservations(ctx, out, src); err != nil {
		return s.fail("write XPORT", err)
	}
	return nil
}

func (s *Survey) writeObservations(ctx context.Context, out *xptBody, src Source) error {
	cells := make([]xptCell, len(s.stats))
	width := 0
	for i := range cells {
		cells[i] = xptCell{s.dataset.Variables[i].Type, s.bytesOf(i), s.dataset.Encoding}
		width += cells[i].width
	}
	observation := make([]byte, 0, width)
	var n int64
	var sum checksum
	for row, err := range src.Rows(ctx) {
		if err != nil {
			return err
		}
		if len(row) != len(cells) || n == s.rows {
			return ErrChanged
		}
		sum.add(row)
		observation = observation[:0]
		for i, v := range row {
			if observation, err = cells[i].append(observation, v); err != nil {
				return err
			}
		}
		err := out.write(observation)
		if errors.Is(err, errHeader) {
			return &UnfitError{[]Problem{{s.dataset.Name, "", RuleHeaderText, 1, headerMessage}}}
		}
		if err != nil {
			return err
		}
		n++
	}
	if n != s.rows || sum != s.sum {
		return ErrChanged
	}
	return out.close()
}

// xptCell is where a value stands in an observation.
type xptCell struct {
	typ      Type
	width    int
	encoding Encoding
}

const blanks = "                                                                                "

func (c xptCell) append(dst []byte, v Value) ([]byte, error) {
	if !c.typ.isNumeric() {
		start := len(dst)
		dst = c.encoding.append(dst, v.text)
		if len(dst)-start > c.width {
			return dst, ErrChanged
		}
		for rest := c.width - (len(dst) - start); rest > 0; rest -= len(blanks) {
			dst = append(dst, blanks[:min(rest, len(blanks))]...)
		}
		return dst, nil
	}
	bits, err := c.number(v)
	return binary.BigEndian.AppendUint64(dst, bits), err
}

func (c xptCell) number(v Value) (uint64, error) {
	switch v.kind {
	case missingValue:
		return missingIBM('.'), nil
	case specialValue:
		return missingIBM(byte(v.bits)), nil
	}
	var x float64
	switch c.typ {
	case Double:
		x, _ = v.Float()
	case Decimal:
		number, _ := imednet.ParseNumber(v.text)
		x, _ = number.Float64()
	case WholeNumber:
		n, _ := v.Integer()
		x = float64(n)
	default:
		n, _ := v.Integer()
		x = sasNumber(c.typ, n)
	}
	bits, ok := toIBM(x)
	if !ok {
		return 0, ErrChanged
	}
	return bits, nil
}

const headerMessage = "values side by side that read as a header"

// errHeader reports values that read as a header.
var errHeader = errors.New("values read as a header")

// xptBody is the observations of a file, back to back across its records.
type xptBody struct {
	out  *bufio.Writer
	size int64
	mark []byte // the first bytes of the record under way, while they look like a header
}

// write adds an observation. One that would put the words of a header where a record begins is
// refused: readers of several members would take it for the next one.
func (b *xptBody) write(observation []byte) error {
	for at := 0; at < len(observation); {
		in := int(b.size+int64(at)) % xptRecord
		if in == 0 {
			b.mark = b.mark[:0]
		}
		if in == len(b.mark) && in < len(headerMark) {
			n := matchLength(observation[at:], headerMark[in:])
			b.mark = append(b.mark, observation[at:at+n]...)
			if len(b.mark) == len(headerMark) {
				return errHeader
			}
		}
		at += xptRecord - in
	}
	b.size += int64(len(observation))
	_, err := b.out.Write(observation)
	return err
}

// matchLength is the number of leading bytes that agree.
func matchLength(data []byte, words string) int {
	n := 0
	for n < len(data) && n < len(words) && data[n] == words[n] {
		n++
	}
	return n
}

func (b *xptBody) close() error {
	if _, err := b.out.Write(appendBlanks(nil, padding(b.size))); err != nil {
		return err
	}
	return b.out.Flush()
}
