// Package arrowbridge turns batches of Apache Arrow v17 into those of arrow-go v18, and back, without
// copying. Package arrow18 is its public face.
package arrowbridge

import (
	"errors"
	"fmt"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
)

// ErrUnsupportedType means that a column has a type that this package does not convert.
var ErrUnsupportedType = errors.New("unsupported Arrow type")

// flatTypes pairs the types that have no parameters.
var flatTypes = []struct {
	v17 arrow17.DataType
	v18 arrow18.DataType
}{
	{arrow17.Null, arrow18.Null},
	{arrow17.FixedWidthTypes.Boolean, arrow18.FixedWidthTypes.Boolean},
	{arrow17.PrimitiveTypes.Int8, arrow18.PrimitiveTypes.Int8},
	{arrow17.PrimitiveTypes.Int16, arrow18.PrimitiveTypes.Int16},
	{arrow17.PrimitiveTypes.Int32, arrow18.PrimitiveTypes.Int32},
	{arrow17.PrimitiveTypes.Int64, arrow18.PrimitiveTypes.Int64},
	{arrow17.PrimitiveTypes.Uint8, arrow18.PrimitiveTypes.Uint8},
	{arrow17.PrimitiveTypes.Uint16, arrow18.PrimitiveTypes.Uint16},
	{arrow17.PrimitiveTypes.Uint32, arrow18.PrimitiveTypes.Uint32},
	{arrow17.PrimitiveTypes.Uint64, arrow18.PrimitiveTypes.Uint64},
	{arrow17.PrimitiveTypes.Float32, arrow18.PrimitiveTypes.Float32},
	{arrow17.PrimitiveTypes.Float64, arrow18.PrimitiveTypes.Float64},
	{arrow17.BinaryTypes.String, arrow18.BinaryTypes.String},
	{arrow17.BinaryTypes.LargeString, arrow18.BinaryTypes.LargeString},
	{arrow17.BinaryTypes.Binary, arrow18.BinaryTypes.Binary},
	{arrow17.BinaryTypes.LargeBinary, arrow18.BinaryTypes.LargeBinary},
	{arrow17.FixedWidthTypes.Date32, arrow18.FixedWidthTypes.Date32},
	{arrow17.FixedWidthTypes.Date64, arrow18.FixedWidthTypes.Date64},
	{arrow17.FixedWidthTypes.Time32s, arrow18.FixedWidthTypes.Time32s},
	{arrow17.FixedWidthTypes.Time32ms, arrow18.FixedWidthTypes.Time32ms},
	{arrow17.FixedWidthTypes.Time64us, arrow18.FixedWidthTypes.Time64us},
	{arrow17.FixedWidthTypes.Time64ns, arrow18.FixedWidthTypes.Time64ns},
}

// DataType returns the v18 type of a v17 type.
func DataType(typ arrow17.DataType) (arrow18.DataType, error) {
	switch t := typ.(type) {
	case *arrow17.TimestampType:
		return &arrow18.TimestampType{Unit: arrow18.TimeUnit(t.Unit), TimeZone: t.TimeZone}, nil
	case *arrow17.DictionaryType:
		index, err := DataType(t.IndexType)
		if err != nil {
			return nil, err
		}
		value, err := DataType(t.ValueType)
		if err != nil {
			return nil, err
		}
		return &arrow18.DictionaryType{IndexType: index, ValueType: value, Ordered: t.Ordered}, nil
	}
	for _, pair := range flatTypes {
		if arrow17.TypeEqual(pair.v17, typ) {
			return pair.v18, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrUnsupportedType, typ)
}

// FromDataType returns the v17 type of a v18 type.
func FromDataType(typ arrow18.DataType) (arrow17.DataType, error) {
	switch t := typ.(type) {
	case *arrow18.TimestampType:
		return &arrow17.TimestampType{Unit: arrow17.TimeUnit(t.Unit), TimeZone: t.TimeZone}, nil
	case *arrow18.DictionaryType:
		index, err := FromDataType(t.IndexType)
		if err != nil {
			return nil, err
		}
		value, err := FromDataType(t.ValueType)
		if err != nil {
			return nil, err
		}
		return &arrow17.DictionaryType{IndexType: index, ValueType: value, Ordered: t.Ordered}, nil
	}
	for _, pair := range flatTypes {
		if arrow18.TypeEqual(pair.v18, typ) {
			return pair.v17, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrUnsupportedType, typ)
}

// Schema returns the v18 schema of a v17 schema, with its metadata.
func Schema(schema *arrow17.Schema) (*arrow18.Schema, error) {
	fields := make([]arrow18.Field, schema.NumFields())
	for i, f := range schema.Fields() {
		typ, err := DataType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		fields[i] = arrow18.Field{
			Name: f.Name, Type: typ, Nullable: f.Nullable,
			Metadata: arrow18.NewMetadata(f.Metadata.Keys(), f.Metadata.Values()),
		}
	}
	meta := arrow18.NewMetadata(schema.Metadata().Keys(), schema.Metadata().Values())
	return arrow18.NewSchema(fields, &meta), nil
}

// FromSchema returns the v17 schema of a v18 schema, with its metadata.
func FromSchema(schema *arrow18.Schema) (*arrow17.Schema, error) {
	fields := make([]arrow17.Field, schema.NumFields())
	for i, f := range schema.Fields() {
		typ, err := FromDataType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		fields[i] = arrow17.Field{
			Name: f.Name, Type: typ, Nullable: f.Nullable,
			Metadata: arrow17.NewMetadata(f.Metadata.Keys(), f.Metadata.Values()),
		}
	}
	meta := arrow17.NewMetadata(schema.Metadata().Keys(), schema.Metadata().Values())
	return arrow17.NewSchema(fields, &meta), nil
}
