package pipeline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/stretchr/testify/require"
)

// The end of a file is changed on its way only if it comes as a footer, its length and the magic bytes.
// Everything else would make a file that readers refuse, or read wrongly.
func TestFooterRefusals(t *testing.T) {
	footer := []byte{0x15, 0x02, 0x00}
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(footer)))
	magic := []byte("PAR1")
	for name, writes := range map[string][][]byte{
		"nothing":                        {},
		"an empty footer":                {{}, {0, 0, 0, 0}, magic},
		"a footer without its end":       {footer[:2], {2, 0, 0, 0}, magic},
		"a footer in two parts":          {{0x15, 0x00}, {0x02, 0x00}, length, magic},
		"a part as long as a length":     {{0x15, 0x00}, {0x15, 0x00, 0x15, 0x00}, length, magic},
		"a footer with its length":       {append(bytes.Clone(footer), length...), magic},
		"everything at once":             {bytes.Join([][]byte{footer, length, magic}, nil)},
		"no length":                      {footer, magic},
		"another length":                 {footer, {4, 0, 0, 0}, magic},
		"a length of the other order":    {footer, {0, 0, 0, 3}, magic},
		"a length of eight bytes":        {footer, {3, 0, 0, 0, 0, 0, 0, 0}, magic},
		"a length with the magic bytes":  {footer, append(bytes.Clone(length), magic...)},
		"no magic bytes":                 {footer, length},
		"the magic bytes of encryption":  {footer, length, []byte("PARE")},
		"the magic bytes in two parts":   {footer, length, magic[:2], magic[2:]},
		"something after the magic":      {footer, length, magic, {0}},
		"a footer that is written again": {footer, length, magic, footer, length, magic},
	} {
		t.Run(name, func(t *testing.T) {
			w := &footerWriter{out: &bytes.Buffer{}}
			w.begin()
			var err error
			for _, p := range writes {
				if err == nil {
					_, err = w.Write(p)
				}
			}
			require.ErrorIs(t, errors.Join(err, w.end()), errFooter)
		})
	}
}

// The library's own footer is none of these.
func TestFooterOfTheLibrary(t *testing.T) {
	metadata := arrow.NewMetadata([]string{"studyKey", "é", "empty"}, []string{"S\x00", "\U0001F600", ""})
	shape, err := newParquetShape(arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64}}, &metadata))
	require.NoError(t, err)
	var out bytes.Buffer
	w, err := newParquetWriter(shape, nil, &out)
	require.NoError(t, err)
	require.NoError(t, w.close())
	in, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	defer in.Close()
	for i, key := range metadata.Keys() {
		value := in.MetaData().KeyValueMetadata().FindValue(key)
		require.NotNil(t, value, key)
		require.Equal(t, metadata.Values()[i], *value)
	}
}

// fullAfter is a disk that takes so many more writes.
type fullAfter int

var errFull = errors.New("no space left on device")

func (f *fullAfter) Write(p []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFooterOnAFullDisk(t *testing.T) {
	shape, err := newParquetShape(arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64}}, nil))
	require.NoError(t, err)
	for writes := 0; ; writes++ {
		disk := fullAfter(writes)
		w, err := newParquetWriter(shape, nil, &disk)
		if err == nil {
			err = w.close()
		}
		if err == nil {
			require.Equal(t, 5, writes) // the magic bytes, footer, metadata, length, the magic bytes
			return
		}
		require.ErrorIs(t, err, errFull)
	}
}
