package cdisc

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/argument"
)

// What a reader of Dataset-JSON holds at most.
const (
	maxJSONRow     = 64 << 20 // bytes of a row
	maxJSONHead    = 16 << 20 // bytes of everything before the rows, and of everything behind them
	maxJSONMembers = 1000
	maxJSONColumns = 1 << 16
)

// JSONReader reads Dataset-JSON 1.1 in any of its forms, row by row. Compressed data may be a bare
// zlib stream, as in the specification, or gzip, as in its samples. The columns must precede the
// rows. It holds the metadata and one row in memory; a row of more than 64 MiB is [ErrTooLarge], and so
// are metadata of more than 16 MiB, 65,536 columns or 1,000 members.
type JSONReader struct {
	dec     *jsontext.Decoder
	limit   *itemLimit
	dataset Dataset
	columns []jsonColumn
	inside  bool // the rows are a member of the object
	read    bool
	// Members holds the metadata as they are in the file, without columns and rows.
	Members map[string]json.RawMessage
}

// jsonColumn is a column as a file has it.
type jsonColumn struct {
	ItemOID        string `json:"itemOID"`
	Name           string `json:"name"`
	Label          string `json:"label"`
	DataType       string `json:"dataType"`
	TargetDataType string `json:"targetDataType"`
	Length         int    `json:"length"`
	DisplayFormat  string `json:"displayFormat"`
	KeySequence    int    `json:"keySequence"`
}

// NewJSONReader returns a reader after reading everything before the rows.
func NewJSONReader(r io.Reader) (*JSONReader, error) {
	if err := argument.Required("cdisc.NewJSONReader", "r", r); err != nil {
		return nil, err
	}
	plain, err := unpacked(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, fail("read Dataset-JSON", "", err)
	}
	x := &JSONReader{limit: &itemLimit{in: plain, most: maxJSONHead}, Members: map[string]json.RawMessage{}}
	x.dec = jsontext.NewDecoder(x.limit)
	x.dataset.Records = -1
	if err := x.readHead(); err != nil {
		return nil, fail("read Dataset-JSON", x.dataset.Name, asFormat(err))
	}
	return x, nil
}

// unpacked undoes the compression, which the first byte shows.
func unpacked(in *bufio.Reader) (io.Reader, error) {
	first, err := in.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return nil, malformed("the file is empty")
	case err != nil:
		return nil, err
	case first[0] == 0x1f:
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, asFormat(err)
		}
		plain.Multistream(false)
		return oneStream{plain, in}, nil
	case first[0] == 0x78:
		plain, err := zlib.NewReader(in)
		return oneStream{plain, in}, asFormat(err)
	}
	return in, nil
}

// oneStream is a compressed stream that is the whole file.
type oneStream struct {
	plain io.Reader
	in    *bufio.Reader
}

func (s oneStream) Read(p []byte) (int, error) {
	n, err := s.plain.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if _, more := s.in.Peek(1); more == nil {
		return n, malformed("something stands behind the compressed data")
	} else if !errors.Is(more, io.EOF) {
		return n, more
	}
	return n, io.EOF
}

// itemLimit ends a file whose next item is too large to hold.
type itemLimit struct {
	in    io.Reader
	read  int64
	start int64 // of the item under way
	most  int64 // bytes that it may have
}

func (l *itemLimit) Read(p []byte) (int, error) {
	if l.read-l.start > l.most {
		return 0, fmt.Errorf("%w: a row or the metadata have more than %d bytes", ErrTooLarge, l.most)
	}
	n, err := l.in.Read(p)
	l.read += int64(n)
	return n, err
}

// next starts a new item of so many bytes at most.
func (x *JSONReader) next(most int64) { x.limit.start, x.limit.most = x.dec.InputOffset(), most }

// asFormat makes an ErrFormat of what a decoder says about the bytes, without the values in it.
func asFormat(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil, errors.Is(err, ErrFormat), errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("the file ends too early")
	case errors.Is(err, zlib.ErrChecksum), errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrDictionary),
		errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, new(flate.CorruptInputError)), errors.As(err, new(flate.InternalError)):
		return malformed("the compressed data are damaged")
	case errors.As(err, &syntax):
		return malformed("not JSON at byte %d", syntax.ByteOffset)
	}
	return err
}

// Dataset describes the table. Records is the number that the file states before its rows, or -1.
func (x *JSONReader) Dataset() Dataset { return x.dataset }

func (x *JSONReader) readHead() error {
	if kind := x.dec.PeekKind(); kind != '{' {
		if _, err := x.dec.ReadToken(); err != nil && !errors.As(err, new(*jsontext.SyntacticError)) {
			return err
		}
		return malformed("the file is neither Dataset-JSON, which begins with an object in UTF-8, nor SAS XPORT")
	}
	if _, err := x.dec.ReadToken(); err != nil {
		return err
	}
	for x.dec.PeekKind() != '}' {
		name, err := x.dec.ReadToken()
		if err != nil {
			return err
		}
		member := name.String()
		if member == "rows" {
			if x.dec.PeekKind() != '[' {
				return malformed("rows is not an array")
			}
			if _, err := x.dec.ReadToken(); err != nil {
				return err
			}
			x.inside = true
			return x.complete()
		}
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
	return x.complete()
}

func (x *JSONReader) member(name string, value jsontext.Value) error {
	var err error
	switch name {
	case "columns":
		return x.readColumns(value)
	case "records":
		if err = json.Unmarshal(value, &x.dataset.Records); err != nil || x.dataset.Records < 0 {
			return malformed("records is not a whole number from 0")
		}
	case "name":
		err = json.Unmarshal(value, &x.dataset.Name)
	case "label":
		err = json.Unmarshal(value, &x.dataset.Label)
	case "itemGroupOID":
		err = json.Unmarshal(value, &x.dataset.OID)
	}
	if err != nil {
		return malformed("member %s is not of its type", name)
	}
	if len(x.Members) == maxJSONMembers {
		return fmt.Errorf("%w: there are more than %d members", ErrTooLarge, maxJSONMembers)
	}
	x.Members[name] = json.RawMessage(value.Clone())
	return nil
}

// readColumns takes the columns one by one: many small ones take far more memory than their text.
func (x *JSONReader) readColumns(value jsontext.Value) error {
	if value.Kind() != '[' {
		return malformed("columns is not an array")
	}
	list := jsontext.NewDecoder(bytes.NewReader(value))
	if _, err := list.ReadToken(); err != nil {
		return err
	}
	for list.PeekKind() != ']' {
		if len(x.columns) == maxJSONColumns {
			return fmt.Errorf("%w: there are more than %d columns", ErrTooLarge, maxJSONColumns)
		}
		text, err := list.ReadValue()
		if err != nil {
			return err
		}
		var c jsonColumn
		if err := json.Unmarshal(text, &c); err != nil {
			return malformed("column %d is not of its type", len(x.columns)+1)
		}
		x.columns = append(x.columns, c)
	}
	return nil
}

// complete checks that everything is known that the rows need.
func (x *JSONReader) complete() error {
	var version string
	if err := json.Unmarshal(x.Members["datasetJSONVersion"], &version); err != nil || version != "1.1" && !strings.HasPrefix(version, "1.1.") {
		return malformed("datasetJSONVersion is not 1.1")
	}
	if len(x.columns) == 0 {
		return malformed("there are no columns before the rows")
	}
	for i, c := range x.columns {
		typ, ok := c.kind()
		if !ok || c.Name == "" {
			return malformed("column %d has no name or no type of Dataset-JSON", i+1)
		}
		v := Variable{Name: c.Name, Label: c.Label, Type: typ, Format: c.DisplayFormat, Key: c.KeySequence, OID: c.ItemOID}
		if typ == Character {
			v.Length = c.Length
		}
		x.dataset.Variables = append(x.dataset.Variables, v)
	}
	return nil
}

// kind is the type of a column.
func (c jsonColumn) kind() (Type, bool) {
	numeric := c.TargetDataType == "integer"
	switch c.DataType {
	case "string", "URI":
		return Character, true
	case "integer":
		return WholeNumber, true
	case "float", "double":
		return Double, true
	case "decimal":
		return Decimal, true
	case "boolean":
		return Boolean, true
	case "date":
		return pick(numeric, Date, ISODate), true
	case "datetime":
		return pick(numeric, Datetime, ISODate), true
	case "time":
		return pick(numeric, Time, ISOTime), true
	}
	return 0, false
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// Rows yields the rows and can be used once. An error is yielded once, as the last element.
func (x *JSONReader) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if x.read {
			yield(nil, fail("read Dataset-JSON", x.dataset.Name, errors.New("the rows were read before")))
			return
		}
		x.read = true
		if err := x.readRows(ctx, yield); err != nil {
			yield(nil, fail("read Dataset-JSON", x.dataset.Name, asFormat(err)))
		}
	}
}
