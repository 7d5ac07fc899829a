package pipeline

import (
	"bytes"
	"context"
	"fmt"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	ipc18 "github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/thrift/lib/go/thrift"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// parquetShape is what all Parquet files of one schema have in common.
type parquetShape struct {
	schema    *arrow.Schema
	names     []string
	types     []arrow18.DataType
	begins    [][]string // what the dictionary of a column begins with; nil for any
	kinds     []int      // of the columns, equal for those of one type, nullable or not
	columns   *pqschema.Schema
	elements  int        // of the Parquet schema: the columns, and what they are in
	described []byte     // the elements as they stand in the footer
	metadata  []keyValue // of the schema, and the Arrow schema itself
}

func newParquetShape(schema *arrow.Schema) (*parquetShape, error) {
	schema18, err := arrowbridge.Schema(schema)
	if err != nil {
		return nil, err
	}
	properties := parquet.NewWriterProperties(parquetSettings()...)
	pq, err := pqarrow.ToParquet(schema18, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	s := &parquetShape{schema: schema, columns: pq}
	if err := s.describe(); err != nil {
		return nil, err
	}
	kinds := map[string]int{}
	for i := range schema18.NumFields() {
		f := schema18.Field(i)
		kind := fmt.Sprint(f.Type, f.Nullable)
		if _, known := kinds[kind]; !known {
			kinds[kind] = len(kinds)
		}
		s.names, s.types, s.kinds = append(s.names, f.Name), append(s.types, f.Type), append(s.kinds, kinds[kind])
		s.begins = append(s.begins, declaredValues(schema.Field(i)))
	}
	meta := schema18.Metadata()
	for i, key := range meta.Keys() {
		s.metadata = append(s.metadata, keyValue{key: key, value: []byte(meta.Values()[i])})
	}
	stream, err := schemaStream(schema18)
	if err != nil {
		return nil, err
	}
	s.metadata = append(s.metadata, keyValue{key: "ARROW:schema", value: stream, base64: true})
	return s, nil
}

// describe writes the elements of the Parquet schema.
func (s *parquetShape) describe() error {
	buffer := thrift.NewTMemoryBuffer()
	out := thrift.NewTCompactProtocolConf(buffer, nil)
	for _, element := range pqschema.ToThrift(s.columns.Root()) {
		if err := element.Write(context.Background(), out); err != nil {
			return err
		}
		s.elements++
	}
	s.described = bytes.Clone(buffer.Bytes())
	return nil
}

// schemaStream is the Arrow schema as readers of Parquet look for it: an IPC stream without batches.
func schemaStream(schema *arrow18.Schema) ([]byte, error) {
	var stream bytes.Buffer
	err := ipc18.NewWriter(&stream, ipc18.WithSchema(schema)).Close()
	return bytes.Clone(stream.Bytes()), err
}

// shapes keeps the last shape of each kind, since tables of one schema follow each other.
type shapes struct {
	ofParquet *parquetShape
	ofJSON    *jsonShape
}

func (s *shapes) parquet(schema *arrow.Schema) (*parquetShape, error) {
	if s.ofParquet != nil && s.ofParquet.schema == schema {
		return s.ofParquet, nil
	}
	s.ofParquet = nil // which makes room for the next
	shape, err := newParquetShape(schema)
	if err == nil {
		s.ofParquet = shape
	}
	return shape, err
}

func (s *shapes) json(schema *arrow.Schema) *jsonShape {
	if s.ofJSON == nil || s.ofJSON.schema != schema {
		s.ofJSON = newJSONShape(schema)
	}
	return s.ofJSON
}
