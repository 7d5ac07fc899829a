package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sort"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/thrift/lib/go/thrift"
)

// parquetFile is a Parquet file around the columns that arrow-go's column writers encode. The library's own
// writer of files keeps several objects for every column of every row group, and at the end makes the footer
// and three further schemas of them in memory: for a table of 100,000 columns most of what an export takes.
// Here a column's description is kept as the bytes that stand in the footer.
type parquetFile struct {
	out        *tellingWriter
	shape      *parquetShape
	properties *parquet.WriterProperties
	pages      file.PageWriter
	serializer *thrift.TSerializer
	described  pile // the row groups as they stand in the footer
	groups     int
	rows       int64

	open  columnChunk                          // the zero value between columns
	last  *metadata.ColumnChunkMetaDataBuilder // of the column before
	next  int                                  // column of the open row group
	group groupTotals
}

// columnChunk is a column of a row group that is being written.
type columnChunk struct {
	writer file.ColumnChunkWriter
	about  *metadata.ColumnChunkMetaDataBuilder
}

// copiedColumn is a column that was written, to be written again under other names.
type copiedColumn struct {
	pages []byte
	about *metadata.ColumnChunkMetaDataBuilder
}

// groupTotals is what the footer says of a row group besides its columns.
type groupTotals struct{ rows, start, plain, compressed int64 }

// magic are the first and the last bytes of a file.
const magic = "PAR1"

func newParquetFile(out io.Writer, shape *parquetShape, properties *parquet.WriterProperties) (*parquetFile, error) {
	buffer := thrift.NewTMemoryBufferLen(1 << 10)
	f := &parquetFile{
		out: &tellingWriter{out: out}, shape: shape, properties: properties,
		serializer: &thrift.TSerializer{Transport: buffer, Protocol: thrift.NewTCompactProtocolConf(buffer, nil)},
	}
	_, err := f.out.Write([]byte(magic))
	return f, err
}

// beginGroup begins a row group, whose columns follow in order.
func (f *parquetFile) beginGroup(rows int) {
	f.next, f.group = 0, groupTotals{rows: int64(rows)}
	f.described.add(appendStructs(appendField(nil, 1, compactList), f.shape.columns.NumColumns()))
}

// nextColumn returns the writer of the row group's next column. endColumn completes it.
func (f *parquetFile) nextColumn() (file.ColumnChunkWriter, error) {
	about := metadata.NewColumnChunkMetaDataBuilder(f.properties, f.shape.columns.Column(f.next))
	if err := f.turnPage(about); err != nil {
		return nil, err
	}
	f.open = columnChunk{file.NewColumnChunkWriter(about, f.pages, f.properties), about}
	return f.open.writer, nil
}

// turnPage has the pages that follow belong to a column.
func (f *parquetFile) turnPage(about *metadata.ColumnChunkMetaDataBuilder) (err error) {
	p, path := f.properties, about.Descr().Path()
	codec, level := p.CompressionFor(path), p.CompressionLevelFor(path)
	if f.pages != nil {
		return f.pages.Reset(f.out, codec, level, about, 0, 0, nil, nil) // the ordinals are for encryption
	}
	f.pages, err = file.NewPageWriter(f.out, codec, level, about, 0, 0, p.Allocator(), false, nil, nil)
	return err
}

// endColumn completes the column and keeps its description.
func (f *parquetFile) endColumn() error {
	c := f.open
	f.open = columnChunk{}
	if rows := int64(c.writer.RowsWritten()); rows != f.group.rows {
		return fmt.Errorf("column %d has %d rows in a row group of %d", f.next, rows, f.group.rows)
	}
	if err := c.writer.Close(); err != nil {
		return err
	}
	inOrder(c.about)
	f.last = c.about
	f.count(c.about.Contents().FileOffset, c.about)
	return f.describe(c.about.Contents())
}

// inOrder sorts the counts of a column's pages by encoding, the dictionary's first: the library takes them from a map.
func inOrder(about *metadata.ColumnChunkMetaDataBuilder) {
	counts := about.Contents().MetaData.EncodingStats
	sort.Slice(counts, func(i, j int) bool {
		a, b := counts[i], counts[j]
		return a.PageType > b.PageType || a.PageType == b.PageType && a.Encoding < b.Encoding
	})
}

// copyColumn returns the column that write writes.
func (f *parquetFile) copyColumn(write func() error) (copiedColumn, error) {
	f.out.copy = &bytes.Buffer{}
	defer func() { f.out.copy = nil }()
	err := write()
	return copiedColumn{f.out.copy.Bytes(), f.last}, err
}

// hasDictionary reports whether a column is written with a dictionary.
func (f *parquetFile) hasDictionary(column int) bool {
	return f.properties.DictionaryEnabledFor(f.shape.columns.Column(column).Path())
}

// repeatColumn writes the next column as one of the same type that was written before.
func (f *parquetFile) repeatColumn(c copiedColumn) error {
	start := f.out.Tell()
	if _, err := f.out.Write(c.pages); err != nil {
		return err
	}
	chunk := *c.about.Contents()
	data := *chunk.MetaData
	data.PathInSchema = f.shape.columns.Column(f.next).ColumnPath()
	chunk.FileOffset, data.DataPageOffset, chunk.MetaData = start, start, &data
	f.count(start, c.about)
	return f.describe(&chunk)
}

// count adds a column to the totals of its row group.
func (f *parquetFile) count(start int64, about *metadata.ColumnChunkMetaDataBuilder) {
	if f.next == 0 {
		f.group.start = start
	}
	f.group.plain += about.TotalUncompressedSize()
	f.group.compressed += about.TotalCompressedSize()
}

// describe keeps the description of a column that is complete.
func (f *parquetFile) describe(chunk thrift.TStruct) error {
	description, err := f.serializer.Write(context.Background(), chunk)
	if err != nil {
		return err
	}
	f.described.add(description)
	f.next++
	return nil
}

// endGroup completes the row group.
func (f *parquetFile) endGroup() error {
	if f.next != f.shape.columns.NumColumns() {
		return fmt.Errorf("a row group has %d columns of %d", f.next, f.shape.columns.NumColumns())
	}
	var b []byte
	b = appendNumber(appendField(b, 1, compactI64), f.group.plain)
	b = appendNumber(appendField(b, 1, compactI64), f.group.rows)
	b = appendNumber(appendField(b, 2, compactI64), f.group.start)
	b = appendNumber(appendField(b, 1, compactI64), f.group.compressed)
	b = appendNumber(appendField(b, 1, compactI16), int64(f.groups))
	f.described.add(append(b, compactStop))
	f.groups++
	f.rows += f.group.rows
	return nil
}
