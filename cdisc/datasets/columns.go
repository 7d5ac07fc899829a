package datasets

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/cdisc"
)

// source is a table under names of CDISC.
type source struct {
	table   *table
	dataset cdisc.Dataset
	columns []column // one for each variable
}

// column says where the values of a variable come from.
type column struct {
	at     int                                // the column of the table; -1 for a constant
	value  cdisc.Value                        // the constant
	read   func(arrow.Array, int) cdisc.Value // of a value that is not null
	prefix string                             // before a text
	holds  int                                // the column that is null where the value does not count; 0 for none, which is never that column
}

// Dataset describes the table.
func (s *source) Dataset() cdisc.Dataset { return s.dataset }

// add adds a variable that a column of the table fills.
func (s *source) add(v cdisc.Variable, c column) {
	s.dataset.Variables, s.columns = append(s.dataset.Variables, v), append(s.columns, c)
}

// index is the number of a column, -1 when there is none.
func (t *table) index(name string) int {
	if found := t.schema.FieldIndices(name); len(found) == 1 {
		return found[0]
	}
	return -1
}

// Rows yields the rows in the order of the files.
func (s *source) Rows(ctx context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		row := make(cdisc.Row, len(s.columns))
		for batch, err := range s.table.batches(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range int(batch.NumRows()) {
				s.fill(row, batch, i)
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func (s *source) fill(row cdisc.Row, batch arrow.RecordBatch, i int) {
	for j := range s.columns {
		c := &s.columns[j]
		if c.at < 0 {
			row[j] = c.value
			continue
		}
		values := batch.Column(c.at)
		if values.IsNull(i) || c.holds > 0 && batch.Column(c.holds).IsNull(i) {
			row[j] = cdisc.Value{}
			continue
		}
		row[j] = c.read(values, i)
		if c.prefix != "" {
			text, _ := row[j].Text()
			row[j] = cdisc.Text(c.prefix + text)
		}
	}
}

var errType = errors.New("a column has a type that data sets do not have")

// reading is how values of an Arrow type are read, and as which type. A flag becomes Y and N.
func reading(t arrow.DataType) (typ cdisc.Type, format string, read func(arrow.Array, int) cdisc.Value, err error) {
	switch t := t.(type) {
	case *arrow.StringType:
		return cdisc.Character, "", func(a arrow.Array, i int) cdisc.Value { return cdisc.Text(a.(*array.String).Value(i)) }, nil
	case *arrow.DictionaryType:
		return cdisc.Character, "", readDictionary, nil
	case *arrow.Int64Type:
		return cdisc.WholeNumber, "", func(a arrow.Array, i int) cdisc.Value { return cdisc.Integer(a.(*array.Int64).Value(i)) }, nil
	case *arrow.Float64Type:
		return cdisc.Double, "", func(a arrow.Array, i int) cdisc.Value { return cdisc.Float(a.(*array.Float64).Value(i)) }, nil
	case *arrow.BooleanType:
		return cdisc.Character, "", readFlag, nil
	case *arrow.Date32Type:
		return cdisc.Date, "E8601DA10.", func(a arrow.Array, i int) cdisc.Value { return cdisc.Integer(int64(a.(*array.Date32).Value(i))) }, nil
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond {
			return cdisc.Datetime, "E8601DT19.", func(a arrow.Array, i int) cdisc.Value { return cdisc.Integer(int64(a.(*array.Timestamp).Value(i))) }, nil
		}
	}
	return 0, "", nil, fmt.Errorf("%w: %s", errType, t)
}

func readFlag(a arrow.Array, i int) cdisc.Value {
	if a.(*array.Boolean).Value(i) {
		return cdisc.Text("Y")
	}
	return cdisc.Text("N")
}

func readDictionary(a arrow.Array, i int) cdisc.Value {
	d := a.(*array.Dictionary)
	return cdisc.Text(d.Dictionary().(*array.String).Value(d.GetValueIndex(i)))
}

// utcLabel is what the labels of instants end in: the formats have no zone.
const utcLabel = " (UTC)"
