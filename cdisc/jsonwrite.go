package cdisc

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/klauspost/compress/zlib"

	"github.com/imednetgo/imednet/internal/argument"
)

// WriteDatasetJSON writes a dataset as Dataset-JSON 1.1, in one of its three forms. The survey must
// be of the same source. Data that the format cannot hold are an *[UnfitError] before the first
// byte is written; rows that differ from the surveyed ones are [ErrChanged].
func WriteDatasetJSON(ctx context.Context, w io.Writer, src Source, s *Survey, o JSONOptions) error {
	if o.Format == "" {
		o.Format = JSON
	}
	if err := errors.Join(requireToWrite("cdisc.WriteDatasetJSON", w, src, s), o.check()); err != nil {
		return err
	}
	if problems := s.Problems(o.Format); len(problems) > 0 {
		return s.fail("write Dataset-JSON", &UnfitError{problems})
	}
	if err := s.writeJSON(ctx, w, src, o); err != nil {
		return s.fail("write Dataset-JSON", err)
	}
	return nil
}

// requireToWrite refuses a nil among what a dataset is written from and to.
func requireToWrite(function string, w io.Writer, src Source, s *Survey) error {
	return errors.Join(argument.Required(function, "w", w), argument.Required(function, "src", src), argument.Required(function, "s", s))
}

func (o JSONOptions) check() error {
	const function = "cdisc.WriteDatasetJSON"
	switch {
	case !o.Format.isJSON():
		return argument.Invalid(function, "Format", "must be json, ndjson or dsjc")
	case o.Created.IsZero():
		return argument.Invalid(function, "Created", "is not set")
	case o.Modified.After(o.Created):
		return argument.Invalid(function, "Modified", "is after Created")
	case (o.SourceSystem == "") != (o.SourceSystemVersion == ""):
		return argument.Invalid(function, "SourceSystem", "and SourceSystemVersion are given together or not at all")
	case o.Level < 0 || o.Level > 9:
		return argument.Invalid(function, "Level", "must be from 1 to 9")
	}
	for _, text := range []string{o.Originator, o.SourceSystem, o.SourceSystemVersion, o.StudyOID, o.MetaDataVersionOID, o.MetaDataRef, o.FileOID} {
		if !validText(text) {
			return argument.Invalid(function, "o", "has a text that is not UTF-8")
		}
	}
	return nil
}

func (s *Survey) writeJSON(ctx context.Context, w io.Writer, src Source, o JSONOptions) error {
	if o.Format != DSJC {
		out := bufio.NewWriterSize(w, 1<<16)
		return errors.Join(s.writeJSONTo(ctx, out, src, o), out.Flush())
	}
	packed, err := zlib.NewWriterLevel(w, max(o.Level, zlib.BestSpeed))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(packed, 1<<16)
	return errors.Join(s.writeJSONTo(ctx, out, src, o), out.Flush(), packed.Close())
}

func (s *Survey) writeJSONTo(ctx context.Context, out *bufio.Writer, src Source, o JSONOptions) error {
	head := jsonHead(s, o)
	before, between, after := ",\"rows\":[", ",", "]}" // around the rows
	if o.Format != JSON {
		before, between, after = "}\n", "", ""
	}
	if _, err := out.Write(append(head, before...)); err != nil {
		return err
	}
	line := make([]byte, 0, 1<<12)
	var n int64
	var sum checksum
	for row, err := range src.Rows(ctx) {
		if err != nil {
			return err
		}
		if len(row) != len(s.stats) || n == s.rows {
			return ErrChanged
		}
		sum.add(row)
		line = line[:0]
		if n > 0 {
			line = append(line, between...)
		}
		if line, err = s.appendJSONRow(line, row, o.BlankText); err != nil {
			return err
		}
		if o.Format != JSON {
			line = append(line, '\n')
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		n++
	}
	if n != s.rows || sum != s.sum {
		return ErrChanged
	}
	_, err := out.WriteString(after)
	return err
}

func (s *Survey) appendJSONRow(b []byte, row Row, blankText bool) ([]byte, error) {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		typ := s.dataset.Variables[i].Type
		switch v.kind {
		case missingValue, specialValue:
			if blankText && typ.isText() {
				b = append(b, '"', '"')
			} else {
				b = append(b, "null"...)
			}
		case textValue:
			if len(v.text) > s.stats[i].Bytes {
				return b, ErrChanged
			}
			b = appendString(b, v.text)
		case integerValue:
			n, _ := v.Integer()
			if typ == WholeNumber {
				b = strconv.AppendInt(b, n, 10)
			} else {
				b = append(appendISO(append(b, '"'), typ, n), '"')
			}
		case floatValue:
			x, _ := v.Float()
			b = appendNumber(b, x)
		case booleanValue:
			b = strconv.AppendBool(b, v.bits != 0)
		}
	}
	return append(b, ']'), nil
}

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string. It escapes what JSON asks for and nothing else; the text is
// UTF-8, which the survey has seen to.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	plain := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[plain:i]...)
		plain = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, text[plain:]...)
	return append(b, '"')
}
