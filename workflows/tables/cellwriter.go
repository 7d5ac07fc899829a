package tables

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
)

// cellWriter builds the arrays of one column.
type cellWriter interface {
	// write appends the cell, or nothing and says why.
	write(c cell) Reason
	// skip appends n nulls.
	skip(n int)
	// arrays appends the arrays of the column's fields, and leaves the writer empty.
	arrays(to []arrow.Array) []arrow.Array
	// textBytes is how much text was written.
	textBytes() int
	release()
}

// newCellWriter returns the writer of a column.
func newCellWriter(mem memory.Allocator, c *Column, r room) cellWriter {
	switch c.Type {
	case TypeFloat64:
		return &floatWriter{newFixedBuilder[float64](mem, arrow.PrimitiveTypes.Float64, r)}
	case TypeDate:
		return newDateWriter(mem, r)
	case TypeInt64:
		return &intWriter{newFixedBuilder[int64](mem, arrow.PrimitiveTypes.Int64, r)}
	case TypeDate32:
		return &dayWriter{newFixedBuilder[arrow.Date32](mem, dayType, r)}
	case TypeTimestamp:
		return &timestampWriter{newFixedBuilder[arrow.Timestamp](mem, localTimeType, r), c.Layout}
	case TypeText:
		return &textWriter{newTextBuilder(mem, r)}
	}
	b := arrowBuilder{newBuilder(mem, c, c.Type.dataTypes()[0])}
	b.reserve(r)
	if c.Type == TypeBool {
		return boolWriter{b, b.Builder.(*array.BooleanBuilder)}
	}
	return dictionaryWriter{b, b.Builder.(*array.BinaryDictionaryBuilder)}
}

// arrowBuilder is what writers have in common that use one of Arrow's builders.
type arrowBuilder struct{ array.Builder }

func (b arrowBuilder) reserve(r room) { b.Reserve(r.rows) }

func (b arrowBuilder) skip(n int) { b.AppendNulls(n) }

func (b arrowBuilder) newArray() arrow.Array { return b.NewArray() }

func (b arrowBuilder) arrays(to []arrow.Array) []arrow.Array { return append(to, b.NewArray()) }

func (b arrowBuilder) textBytes() int { return 0 }

func (b arrowBuilder) release() { b.Release() }

type textWriter struct{ textBuilder }

func (w *textWriter) write(c cell) Reason {
	w.append(c.text)
	return ""
}

func (w *textWriter) arrays(to []arrow.Array) []arrow.Array { return append(to, w.newArray()) }

type floatWriter struct{ fixedBuilder[float64] }

func (w *floatWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	f, accuracy := n.Float64()
	if accuracy != imednet.Exact {
		return ReasonInexact
	}
	w.append(f)
	return ""
}

func (w *floatWriter) arrays(to []arrow.Array) []arrow.Array { return append(to, w.newArray()) }

type intWriter struct{ fixedBuilder[int64] }

func (w *intWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	v, accuracy := n.Int64()
	if accuracy != imednet.Exact {
		return ReasonNotInt64
	}
	w.append(v)
	return ""
}

func (w *intWriter) arrays(to []arrow.Array) []arrow.Array { return append(to, w.newArray()) }

// dateWriter writes the text as entered, the day and the precision.
type dateWriter struct {
	text      textBuilder
	day       fixedBuilder[arrow.Date32]
	precision textBuilder
}

func newDateWriter(mem memory.Allocator, r room) *dateWriter {
	return &dateWriter{
		text:      newTextBuilder(mem, r),
		day:       newFixedBuilder[arrow.Date32](mem, dayType, r),
		precision: newTextBuilder(mem, room{r.rows, r.rows * len(imednet.PrecisionDay)}),
	}
}

func (w *dateWriter) write(c cell) Reason {
	d, _ := imednet.ParsePartialDate(c.text) // text that is no date has the precision unknown
	w.text.append(c.text)
	w.precision.appendString(string(d.Precision()))
	if day, ok := d.Date(); ok {
		w.day.append(dayOf(day))
	} else {
		w.day.skip(1)
	}
	return ""
}

func (w *dateWriter) skip(n int) {
	w.text.skip(n)
	w.day.skip(n)
	w.precision.skip(n)
}

func (w *dateWriter) arrays(to []arrow.Array) []arrow.Array {
	return append(to, w.text.newArray(), w.day.newArray(), w.precision.newArray())
}

func (w *dateWriter) textBytes() int { return w.text.used }

func (w *dateWriter) release() {
	w.text.release()
	w.day.release()
	w.precision.release()
}

const secondsOfDay = 24 * 60 * 60

func dayOf(d imednet.Date) arrow.Date32 { return arrow.Date32(d.Time().Unix() / secondsOfDay) }

type dayWriter struct{ fixedBuilder[arrow.Date32] }

func (w *dayWriter) write(c cell) Reason {
	day, err := imednet.ParseDate(string(c.text))
	if err != nil {
		return ReasonNotDate
	}
	w.append(dayOf(day))
	return ""
}

func (w *dayWriter) arrays(to []arrow.Array) []arrow.Array { return append(to, w.newArray()) }

type timestampWriter struct {
	fixedBuilder[arrow.Timestamp]
	layout string
}

func (w *timestampWriter) write(c cell) Reason {
	t, err := time.Parse(w.layout, string(c.text))
	if err != nil || t.Format(w.layout) != string(c.text) {
		return ReasonNotDate
	}
	w.append(arrow.Timestamp(t.UnixMicro()))
	return ""
}

func (w *timestampWriter) arrays(to []arrow.Array) []arrow.Array { return append(to, w.newArray()) }

type boolWriter struct {
	arrowBuilder
	b *array.BooleanBuilder
}

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

type dictionaryWriter struct {
	arrowBuilder
	b *array.BinaryDictionaryBuilder
}

func (w dictionaryWriter) write(c cell) Reason {
	if err := w.b.Append(c.text); err != nil {
		return ReasonDictionaryFull
	}
	return ""
}
