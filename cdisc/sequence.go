package cdisc

import (
	"context"
	"iter"
	"slices"
)

// sequence is the variable whose values an export makes, -1 when there is none.
func (d *Dataset) sequence() int {
	return slices.IndexFunc(d.Variables, func(v Variable) bool { return len(v.Sequence) > 0 })
}

// sortKeys are the variables by which an export sorts: the key, and in the place of a sequence number
// what it counts by.
func (d *Dataset) sortKeys() []int {
	keys, at := d.keys(), d.sequence()
	if at < 0 {
		return keys
	}
	keys = slices.DeleteFunc(keys, func(i int) bool { return i == at })
	for _, name := range d.Variables[at].Sequence {
		if i := slices.IndexFunc(d.Variables, func(v Variable) bool { return v.source() == name }); i >= 0 {
			keys = append(keys, i)
		}
	}
	return keys
}

// sequenced is a sorted source whose rows are counted, from 1 in every group of equal keys.
type sequenced struct {
	Source
	at    int
	keys  []int // of the group
	types []Type
}

// newSequenced numbers rows, which are in the order of sortKeys.
func newSequenced(rows *sorted) Source {
	d := rows.Dataset()
	at := d.sequence()
	if at < 0 {
		return rows
	}
	keys := slices.DeleteFunc(d.keys(), func(i int) bool { return i == at })
	return sequenced{rows, at, keys, d.types()}
}

// Rows yields the rows with their numbers.
func (s sequenced) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var before, now sortKey
		var n int64
		for row, err := range s.Source.Rows(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			now.set(row, s.keys, s.types)
			if !slices.Equal(before.inXPT(), now.inXPT()) {
				n = 0
			}
			n++
			before, now = now, before
			row[s.at] = Integer(n)
			if !yield(row, nil) {
				return
			}
		}
	}
}
