package pipeline

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
)

// keyValue is an entry of a Parquet file's metadata. base64 has the value written in that encoding.
type keyValue struct {
	key    string
	value  []byte
	base64 bool
}

// writeTo writes the entry as the footer has it. out keeps errors.
func (p keyValue) writeTo(out *bufio.Writer) {
	size := len(p.value)
	if p.base64 {
		size = base64.StdEncoding.EncodedLen(size)
	}
	_, _ = out.Write(appendText(appendField(nil, 1, compactText), p.key))
	_, _ = out.Write(binary.AppendUvarint(appendField(nil, 1, compactText), uint64(size)))
	if p.base64 {
		encoder := base64.NewEncoder(base64.StdEncoding, out)
		_, _ = encoder.Write(p.value)
		_ = encoder.Close()
	} else {
		_, _ = out.Write(p.value)
	}
	_ = out.WriteByte(compactStop)
}
