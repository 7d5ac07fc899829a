package postgres

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/imednetgo/imednet/cache"
)

// copyRows copies rows to a table in one round trip, in the server's binary format.
func (c connection) copyRows(ctx context.Context, rows *cache.CopiedRows) (driver.Result, error) {
	if c.now.secured {
		return nil, cache.ErrNotCopied
	}
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	conn := c.pgx.Conn()
	statement := `COPY ` + pgx.Identifier{rows.Table}.Sanitize() + ` (` + strings.Join(rows.Columns, ", ") + `) FROM STDIN (FORMAT binary)`
	tag, err := conn.PgConn().CopyFrom(ctx, &copyReader{CopiedRows: rows, types: conn.TypeMap()}, statement)
	return driver.RowsAffected(tag.RowsAffected()), c.fault(err)
}

// copyReader writes rows in the format of COPY as they are read.
type copyReader struct {
	*cache.CopiedRows
	types  *pgtype.Map
	begun  bool
	ended  bool
	row    int
	values []any
	ready  []byte // written and not read
	buffer []byte
}

// copyChunk is how many bytes are made ready at a time.
const copyChunk = 64 << 10

// Read is part of io.Reader.
func (r *copyReader) Read(p []byte) (n int, err error) {
	if len(r.ready) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n = copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

func (r *copyReader) fill() (err error) {
	b := r.buffer[:0]
	if !r.begun {
		b = append(b, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
		r.begun = true
	}
	for ; r.row < r.Rows && len(b) < copyChunk; r.row++ {
		if b, err = r.appendRow(b); err != nil {
			return err
		}
	}
	if r.row == r.Rows {
		b = append(b, 0xff, 0xff)
		r.ended = true
	}
	r.buffer, r.ready = b, b
	return nil
}

func (r *copyReader) appendRow(b []byte) (_ []byte, err error) {
	r.values = r.Values(r.values[:0], r.row)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Columns))) //nolint:gosec // a table has at most 1,600
	for i, v := range r.values {
		at := len(b)
		b = append(b, 0xff, 0xff, 0xff, 0xff) // the length of NULL
		if v == nil {
			continue
		}
		if b, err = r.appendValue(b, r.Kinds[i], v); err != nil {
			return nil, err
		}
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4)) //nolint:gosec // the server takes at most 1 GB
	}
	return b, nil
}

// appendValue writes a value of one of the kinds of columns that a mirror has.
func (r *copyReader) appendValue(b []byte, kind string, v any) ([]byte, error) {
	if truth, ok := v.(bool); ok {
		v = map[bool]int64{true: 1}[truth]
	}
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	switch v := v.(type) {
	case string:
		if kind == "text" || kind == "bytea" {
			return append(b, v...), nil
		}
	case []byte:
		if kind == "bytea" {
			return append(b, v...), nil
		}
	case int64:
		switch kind {
		case "bigint":
			return binary.BigEndian.AppendUint64(b, uint64(v)), nil //nolint:gosec // two's complement is the format
		case "numeric":
			return appendNumeric(b, v), nil
		}
	case float64:
		if kind == "numeric" {
			return r.types.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, v, b)
		}
	}
	return nil, fmt.Errorf("a column of kind %s does not take a %T", kind, v)
}

// appendNumeric writes a whole number as numeric has it: by digits to the base of 10,000, of which zeros at the end
// are left out.
func appendNumeric(b []byte, v int64) []byte {
	const base = 10_000
	rest, sign := uint64(v), uint16(0) //nolint:gosec // a negative one is negated below
	if v < 0 {
		rest, sign = -rest, 0x4000
	}
	var digits [5]uint16 // the least first
	n, zeros := 0, 0
	for ; rest > 0; rest /= base {
		digits[n] = uint16(rest % base) //nolint:gosec // below the base
		if n++; digits[n-1] == 0 && zeros == n-1 {
			zeros = n
		}
	}
	weight := max(n-1, 0)
	for _, field := range []uint16{uint16(n - zeros), uint16(weight), sign, 0} { //nolint:gosec // at most 5
		b = binary.BigEndian.AppendUint16(b, field)
	}
	for i := n - 1; i >= zeros; i-- {
		b = binary.BigEndian.AppendUint16(b, digits[i])
	}
	return b
}
