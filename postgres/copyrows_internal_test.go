package postgres

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
)

// TestWholeNumbersAreWrittenAsTheDriverWritesThem compares numeric's binary form.
func TestWholeNumbersAreWrittenAsTheDriverWritesThem(t *testing.T) {
	types := pgtype.NewMap()
	check := func(v int64) {
		want, err := types.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, v, nil)
		require.NoError(t, err)
		var n pgtype.Numeric
		require.NoError(t, types.Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, appendNumeric(nil, v), &n))
		back, err := n.Int64Value()
		require.NoError(t, err)
		require.Equal(t, v, back.Int64)
		require.LessOrEqual(t, len(appendNumeric(nil, v)), len(want), "without zeros at the end")
	}
	for _, v := range []int64{0, 1, -1, 9999, 10_000, -10_000, 10_001, 99_990_000, 100_000_000, 1_000_000_000_000, math.MaxInt64, math.MinInt64, math.MinInt64 + 1} {
		check(v)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		v := rng.Int64() >> rng.IntN(64)
		check(v)
		check(-v)
	}
}

// TestCopiedRowsAreReadInAnyPieces reads rows of several chunks.
func TestCopiedRowsAreReadInAnyPieces(t *testing.T) {
	rows := &cache.CopiedRows{Columns: []string{"a", "b"}, Kinds: []string{"bigint", "bytea"}, Rows: 3000, Values: func(into []any, i int) []any {
		if i%7 == 0 {
			return append(into, i, nil)
		}
		return append(into, int64(i), bytes.Repeat([]byte{byte(i)}, i%100))
	}}
	read := func(through func(io.Reader) io.Reader) []byte {
		all, err := io.ReadAll(through(&copyReader{CopiedRows: rows}))
		require.NoError(t, err)
		return all
	}
	whole := read(func(r io.Reader) io.Reader { return r })
	require.Equal(t, whole, read(iotest.OneByteReader))
	require.Equal(t, whole, read(iotest.DataErrReader))
	rest := whole[19:]
	for i := range rows.Rows {
		require.EqualValues(t, 2, binary.BigEndian.Uint16(rest))
		require.EqualValues(t, i, binary.BigEndian.Uint64(rest[6:]))
		length := int32(binary.BigEndian.Uint32(rest[14:]))
		rest = rest[18:]
		if i%7 == 0 {
			require.EqualValues(t, -1, length)
			continue
		}
		require.EqualValues(t, i%100, length)
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, i%100), rest[:length])
		rest = rest[length:]
	}
	require.Equal(t, []byte{0xff, 0xff}, rest)
	require.Len(t, read(func(io.Reader) io.Reader { return &copyReader{CopiedRows: &cache.CopiedRows{}} }), 21, "no rows")
}

// TestAnErrorOfCopyingShowsNoValue refuses values that a column does not take.
func TestAnErrorOfCopyingShowsNoValue(t *testing.T) {
	for kind, v := range map[string]any{"bigint": "sesame", "text": int64(31415), "bytea": 3.1415, "numeric": []byte("sesame"), "other": "sesame"} {
		_, err := io.ReadAll(&copyReader{CopiedRows: &cache.CopiedRows{Columns: []string{"a"}, Kinds: []string{kind}, Rows: 1, Values: func(into []any, _ int) []any { return append(into, v) }}})
		require.ErrorContains(t, err, "a column of kind "+kind)
		require.NotContains(t, err.Error(), "sesame")
		require.NotContains(t, err.Error(), "1415")
	}
}
