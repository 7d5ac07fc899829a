package lake

import (
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet"
)

var instant = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}

func textField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
}

func wholeField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Nullable: true}
}

func flagField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Boolean, Nullable: true}
}

func timeField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: instant, Nullable: true}
}

func rawField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.BinaryTypes.Binary, Nullable: true}
}

func keyField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64}
}

func appendText(b array.Builder, v string, known bool) {
	if known {
		b.(*array.StringBuilder).Append(strings.ToValidUTF8(v, "\uFFFD"))
	} else {
		b.AppendNull()
	}
}

func appendTime(b array.Builder, v time.Time, known bool) {
	if known {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMicro()))
	} else {
		b.AppendNull()
	}
}

// appendOpt appends a member of a row: null if it is absent, null or of another type than documented,
// in which case the row's own JSON has it.
func appendOpt[T imednet.Scalar](b array.Builder, o imednet.Opt[T]) {
	v, known := o.Get()
	switch v := any(v).(type) {
	case string:
		appendText(b, v, known)
	case imednet.Time:
		appendTime(b, v.Time, known)
	case int64:
		appendWhole(b, v, known)
	case bool:
		if known {
			b.(*array.BooleanBuilder).Append(v)
			return
		}
		b.AppendNull()
	}
}

func appendWhole(b array.Builder, v int64, known bool) {
	if known {
		b.(*array.Int64Builder).Append(v)
		return
	}
	b.AppendNull()
}
