package cdisc

import (
	"context"
	"iter"
)

// memory is a source of rows that a test made.
type memory struct {
	dataset Dataset
	rows    []Row
	err     error // after the rows
}

func (m memory) Dataset() Dataset { return m.dataset }

func (m memory) Rows(context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, row := range m.rows {
			if !yield(row, nil) {
				return
			}
		}
		if m.err != nil {
			yield(nil, m.err)
		}
	}
}

// rowReader is what both readers are.
type rowReader interface {
	Dataset() Dataset
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// readAll reads the rows of a reader into memory.
func readAll(r rowReader) (memory, error) {
	m := memory{dataset: r.Dataset()}
	for row, err := range r.Rows(context.Background()) {
		if err != nil {
			return m, err
		}
		m.rows = append(m.rows, append(Row(nil), row...))
	}
	return m, nil
}
