package pipeline

import (
	"bufio"
	"encoding/binary"
)

// parquetVersion is that of the format: 2 has encodings beyond the first ones.
const parquetVersion = 2

// close writes the end of the file: the footer, its length and the magic bytes.
func (f *parquetFile) close() error {
	start := f.out.Tell()
	if err := f.writeFooter(); err != nil {
		return err
	}
	end := binary.LittleEndian.AppendUint32(nil, uint32(f.out.Tell()-start))
	_, err := f.out.Write(append(end, magic...))
	return err
}

func (f *parquetFile) writeFooter() error {
	out := bufio.NewWriter(f.out)
	var b []byte
	b = appendNumber(appendField(b, 1, compactI32), parquetVersion)
	b = appendStructs(appendField(b, 1, compactList), f.shape.elements)
	_, _ = out.Write(b)
	_, _ = out.Write(f.shape.described)
	b = appendNumber(appendField(nil, 1, compactI64), f.rows)
	b = appendStructs(appendField(b, 1, compactList), f.groups)
	_, _ = out.Write(b)
	if err := f.described.writeTo(out); err != nil {
		return err
	}
	_, _ = out.Write(appendStructs(appendField(nil, 1, compactList), len(f.shape.metadata)))
	for _, p := range f.shape.metadata {
		p.writeTo(out)
	}
	b = appendText(appendField(nil, 1, compactText), f.properties.CreatedBy())
	b = appendStructs(appendField(b, 1, compactList), f.shape.columns.NumColumns())
	_, _ = out.Write(b)
	for range f.shape.columns.NumColumns() {
		_, _ = out.Write(typeOrder)
	}
	_ = out.WriteByte(compactStop)
	return out.Flush() // which returns the errors of all
}

// typeOrder says that the bounds of a column are by the order of its type: a union whose first field is a
// structure without fields.
var typeOrder = []byte{1<<4 | compactStruct, compactStop, compactStop}
