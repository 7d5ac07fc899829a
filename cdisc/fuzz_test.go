package cdisc

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// bytesOfTable takes the parts of a table from bytes, zeros at the end.
type bytesOfTable struct{ data []byte }

func (b *bytesOfTable) next() byte {
	if len(b.data) == 0 {
		return 0
	}
	first := b.data[0]
	b.data = b.data[1:]
	return first
}

func (b *bytesOfTable) number() uint64 {
	var eight [8]byte
	b.data = b.data[copy(eight[:], b.data):]
	return binary.LittleEndian.Uint64(eight[:])
}

func (b *bytesOfTable) text() string {
	size := min(int(b.next()), len(b.data))
	text := string(b.data[:size])
	b.data = b.data[size:]
	return text
}

func (b *bytesOfTable) value(t Type) Value {
	if b.next()%5 == 0 {
		return Value{}
	}
	switch t {
	case WholeNumber, Date, Datetime, Time:
		return Integer(int64(b.number()) >> (b.next() % 64))
	case Double:
		return Float(math.Float64frombits(b.number()))
	case Boolean:
		return Bool(b.next()%2 == 0)
	}
	return Text(b.text())
}

func (b *bytesOfTable) table() memory {
	m := memory{dataset: Dataset{Name: "T", Label: b.text(), Encoding: []Encoding{UTF8, ASCII, Latin1, Windows1252}[b.next()%4]}}
	for i := range int(b.next()%6) + 1 {
		v := Variable{Name: "V" + string(rune('A'+i)), Type: Type(b.next()%byte(Boolean)) + Character}
		if b.next()%4 == 0 {
			v.Label = b.text()
		}
		m.dataset.Variables = append(m.dataset.Variables, v)
	}
	for range int(b.next() % 20) {
		var row Row
		for _, v := range m.dataset.Variables {
			row = append(row, b.value(v.Type))
		}
		m.rows = append(m.rows, row)
	}
	return m
}

// asJSON is what Dataset-JSON gives back of a row: the same but for the sign of zero.
func asJSON(row Row) Row {
	out := append(Row(nil), row...)
	for i, v := range out {
		if v.kind == floatValue && v.bits<<1 == 0 {
			out[i] = Float(0)
		}
	}
	return out
}

// FuzzTables writes tables of all types in every format. What the survey calls fit is written and reads
// as it was; what it does not is refused before the first byte.
func FuzzTables(f *testing.F) {
	f.Add([]byte("\x05label\x00\x05\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0atext and more text"))
	f.Add(bytes.Repeat([]byte{3, 1, 4, 1, 5, 9, 2, 6, 0xc3, 0xa9}, 40))
	f.Add(bytes.Repeat([]byte("HEADER RECORD*******"), 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := (&bytesOfTable{data}).table()
		s := surveyed(t, src)
		for _, format := range []Format{XPT5, XPT8, JSON, NDJSON, DSJC} {
			checkTable(t, src, s, format)
		}
		_, err := NewSurvey(context.Background(), src)
		require.NoError(t, err)
	})
}

func checkTable(t *testing.T, src memory, s *Survey, format Format) {
	var b bytes.Buffer
	err := WriteDatasetJSON(context.Background(), &b, src, s, JSONOptions{Format: format, Created: made})
	if format.isXPT() {
		err = WriteXPT(context.Background(), &b, src, s, XPTOptions{Format: format, Created: made})
	}
	if err != nil {
		var unfit *UnfitError
		require.ErrorAs(t, err, &unfit)
		if unfit.Problems[0].Message != headerMessage {
			require.NotEmpty(t, s.Problems(format))
			require.Zero(t, b.Len())
		}
		return
	}
	if !format.isXPT() {
		back, err := readJSON(b.Bytes())
		require.NoError(t, err)
		require.Len(t, back.rows, len(src.rows))
		for i := range src.rows {
			for j, v := range asJSON(src.rows[i]) {
				require.Equal(t, v, back.rows[i][j], "%s %s", format, src.dataset.Variables[j].Type)
			}
		}
		return
	}
	r, err := NewXPTReader(bytes.NewReader(b.Bytes()), WithEncoding(src.dataset.Encoding))
	require.NoError(t, err)
	back, err := readAll(r)
	require.NoError(t, err)
	require.Len(t, back.rows, len(src.rows))
	for i := range src.rows {
		require.Equal(t, asXPT(src.dataset, src.rows[i]), back.rows[i])
	}
}
