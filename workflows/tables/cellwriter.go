package tables

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet"
)

// cellWriter appends to the builders of one column. write appends the cell, or nothing and says
// why; skip appends n nulls.
type cellWriter interface {
	write(c cell) Reason
	skip(n int)
}

// newCellWriter returns the writer for a column whose fields have these builders.
func newCellWriter(c *Column, builders []array.Builder) cellWriter {
	switch c.Type {
	case TypeFloat64:
		return floatWriter{builders[0].(*array.Float64Builder)}
	case TypeDate:
		return dateWriter{builders[0].(*array.StringBuilder), builders[1].(*array.Date32Builder), builders[2].(*array.StringBuilder)}
	case TypeInt64:
		return intWriter{builders[0].(*array.Int64Builder)}
	case TypeDate32:
		return dayWriter{builders[0].(*array.Date32Builder)}
	case TypeTimestamp:
		return timestampWriter{builders[0].(*array.TimestampBuilder), c.Layout}
	case TypeBool:
		return boolWriter{builders[0].(*array.BooleanBuilder)}
	case TypeDictionary:
		return dictionaryWriter{builders[0].(*array.BinaryDictionaryBuilder)}
	}
	return textWriter{builders[0].(*array.StringBuilder)}
}

type textWriter struct{ b *array.StringBuilder }

func (w textWriter) write(c cell) Reason {
	w.b.BinaryBuilder.Append(c.text)
	return ""
}

func (w textWriter) skip(n int) { w.b.AppendNulls(n) }

type floatWriter struct{ b *array.Float64Builder }

func (w floatWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	f, accuracy := n.Float64()
	if accuracy != imednet.Exact {
		return ReasonInexact
	}
	w.b.Append(f)
	return ""
}

func (w floatWriter) skip(n int) { w.b.AppendNulls(n) }

type intWriter struct{ b *array.Int64Builder }

func (w intWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	v, accuracy := n.Int64()
	if accuracy != imednet.Exact {
		return ReasonNotInt64
	}
	w.b.Append(v)
	return ""
}

func (w intWriter) skip(n int) { w.b.AppendNulls(n) }

type dateWriter struct {
	text      *array.StringBuilder
	day       *array.Date32Builder
	precision *array.StringBuilder
}

func (w dateWriter) write(c cell) Reason {
	d, _ := imednet.ParsePartialDate(c.text) // text that is no date has the precision unknown
	w.text.BinaryBuilder.Append(c.text)
	w.precision.Append(string(d.Precision()))
	if day, ok := d.Date(); ok {
		w.day.Append(arrow.Date32FromTime(day.Time()))
	} else {
		w.day.AppendNull()
	}
	return ""
}

func (w dateWriter) skip(n int) {
	w.text.AppendNulls(n)
	w.day.AppendNulls(n)
	w.precision.AppendNulls(n)
}

type dayWriter struct{ b *array.Date32Builder }

func (w dayWriter) write(c cell) Reason {
	day, err := imednet.ParseDate(string(c.text))
	if err != nil {
		return ReasonNotDate
	}
	w.b.Append(arrow.Date32FromTime(day.Time()))
	return ""
}

func (w dayWriter) skip(n int) { w.b.AppendNulls(n) }

type timestampWriter struct {
	b      *array.TimestampBuilder
	layout string
}

func (w timestampWriter) write(c cell) Reason {
	t, err := time.Parse(w.layout, string(c.text))
	if err != nil || t.Format(w.layout) != string(c.text) {
		return ReasonNotDate
	}
	w.b.Append(arrow.Timestamp(t.UnixMicro()))
	return ""
}

func (w timestampWriter) skip(n int) { w.b.AppendNulls(n) }

type boolWriter struct{ b *array.BooleanBuilder }

func (w boolWriter) write(c cell) Reason {
	switch string(c.text) {
	case "true":
		w.b.Append(true)
	case "false":
		w.b.Append(false)
	default:
		return ReasonNotBool
	}
	return ""
}

func (w boolWriter) skip(n int) { w.b.AppendNulls(n) }

type dictionaryWriter struct {
	b *array.BinaryDictionaryBuilder
}

func (w dictionaryWriter) write(c cell) Reason {
	if err := w.b.Append(c.text); err != nil {
		return ReasonDictionaryFull
	}
	return ""
}

func (w dictionaryWriter) skip(n int) { w.b.AppendNulls(n) }
