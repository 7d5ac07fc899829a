package warehouse

import (
	"syscall"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"
)

func TestExplainTellsDuckDBsErrorsApart(t *testing.T) {
	for _, c := range []struct {
		kind duckdb.ErrorType
		text string
		want error
	}{
		{duckdb.ErrorTypeIO, `IO Error: Could not set lock on file "w.duckdb": Conflicting lock is held in PID 7`, ErrBusy},
		{duckdb.ErrorTypeTransaction, "TransactionContext Error: Conflict on update!", ErrBusy},
		{duckdb.ErrorTypeIO, "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 0", ErrDamaged},
		{duckdb.ErrorTypeSerialization, "Serialization Error: Failed to deserialize", ErrDamaged},
		{duckdb.ErrorTypeFatal, `FATAL Error: Failed to commit: Could not write file "w.duckdb": No space left on device`, syscall.ENOSPC},
		{duckdb.ErrorTypeIO, `IO Error: Could not write file "w.duckdb": No space left on device`, syscall.ENOSPC},
		{duckdb.ErrorTypeOutOfMemory, "Out of Memory Error: failed to allocate data of size 8.0 KiB (988.0 KiB/976.5 KiB used)\n\nPossible solutions:\n* SET threads=X", ErrMemory},
	} {
		err := explain(t.Context(), &duckdb.Error{Type: c.kind, Msg: c.text})
		for _, known := range []error{ErrBusy, ErrDamaged, ErrMemory, syscall.ENOSPC} {
			if known == c.want {
				require.ErrorIs(t, err, known, c.text)
			} else {
				require.NotErrorIs(t, err, known, c.text)
			}
		}
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestErrorsOfDuckDBQuoteNoData(t *testing.T) {
	for kind := range duckdb.ErrorType(50) {
		err := explain(t.Context(), &duckdb.Error{Type: kind, Msg: `Conversion Error: Could not convert string 'Headache of 01-001' to INT32`})
		switch kind {
		case duckdb.ErrorTypeIO, duckdb.ErrorTypeTransaction, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeBinder,
			duckdb.ErrorTypeOutOfMemory, duckdb.ErrorTypeConnection, duckdb.ErrorTypeInterrupt:
			continue // these speak of files, names and memory
		}
		require.NotContains(t, err.Error(), "Headache", "kind %d", kind)
		again := explain(t.Context(), err)
		require.Equal(t, err, again, "explained once")
	}
}
