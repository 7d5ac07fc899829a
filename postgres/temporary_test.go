package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/versioning"
)

// TestNoTemporaryTableDeceivesAGuard: a guard compares a row with those of its schema, never with those of a
// temporary table of the same name, which every session may make for itself.
func TestNoTemporaryTableDeceivesAGuard(t *testing.T) {
	url := postgrestest.URL(t)
	openAll(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // at the end of the test
	const forged = `INSERT INTO config_entries (study_key, sequence, entry_id, kind, commit_id, version_tag, author, reason, timestamp, details, parent_hash, entry_hash)
		VALUES ('FORGED', 7, 'e', 'commit', 'c', 'v', 'mallory', 'r', '2026-01-01T00:00:00Z', '{}', 'nonsense', 'h')`
	_, err = conn.Exec(t.Context(), forged)
	require.ErrorContains(t, err, "append-only")
	_, err = conn.Exec(t.Context(), `CREATE TEMPORARY TABLE deceit AS SELECT * FROM config_entries`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `INSERT INTO deceit (study_key, sequence, entry_id, entry_hash) VALUES ('FORGED', 6, 'x', 'nonsense')`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `ALTER TABLE deceit RENAME TO config_entries`)
	require.NoError(t, err)
	var schema string
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT current_schema`).Scan(&schema))
	_, err = conn.Exec(t.Context(), `INSERT INTO `+schema+`.config_entries`+forged[len("INSERT INTO config_entries"):])
	require.ErrorContains(t, err, "append-only")

	rows, err := conn.Query(t.Context(), `SELECT proname FROM pg_proc WHERE pronamespace = current_schema::regnamespace AND proconfig::text LIKE '%search_path%'
		AND NOT 'search_path=' || current_schema || ', pg_temp' = ANY (proconfig)`)
	require.NoError(t, err)
	deceived, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Empty(t, deceived)
}

// TestGuardsOfAnEarlierVersionAreMended: a schema whose guards still read temporary tables first gets better ones from its
// owner, and verifies before and after.
func TestGuardsOfAnEarlierVersionAreMended(t *testing.T) {
	url := postgrestest.URL(t)
	s := openAll(t, url)
	_, err := s.versions.CommitConfig(t.Context(), "S", &imednet.StudyConfiguration{StudyKey: "S", Version: "1"}, versioning.CommitOptions{Author: "anna", Reason: "first"})
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // at the end of the test
	_, err = conn.Exec(t.Context(), `DO $$ DECLARE f record; BEGIN
		FOR f IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema::regnamespace AND proconfig::text LIKE '%search_path%' LOOP
			EXECUTE format('ALTER FUNCTION %s SET search_path = %I', f.name, current_schema);
		END LOOP; END $$;
		UPDATE imednet_store SET version = version - 1 WHERE store IN ('triage', 'versioning', 'journal');
		UPDATE imednet_store SET version = version - 3 WHERE store = 'mirror';`+withoutDigests)
	require.NoError(t, err)
	again := openAll(t, url)
	again.verify(t)
}
