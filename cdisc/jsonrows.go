package cdisc

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

func (x *JSONReader) readRows(ctx context.Context, yield func(Row, error) bool) error {
	row := make(Row, len(x.columns))
	var n int64
	for {
		x.next(maxJSONRow)
		kind := x.dec.PeekKind()
		if x.inside && kind == ']' {
			break
		}
		if kind != '[' {
			_, err := x.dec.ReadToken()
			if !x.inside && errors.Is(err, io.EOF) {
				return x.expectCount(n)
			}
			if err != nil {
				return err
			}
			return malformed("row %d is not an array", n+1)
		}
		n++
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := x.readRow(row, n); err != nil {
			return err
		}
		if !yield(row, nil) {
			return nil
		}
	}
	return x.readTail(n)
}

func (x *JSONReader) readRow(row Row, n int64) error {
	if _, err := x.dec.ReadToken(); err != nil {
		return err
	}
	for i := range row {
		if x.dec.PeekKind() == ']' {
			return malformed("row %d has fewer values than there are columns", n)
		}
		token, err := x.dec.ReadToken()
		if err != nil {
			return err
		}
		v, ok := decodeCell(x.dataset.Variables[i].Type, token)
		if !ok {
			return malformed("row %d, variable %s: no %s", n, x.columns[i].Name, x.columns[i].DataType)
		}
		row[i] = v
	}
	end, err := x.dec.ReadToken()
	if err != nil {
		return err
	}
	if end.Kind() != ']' {
		return malformed("row %d has more values than there are columns", n)
	}
	return nil
}

// readTail reads what stands behind the rows. It must not be what the rows were read with.
func (x *JSONReader) readTail(n int64) error {
	if _, err := x.dec.ReadToken(); err != nil { // the end of the rows
		return err
	}
	x.next(maxJSONHead)
	for x.dec.PeekKind() != '}' {
		name, err := x.dec.ReadToken()
		if err != nil {
			return err
		}
		member := name.String()
		value, err := x.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := x.member(member, value); err != nil {
			return err
		}
	}
	if _, err := x.dec.ReadToken(); err != nil {
		return err
	}
	if _, err := x.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err != nil && !errors.As(err, new(*jsontext.SyntacticError)) {
			return err
		}
		return malformed("something stands behind the object")
	}
	return x.expectCount(n)
}

func (x *JSONReader) expectCount(n int64) error {
	if x.dataset.Records >= 0 && n != x.dataset.Records {
		return malformed("records is %d, there are %d rows", x.dataset.Records, n)
	}
	return nil
}

// decodeCell converts a token. ok is false when it is not of the column's type.
func decodeCell(t Type, token jsontext.Token) (v Value, ok bool) {
	switch kind := token.Kind(); {
	case kind == 'n':
		return Value{}, true
	case kind == '"':
		return decodeText(t, token.String())
	case kind == '0' && t == WholeNumber:
		number, ok := imednet.ParseNumber(token.String())
		n, accuracy := number.Int64()
		return Integer(n), ok && accuracy == imednet.Exact
	case kind == '0' && t == Double:
		x, err := token.Float()
		return Float(x), err == nil && !math.IsInf(x, 0) && (x != 0 || isZero(token.String()))
	case (kind == 't' || kind == 'f') && t == Boolean:
		return Bool(kind == 't'), true
	}
	return Value{}, false
}

// isZero reports whether a number of JSON is 0, rather than one that float64 takes for it.
func isZero(number string) bool {
	digits, _, _ := strings.Cut(strings.ToLower(number), "e")
	return strings.Trim(digits, "-0.") == ""
}

func decodeText(t Type, text string) (Value, bool) {
	switch t {
	case Character, ISODate, ISOTime:
		return Text(text), true
	case Decimal:
		_, ok := imednet.ParseNumber(text)
		return Text(text), ok || text == "" // official files have "" for missing
	case Date, Datetime, Time:
		if text == "" {
			return Value{}, true
		}
		n, ok := fromISO(t, text)
		return Integer(n), ok
	}
	return Value{}, false
}

// fromISO reads a complete date or time. Z, which means UTC, is taken; another offset is refused: SAS
// has none.
func fromISO(t Type, text string) (int64, bool) {
	layouts := map[Type][]string{Date: {time.DateOnly}, Datetime: {"2006-01-02T15:04:05", "2006-01-02T15:04:05Z", "2006-01-02T15:04"}, Time: {"15:04:05", "15:04"}}
	for _, layout := range layouts[t] {
		at, err := time.Parse(layout, text)
		if err != nil || at.Nanosecond()%1000 != 0 {
			continue
		}
		switch t {
		case Date:
			return at.Unix() / secondsPerDay, true
		case Datetime:
			return at.UnixMicro(), true
		}
		return at.Sub(at.Truncate(24 * time.Hour)).Microseconds(), true
	}
	return 0, false
}
