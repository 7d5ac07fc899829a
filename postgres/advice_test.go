package postgres

import (
	"database/sql"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestAFaultOfTheServerSaysWhatToDo, whichever statement meets it, and shows no value.
func TestAFaultOfTheServerSaysWhatToDo(t *testing.T) {
	s, _ := counting(t, WithWait(time.Millisecond))
	for code, want := range map[string]struct {
		is   error
		hint string
	}{
		"53100": {syscall.ENOSPC, "free space"}, "53200": {nil, "more memory"}, "54000": {nil, "more memory"}, "53300": {ErrUnreachable, "max_connections"},
		"28P01": {nil, ".pgpass"}, "3D000": {nil, "make the database"}, "57P04": {nil, "make the database"}, "42501": {ErrDenied, "grant"},
		"25006": {nil, "primary"}, "57014": {nil, "limit"}, "57P01": {ErrUnreachable, "try again"}, "57P05": {ErrUnreachable, "try again"},
		"08006": {ErrUnreachable, "try again"}, "40001": {ErrUnreachable, "try again"}, "55P03": {ErrBusy, "try again"}, "58030": {nil, "its log"}, "XX000": {nil, "its log"}, "XX001": {nil, "its log"},
	} {
		err := s.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), fmt.Sprintf(`DO $$ BEGIN RAISE EXCEPTION 'it is so' USING ERRCODE = '%s', DETAIL = 'SMITH'; END $$`, code))
			return err
		})
		var told *imednet.Error
		require.ErrorAs(t, err, &told, code)
		require.Contains(t, told.Hint, want.hint, code)
		require.ErrorContains(t, err, code)
		require.NotContains(t, err.Error(), "SMITH")
		if want.is != nil {
			require.ErrorIs(t, err, want.is, code)
		}
	}
	require.ErrorContains(t, &serverFault{err: &pgconn.PgError{Code: "XX000", Message: "SMITH"}}, "XX000")
	require.NotContains(t, (&serverFault{err: &pgconn.PgError{Code: "XX000", Message: "SMITH"}}).Error(), "SMITH", "of a statement")
}

// TestWhoCannotConnectIsToldWhy by what the server says, and by what helps.
func TestWhoCannotConnectIsToldWhy(t *testing.T) {
	_, there := postgrestest.Start(t)
	postgrestest.Exec(t, there, `CREATE ROLE limited LOGIN CONNECTION LIMIT 0`)
	for _, c := range []struct{ replaced, by, said, hint string }{
		{"user=imednet", "user=nobody", "does not exist", "check the user"},
		{"user=imednet", "user=limited", "too many connections", "CONNECTION LIMIT"},
		{":///postgres", ":///nowhere", "does not exist", "make the database"},
	} {
		require.Contains(t, there, c.replaced)
		_, err := Open(t.Context(), strings.Replace(there, c.replaced, c.by, 1))
		var told *imednet.Error
		require.ErrorAs(t, err, &told, c.by)
		require.Contains(t, told.Hint, c.hint)
		require.ErrorContains(t, err, c.said)
	}
}
