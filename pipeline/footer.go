package pipeline

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
)

// footerWriter adds the key-value metadata to the footer of a Parquet file on its way to the file. The
// library would copy them, and the Arrow schema of a wide table is most of the footer.
//
// A footer is a structure in Thrift's compact protocol, whose fields have numbers and no order, followed
// by its length and the magic bytes. The metadata become its last field.
type footerWriter struct {
	out   io.Writer
	pairs []keyValue
	parts int // of the footer written; 0 before the footer
	size  int // of the library's footer
	added int
}

// keyValue is an entry of the metadata. base64 has the value written in that encoding.
type keyValue struct {
	key    string
	value  []byte
	base64 bool
}

// magic are the last bytes of a file.
const magic = "PAR1"

// begin says that the next write is the footer.
func (w *footerWriter) begin() { w.parts = 1 }

var errFooter = errors.New("the Parquet library writes the end of a file in another way than this program knows")

// Write implements io.Writer.
func (w *footerWriter) Write(p []byte) (int, error) {
	switch w.parts {
	case 0:
		return w.out.Write(p)
	case 1:
		if len(p) == 0 || p[len(p)-1] != 0 { // the end of the structure
			return 0, errFooter
		}
		w.size = len(p)
		if _, err := w.out.Write(p[:len(p)-1]); err != nil {
			return 0, err
		}
		if err := w.writeMetadata(); err != nil {
			return 0, err
		}
	case 2:
		if len(p) != 4 || int(binary.LittleEndian.Uint32(p)) != w.size {
			return 0, errFooter
		}
		if _, err := w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(w.size+w.added))); err != nil {
			return 0, err
		}
	case 3:
		if string(p) != magic {
			return 0, errFooter
		}
		if _, err := w.out.Write(p); err != nil {
			return 0, err
		}
	default:
		return 0, errFooter
	}
	w.parts++
	return len(p), nil
}

// end says that there are no more writes.
func (w *footerWriter) end() error {
	if w.parts != 4 {
		return errFooter
	}
	return nil
}

// Types and numbers of the compact protocol.
const (
	thriftList     = 0x09
	thriftStruct   = 0x0c
	thriftString   = 0x18 // of the field after the last
	thriftStop     = 0x00
	metadataField  = 5 << 1 // in zigzag
	longListHeader = 0xf0
)

// writeMetadata writes the field of the metadata and the end of the structure.
func (w *footerWriter) writeMetadata() error {
	counter := &countingWriter{out: w.out}
	out := bufio.NewWriter(counter)
	_, _ = out.Write([]byte{thriftList, metadataField, longListHeader | thriftStruct})
	_, _ = out.Write(binary.AppendUvarint(nil, uint64(len(w.pairs))))
	for _, p := range w.pairs {
		p.writeTo(out)
	}
	_ = out.WriteByte(thriftStop)
	err := out.Flush() // which returns the errors of all
	w.added = counter.size - 1
	return err
}

func (p keyValue) writeTo(out *bufio.Writer) {
	size := len(p.value)
	if p.base64 {
		size = base64.StdEncoding.EncodedLen(size)
	}
	_ = out.WriteByte(thriftString)
	_, _ = out.Write(binary.AppendUvarint(nil, uint64(len(p.key))))
	_, _ = out.WriteString(p.key)
	_ = out.WriteByte(thriftString)
	_, _ = out.Write(binary.AppendUvarint(nil, uint64(size)))
	if p.base64 {
		encoder := base64.NewEncoder(base64.StdEncoding, out)
		_, _ = encoder.Write(p.value)
		_ = encoder.Close()
	} else {
		_, _ = out.Write(p.value)
	}
	_ = out.WriteByte(thriftStop)
}

type countingWriter struct {
	out  io.Writer
	size int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.size += n
	return n, err
}
