package postgrestest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/postgrestest"
)

func count(t *testing.T, url, query string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

func TestEveryTestHasItsOwnSchema(t *testing.T) {
	one, other := postgrestest.URL(t), postgrestest.URL(t)
	for _, url := range []string{one, other} {
		postgrestest.Exec(t, url, `CREATE SCHEMA IF NOT EXISTS "`+schemaOf(t, url)+`"`, `CREATE TABLE t (n int)`)
	}
	postgrestest.Exec(t, one, `INSERT INTO t VALUES (1), (2)`)
	require.Equal(t, 2, count(t, one, `SELECT count(*) FROM t`))
	require.Zero(t, count(t, other, `SELECT count(*) FROM t`))
}

func schemaOf(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	return config.RuntimeParams["search_path"]
}

func TestWhatWasCommittedSurvivesARestart(t *testing.T) {
	server, url := postgrestest.Start(t)
	postgrestest.Exec(t, url, `CREATE SCHEMA `+schemaOf(t, url), `CREATE TABLE t (n int)`, `INSERT INTO t VALUES (7)`)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `BEGIN; INSERT INTO t VALUES (8)`)
	require.NoError(t, err)
	server.Restart(t)
	require.Error(t, conn.Ping(t.Context()), "the connection is lost")
	require.Equal(t, 7, count(t, url, `SELECT sum(n) FROM t`))
}
