package lake

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
)

// tableSchema is what a table should look like. What a column is (its identity) stays the same when
// it is renamed, so that its field id does too.
type tableSchema struct {
	key     string // column that rows are found by, or ""
	columns []columnSchema
}

type columnSchema struct {
	identity string
	name     string
	typ      iceberg.Type
	doc      string
	required bool
}

// schemaOf makes the schema of a table of Arrow batches. The key is never null.
func schemaOf(s *arrow.Schema, key string) (tableSchema, error) {
	t := tableSchema{key: key}
	for _, f := range s.Fields() {
		typ, err := icebergType(f.Type)
		if err != nil {
			return t, fmt.Errorf("column %q: %w", f.Name, err)
		}
		label, _ := f.Metadata.GetValue("label")
		t.columns = append(t.columns, columnSchema{identityOf(f), f.Name, typ, label, f.Name == key})
	}
	return t, nil
}

// identityOf is the id of a question's variable and the part of its answer, or else a name: that of
// an undeclared key or of a column of the record itself.
func identityOf(f arrow.Field) string {
	part, _ := f.Metadata.GetValue("part")
	if id, ok := f.Metadata.GetValue("variableId"); ok {
		return "variable/" + id + "/" + part
	}
	if name, ok := f.Metadata.GetValue("name"); ok {
		return "key/" + name + "/" + part
	}
	return "field/" + f.Name
}

func icebergType(t arrow.DataType) (iceberg.Type, error) {
	switch t := t.(type) {
	case *arrow.Int32Type:
		return iceberg.PrimitiveTypes.Int32, nil
	case *arrow.Int64Type:
		return iceberg.PrimitiveTypes.Int64, nil
	case *arrow.Float32Type:
		return iceberg.PrimitiveTypes.Float32, nil
	case *arrow.Float64Type:
		return iceberg.PrimitiveTypes.Float64, nil
	case *arrow.BooleanType:
		return iceberg.PrimitiveTypes.Bool, nil
	case *arrow.StringType, *arrow.LargeStringType:
		return iceberg.PrimitiveTypes.String, nil
	case *arrow.BinaryType, *arrow.LargeBinaryType:
		return iceberg.PrimitiveTypes.Binary, nil
	case *arrow.Date32Type:
		return iceberg.PrimitiveTypes.Date, nil
	case *arrow.DictionaryType:
		return icebergType(t.ValueType)
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond && t.TimeZone == "" {
			return iceberg.PrimitiveTypes.Timestamp, nil
		}
		if t.Unit == arrow.Microsecond && t.TimeZone == "UTC" {
			return iceberg.PrimitiveTypes.TimestampTz, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrUnsupportedColumn, t)
}

// iceberg is the schema of a new table, with ids in the order of the columns.
func (t tableSchema) iceberg() *iceberg.Schema {
	fields := make([]iceberg.NestedField, len(t.columns))
	for i, c := range t.columns {
		fields[i] = iceberg.NestedField{ID: i + 1, Name: c.name, Type: c.typ, Doc: c.doc, Required: c.required}
	}
	return iceberg.NewSchema(0, fields...)
}

// ids are the field ids of a new table, by what the columns are.
func (t tableSchema) ids() map[string]int {
	ids := map[string]int{}
	for i, c := range t.columns {
		ids[c.identity] = i + 1
	}
	return ids
}
