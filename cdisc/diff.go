package cdisc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// DiffOptions configures [Diff].
type DiffOptions struct {
	// Key names the variables by which rows are matched. The default is the key variables of the
	// first table, or else of the second. If the tables have no common key, they are compared row by
	// row. Rows with equal keys are compared in order.
	Key []string
	// Limit is the number of differences that are returned; the default is 20. All are counted.
	Limit int
	// TempDir is the directory in which rows are sorted, in files accessible only to their owner;
	// required if there is a key.
	TempDir string
}

// DiffKind is the kind of a [Difference].
type DiffKind string

// The kinds of differences.
const (
	DiffDataset  DiffKind = "dataset"  // name or label of the table
	DiffVariable DiffKind = "variable" // variable in only one table
	DiffLabel    DiffKind = "label"    // label of a variable
	// DiffType is a different data type, if both formats state one; XPORT has only numeric and text.
	// A text and a number are not compared by value.
	DiffType   DiffKind = "type"
	DiffFormat DiffKind = "format"      // the display format
	DiffFirst  DiffKind = "only-first"  // row in only the first table
	DiffSecond DiffKind = "only-second" // row in only the second table
	DiffValue  DiffKind = "value"
)

// Difference is one difference. Its fields hold subject data.
type Difference struct {
	Kind     DiffKind `json:"kind"`
	Key      []string `json:"key,omitempty"` // values of the key, or the number of the row if there is no key
	Variable string   `json:"variable,omitempty"`
	First    string   `json:"first,omitempty"`
	Second   string   `json:"second,omitempty"`
}

// DiffReport is the result of a comparison.
type DiffReport struct {
	Equal       bool         `json:"equal"`
	Key         []string     `json:"key"` // variables by which rows were matched; empty if by order
	FirstRows   int64        `json:"firstRows"`
	SecondRows  int64        `json:"secondRows"`
	Cells       int64        `json:"cells"` // compared
	Count       int64        `json:"count"` // of differences
	Differences []Difference `json:"differences"`
}

// String returns one line with the result of the comparison. It contains no values of the data.
func (r *DiffReport) String() string {
	if r.Equal {
		return fmt.Sprintf("equal: %d rows, %d values compared", r.FirstRows, r.Cells)
	}
	return fmt.Sprintf("%d %s: %d and %d rows, %d values compared", r.Count, pick(r.Count == 1, "difference", "differences"), r.FirstRows, r.SecondRows, r.Cells)
}

// Diff compares two tables by key. Equal numbers are equal in every format, and so are a numeric
// date and the same date in ISO 8601; two decimals are compared as written, so that 70.50 is not
// 70.5. If one of the tables is XPORT, trailing blanks are ignored and an empty text is missing. The
// order of variables is ignored, and with a key so is the order of rows. Memory does not grow with
// the rows.
func Diff(ctx context.Context, first, second Source, o DiffOptions) (*DiffReport, error) {
	if err := errors.Join(argument.Required("cdisc.Diff", "first", first), argument.Required("cdisc.Diff", "second", second)); err != nil {
		return nil, err
	}
	if o.Limit <= 0 {
		o.Limit = 20
	}
	d := &differ{a: first.Dataset(), b: second.Dataset(), o: o, report: &DiffReport{Differences: []Difference{}}}
	d.loose = isXPT(first) || isXPT(second)
	if err := d.match(); err != nil {
		return nil, err
	}
	if err := d.compare(ctx, first, second); err != nil {
		return nil, fail("compare", "", err)
	}
	d.report.Equal = d.report.Count == 0
	return d.report, nil
}

func isXPT(src Source) bool {
	file, ok := src.(interface{ Format() Format })
	return ok && file.Format().isXPT()
}

// differ is one comparison.
type differ struct {
	a, b   Dataset
	o      DiffOptions
	loose  bool
	pairs  []columnPair
	keys   []int // indexes of pairs
	types  []Type
	report *DiffReport

	keyX, keyY sortKey
}

// columnPair is a variable that both tables have.
type columnPair struct {
	name         string
	a, b         int
	typeA, typeB Type
}

func (d *differ) differs(x Difference) {
	d.report.Count++
	if len(d.report.Differences) < d.o.Limit {
		d.report.Differences = append(d.report.Differences, x)
	}
}

// match pairs the variables and compares what the tables say about them.
func (d *differ) match() error {
	if !strings.EqualFold(d.a.Name, d.b.Name) || !d.sameLabel(d.a.Label, d.b.Label) {
		d.differs(Difference{Kind: DiffDataset, First: d.a.Name + " " + d.a.Label, Second: d.b.Name + " " + d.b.Label})
	}
	// Files of others can have a name twice: the first is paired with the first.
	byName := map[string][]int{}
	for i, v := range d.b.Variables {
		byName[strings.ToUpper(v.Name)] = append(byName[strings.ToUpper(v.Name)], i)
	}
	paired := map[int]bool{}
	for i, v := range d.a.Variables {
		same := byName[strings.ToUpper(v.Name)]
		if len(same) == 0 {
			d.differs(Difference{Kind: DiffVariable, Variable: v.Name, First: v.Name})
			continue
		}
		byName[strings.ToUpper(v.Name)] = same[1:]
		paired[same[0]] = true
		d.pair(i, same[0])
	}
	for i, v := range d.b.Variables {
		if !paired[i] {
			d.differs(Difference{Kind: DiffVariable, Variable: v.Name, Second: v.Name})
		}
	}
	return d.findKeys()
}

// sameLabel compares labels, in XPORT but for the blanks behind them.
func (d *differ) sameLabel(a, b string) bool {
	if d.loose {
		a, b = strings.TrimRight(a, " "), strings.TrimRight(b, " ")
	}
	return a == b
}

func (d *differ) pair(i, j int) {
	v, w := &d.a.Variables[i], &d.b.Variables[j]
	if !d.sameLabel(v.Label, w.Label) {
		d.differs(Difference{Kind: DiffLabel, Variable: v.Name, First: v.Label, Second: w.Label})
	}
	comparable := v.Type.isNumeric() == w.Type.isNumeric() && (v.Type == Boolean) == (w.Type == Boolean)
	if !comparable || !d.loose && v.Type != w.Type {
		d.differs(Difference{Kind: DiffType, Variable: v.Name, First: v.Type.String(), Second: w.Type.String()})
	}
	if !comparable {
		return
	}
	if v.Type.isNumeric() && !strings.EqualFold(strings.TrimSuffix(v.Format, "."), strings.TrimSuffix(w.Format, ".")) {
		d.differs(Difference{Kind: DiffFormat, Variable: v.Name, First: v.Format, Second: w.Format})
	}
	d.pairs = append(d.pairs, columnPair{v.Name, i, j, v.Type, w.Type})
}

func (d *differ) findKeys() error {
	names := d.o.Key
	for _, table := range []*Dataset{&d.a, &d.b} {
		if len(names) == 0 {
			for _, i := range table.keys() {
				names = append(names, table.Variables[i].Name)
			}
		}
	}
	if len(d.o.Key) == 0 && slices.ContainsFunc(names, func(name string) bool { return !d.hasPair(name) }) {
		names = nil // what differs there is said already
	}
	for _, name := range names {
		at := slices.IndexFunc(d.pairs, func(p columnPair) bool { return strings.EqualFold(p.name, name) })
		if at < 0 {
			return argument.Invalid("cdisc.Diff", "Key", "has "+name+", which is not in both tables as the same type")
		}
		d.keys = append(d.keys, at)
	}
	d.report.Key = append([]string{}, names...)
	if len(names) > 0 && d.o.TempDir == "" {
		return argument.Invalid("cdisc.Diff", "TempDir", "is required when there is a key")
	}
	return nil
}

func (d *differ) hasPair(name string) bool {
	return slices.ContainsFunc(d.pairs, func(p columnPair) bool { return strings.EqualFold(p.name, name) })
}

// compare brings both tables into the order of the key and walks along them.
func (d *differ) compare(ctx context.Context, first, second Source) (err error) {
	var a, b Source = neutral{first, d, true}, neutral{second, d, false}
	d.types = make([]Type, len(d.pairs)) // neutral values have none
	if len(d.keys) > 0 {
		var work string
		if work, err = os.MkdirTemp(d.o.TempDir, temporaryPrefix); err != nil {
			return err
		}
		var closers []*sorted
		defer func() {
			for _, s := range closers {
				err = errors.Join(err, s.Close())
			}
			err = errors.Join(err, os.RemoveAll(work))
		}()
		inOrder := func(src Source) (Source, error) {
			s, err := newSorted(ctx, src, work, d.keys, d.types, sortBytes)
			if err == nil {
				closers = append(closers, s)
			}
			return s, err
		}
		if a, err = inOrder(a); err != nil {
			return err
		}
		if b, err = inOrder(b); err != nil {
			return err
		}
	}
	nextA, stopA := iter.Pull2(a.Rows(ctx))
	defer stopA()
	nextB, stopB := iter.Pull2(b.Rows(ctx))
	defer stopB()
	return d.walk(nextA, nextB)
}

type pull func() (Row, error, bool)

func (d *differ) walk(nextA, nextB pull) error {
	x, err := d.step(nextA, &d.report.FirstRows)
	if err != nil {
		return err
	}
	y, err := d.step(nextB, &d.report.SecondRows)
	for err == nil && (x != nil || y != nil) {
		order := d.order(x, y)
		switch {
		case order < 0:
			d.differs(Difference{Kind: DiffFirst, Key: d.keyText(x, d.report.FirstRows)})
		case order > 0:
			d.differs(Difference{Kind: DiffSecond, Key: d.keyText(y, d.report.SecondRows)})
		default:
			d.cells(x, y)
		}
		var errX, errY error
		if order <= 0 {
			x, errX = d.step(nextA, &d.report.FirstRows)
		}
		if order >= 0 {
			y, errY = d.step(nextB, &d.report.SecondRows)
		}
		err = errors.Join(errX, errY)
	}
	return err
}

// step takes the next row; nil at the end. A row stays valid until the next of the same table.
func (d *differ) step(next pull, n *int64) (Row, error) {
	row, err, ok := next()
	if !ok || err != nil {
		return nil, err
	}
	*n++
	return row, nil
}

func (d *differ) order(x, y Row) int {
	switch {
	case x == nil:
		return 1
	case y == nil:
		return -1
	case len(d.keys) == 0:
		return 0
	}
	d.keyX.set(x, d.keys, d.types)
	d.keyY.set(y, d.keys, d.types)
	return bytes.Compare(d.keyX.bytes, d.keyY.bytes)
}

func (d *differ) cells(x, y Row) {
	for i, p := range d.pairs {
		d.report.Cells++
		if x[i] != y[i] {
			d.differs(Difference{Kind: DiffValue, Key: d.keyText(x, d.report.FirstRows), Variable: p.name, First: valueText(x[i]), Second: valueText(y[i])})
		}
	}
}

func (d *differ) keyText(row Row, number int64) []string {
	if len(d.keys) == 0 {
		return []string{fmt.Sprint(number)}
	}
	var texts []string
	for _, i := range d.keys {
		texts = append(texts, valueText(row[i]))
	}
	return texts
}
