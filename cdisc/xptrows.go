package cdisc

import (
	"context"
	"errors"
	"io"
	"strings"
)

// readRows yields observations until the file, or its count, ends. Rows of blanks only are held
// back as a number: at the end of a file they may be padding.
func (x *XPTReader) readRows(ctx context.Context, yield func(Row, error) bool) error {
	observation := make([]byte, 0, min(x.width, 1<<16))
	row := make(Row, len(x.cells))
	var n, held int64
	for x.dataset.Records < 0 || n+held < x.dataset.Records {
		if (n+held)%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		size, err := x.observation(&observation)
		if err != nil {
			return err
		}
		if size < x.width {
			return x.finish(observation[:size], row, n, held, yield)
		}
		if isBlank(observation) {
			held++
			continue
		}
		for ; held > 0; held-- {
			n++
			if !x.yieldBlank(row, yield) {
				return nil
			}
		}
		n++
		if err := x.decode(observation, row, n); err != nil {
			return err
		}
		if !yield(row, nil) {
			return nil
		}
	}
	for ; held > 0; held-- {
		n++
		if !x.yieldBlank(row, yield) {
			return nil
		}
	}
	return x.expectEnd(n)
}

// observation reads the next one as far as there is one. The buffer grows with what was read, not
// with what the file promises.
func (x *XPTReader) observation(buffer *[]byte) (size int, err error) {
	b := (*buffer)[:0]
	for len(b) < x.width {
		step := min(x.width-len(b), max(1<<16, len(b)))
		if cap(b) < len(b)+step {
			b = append(make([]byte, 0, min(x.width, 2*(len(b)+step))), b...)
		}
		n, err := io.ReadFull(x.in, b[len(b):len(b)+step])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	*buffer = b
	return len(b), nil
}

// finish ends a file that does not say how many observations it has. What is left is padding. Rows
// of blanks that end within the last record are padding too when they are shorter than a record.
func (x *XPTReader) finish(rest []byte, row Row, n, held int64, yield func(Row, error) bool) error {
	total := (n+held)*int64(x.width) + int64(len(rest))
	switch {
	case x.dataset.Records >= 0:
		return malformed("the file ends after %d of %d observations", n+held, x.dataset.Records)
	case !isBlank(rest):
		return malformed("the last observation is not complete")
	case total%xptRecord != 0:
		return malformed("the length of the file is not a multiple of %d", xptRecord)
	case x.width < xptRecord:
		if n*int64(x.width)+xptRecord <= total {
			return malformed("the last record holds no observation")
		}
		return nil
	case len(rest) >= xptRecord:
		return malformed("the last record holds no observation")
	}
	for ; held > 0; held-- {
		if !x.yieldBlank(row, yield) {
			return nil
		}
	}
	return nil
}

func (x *XPTReader) yieldBlank(row Row, yield func(Row, error) bool) bool {
	for i := range row {
		row[i] = Text("")
	}
	return yield(row, nil)
}

// expectEnd reads behind the last observation that the file counts.
func (x *XPTReader) expectEnd(n int64) error {
	rest := make([]byte, padding(n*int64(x.width))+1)
	size, err := io.ReadFull(x.in, rest)
	switch {
	case err == nil:
		return malformed("something stands behind the last observation")
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case size != len(rest)-1 || !isBlank(rest[:size]):
		return malformed("the last record is not filled up with blanks")
	}
	return nil
}

func (x *XPTReader) decode(observation []byte, row Row, n int64) error {
	if strings.HasPrefix(string(observation[:min(len(observation), len(headerMark))]), headerMark) {
		return malformed("row %d is a header: the file has more than one dataset", n)
	}
	text := string(observation)
	at := 0
	for i, c := range x.cells {
		if c.typ.isNumeric() {
			v, exact, ok := decodeNumber(observation[at : at+c.width])
			if !ok {
				return malformed("row %d, variable %s: neither a number nor a missing value", n, x.dataset.Variables[i].Name)
			}
			count(&x.Inexact, !exact)
			row[i] = v
		} else {
			cell, ok := x.encoding.decode(strings.TrimRight(text[at:at+c.width], " "))
			if !ok || strings.IndexByte(cell, 0) >= 0 {
				return malformed("row %d, variable %s: not in the encoding of the file, or a NUL", n, x.dataset.Variables[i].Name)
			}
			row[i] = Text(cell)
		}
		at += c.width
	}
	return nil
}
