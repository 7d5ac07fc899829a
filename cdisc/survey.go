package cdisc

import (
	"bytes"
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Survey is the result of the first reading of a source. Formats require lengths and counts before
// the first row, so every writer needs one.
type Survey struct {
	dataset Dataset
	stats   []Stats
	rows    int64
	sum     checksum
	// lastBlank is set when no text of the last row holds anything but blanks, and nothing else is
	// in it.
	lastBlank bool
	// sameKey counts rows whose key is that of the row before, and sameXPT those whose key is in XPORT.
	// In a table that is sorted by its key these are all that there are.
	sameKey, sameXPT int64
}

// NewSurvey reads a source once and returns its survey. Memory does not grow with the number of
// rows.
func NewSurvey(ctx context.Context, src Source) (*Survey, error) {
	if err := argument.Required("cdisc.NewSurvey", "src", src); err != nil {
		return nil, err
	}
	s := &Survey{dataset: src.Dataset()}
	columns := make([]*surveyor, len(s.dataset.Variables))
	for i := range columns {
		columns[i] = newSurveyor(&s.dataset.Variables[i], s.dataset.Encoding)
	}
	keys := s.dataset.keys()
	types := s.dataset.types()
	var before, now sortKey
	for row, err := range src.Rows(ctx) {
		if err != nil {
			return nil, s.fail("survey", err)
		}
		if len(row) != len(columns) {
			return nil, s.fail("survey", errWidth)
		}
		for i, v := range row {
			columns[i].add(v)
		}
		s.rows++
		s.sum.add(row)
		s.lastBlank = allBlank(row)
		if len(keys) > 0 {
			now.set(row, keys, types)
			count(&s.sameKey, s.rows > 1 && bytes.Equal(before.bytes, now.bytes))
			count(&s.sameXPT, s.rows > 1 && bytes.Equal(before.inXPT(), now.inXPT()))
			before, now = now, before
		}
	}
	for i, c := range columns {
		s.stats = append(s.stats, c.Stats)
		s.dataset.Variables[i].HasNoData = c.Values == 0
	}
	s.dataset.Records = s.rows
	return s, nil
}

// Dataset describes the surveyed table, including the number of rows.
func (s *Survey) Dataset() Dataset { return s.dataset }

// Rows returns the number of rows.
func (s *Survey) Rows() int64 { return s.rows }

// Stats returns the statistics of the variables, in order.
func (s *Survey) Stats() []Stats { return s.stats }

func (s *Survey) fail(op string, err error) error { return fail(op, s.dataset.Name, err) }

// fail wraps an error with what was being done to which dataset. One of this package says it already.
func fail(op, dataset string, err error) error {
	var known *imednet.Error
	if errors.As(err, &known) && known.Package == "cdisc" {
		return err
	}
	place := ""
	if dataset != "" {
		place = "dataset " + dataset
	}
	return &imednet.Error{Package: "cdisc", Op: op, Place: place, Err: err}
}

// allBlank reports whether a row of texts holds nothing that XPORT can tell from padding.
func allBlank(row Row) bool {
	for i := range row {
		switch row[i].kind {
		case missingValue:
		case textValue:
			for j := range len(row[i].text) {
				if row[i].text[j] != ' ' {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// bytesOf is the number of bytes that a text variable takes in XPORT.
func (s *Survey) bytesOf(i int) int {
	if s.dataset.Variables[i].Type.isNumeric() {
		return 8
	}
	return max(1, s.textBytes(i), s.dataset.Variables[i].Length)
}

// textBytes is the length of the longest text in the dataset's encoding.
func (s *Survey) textBytes(i int) int {
	return s.stats[i].bytesIn(s.dataset.Encoding)
}
