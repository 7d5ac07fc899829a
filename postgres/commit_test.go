package postgres

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

func counting(t *testing.T, opts ...Option) (*store, func() int) {
	t.Helper()
	db, err := Open(t.Context(), postgrestest.URL(t), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := &store{db: db, name: "numbers"}
	require.NoError(t, s.Migrate(t.Context(), []string{`CREATE TABLE numbers (n bigint)`}))
	return s, func() (n int) {
		require.NoError(t, s.Read(t.Context(), func(tx *sql.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT count(*) FROM numbers`).Scan(&n)
		}))
		return n
	}
}

func insert(ctx context.Context) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO numbers VALUES (?)`, 1)
		return err
	}
}

// TestAConnectionLostAtTheCommit: the transaction was committed before the connection went, or it was
// not. Either way it is done once.
func TestAConnectionLostAtTheCommit(t *testing.T) {
	s, count := counting(t)
	for want, committed := range []bool{true, false} {
		token, err := uuid.NewRandom()
		require.NoError(t, err)
		if committed {
			_, err := s.attempt(t.Context(), token, insert(t.Context()))
			require.NoError(t, err)
		}
		done, err := s.happened(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, committed, done)
		if !done {
			require.NoError(t, s.Write(t.Context(), insert(t.Context())))
		}
		require.Equal(t, want+1, count())
	}
}

// TestAConnectionLostBeforeTheCommit: the work is done again.
func TestAConnectionLostBeforeTheCommit(t *testing.T) {
	s, count := counting(t)
	attempts := 0
	require.NoError(t, s.Write(t.Context(), func(tx *sql.Tx) error {
		if err := insert(t.Context())(tx); err != nil {
			return err
		}
		if attempts++; attempts == 1 {
			var pid int
			require.NoError(t, tx.QueryRow(`SELECT pg_backend_pid()`).Scan(&pid))
			_, err := s.db.pool.Exec(`SELECT pg_terminate_backend(?)`, pid)
			require.NoError(t, err)
			return tx.QueryRow(`SELECT 1`).Scan(&pid)
		}
		return nil
	}))
	require.Equal(t, []int{2, 1}, []int{attempts, count()})
}

// TestTheEndOfAContextWritesNothing, but does not cut a commit that is under way.
func TestTheEndOfAContextWritesNothing(t *testing.T) {
	s, count := counting(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone home")
	err := s.Write(ctx, func(tx *sql.Tx) error {
		err := insert(ctx)(tx)
		cancel(gone)
		return err
	})
	require.ErrorIs(t, err, gone)
	require.Zero(t, count())
}

// TestWritersTakeTurns: one waits for the other, and fails when it must wait too long.
func TestWritersTakeTurns(t *testing.T) {
	s, count := counting(t, WithWait(100*time.Millisecond))
	err := s.Write(t.Context(), func(tx *sql.Tx) error {
		err := s.Write(t.Context(), insert(t.Context()))
		require.ErrorIs(t, err, ErrBusy)
		require.True(t, imednet.Retryable(err))
		return insert(t.Context())(tx)
	})
	require.NoError(t, err)
	require.Equal(t, 1, count())
}

// TestNoErrorShowsAValue, whichever statement the server refuses.
func TestNoErrorShowsAValue(t *testing.T) {
	s, _ := counting(t)
	for _, statement := range []string{
		`INSERT INTO numbers VALUES ('SMITH')`, `SELECT 'SMITH'::int`, `SELECT 'SMITH'::timestamptz`, `CREATE TABLE u (k text PRIMARY KEY); INSERT INTO u VALUES ('SMITH'), ('SMITH')`,
		`SELECT ('{"a": SMITH}')::jsonb`, `SELECT 1 / (length('SMITH') - 5)`,
	} {
		err := s.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		})
		require.ErrorContains(t, err, "SQLSTATE", statement)
		require.NotContains(t, err.Error(), "SMITH", statement)
	}
	err := s.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO numbers VALUES (?)`, "SMITH")
		return err
	})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "SMITH")
}

// TestANewerSchemaIsRefused, and an older one is brought up to date once.
func TestANewerSchemaIsRefused(t *testing.T) {
	s, _ := counting(t)
	require.NoError(t, s.Migrate(t.Context(), []string{`ignored`, `ALTER TABLE numbers ADD COLUMN m bigint`}))
	require.NoError(t, s.Migrate(t.Context(), []string{`ignored`, `ignored`}))
	require.ErrorIs(t, s.Migrate(t.Context(), []string{`ignored`}), ErrNewerSchema)
}
