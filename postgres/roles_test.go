package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// pageOfRoles is the block of docs/scale.md that makes roles.
func pageOfRoles(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "scale.md"))
	require.NoError(t, err)
	_, block, found := strings.Cut(string(page), "```console\nCREATE ROLE")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	return "CREATE ROLE" + block
}

// stores are all stores of a database.
type stores struct {
	db       *postgres.DB
	marks    *ledger.ExtractionStateLedger
	queue    *triage.TriageStore
	versions *versioning.ConfigVersionStore
	journal  submissions.Journal
	mirror   *cache.CachedRecordsLoader
}

func openAll(t *testing.T, url string) stores {
	t.Helper()
	s := stores{db: open(t, url)}
	store, err := s.db.Ledger(t.Context())
	require.NoError(t, err)
	s.marks, err = ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	s.queue, err = s.db.Triage(t.Context())
	require.NoError(t, err)
	s.versions, err = s.db.Versions(t.Context())
	require.NoError(t, err)
	s.journal, err = s.db.Journal(t.Context())
	require.NoError(t, err)
	s.mirror, err = s.db.Mirror(t.Context(), imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 30})).Client())
	require.NoError(t, err)
	return s
}

// write writes something to every store, and returns what failed.
func (s stores) write(t *testing.T, name string) (errs []error) {
	ctx := t.Context()
	note := func(_ any, err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	lease, err := s.db.Acquire(ctx, "study S", name, term)
	note(nil, err)
	if err == nil {
		ctx = lease.Context(ctx)
	}
	note(nil, s.marks.Advance(ctx, "S", name, imednet.Watermark{Time: noon}))
	_, err = s.marks.DeleteEntry(ctx, "S", name, ledger.DeleteOptions{Reason: "again"})
	note(nil, err)
	note(s.queue.UpsertItem(ctx, triage.ItemUpsert{ItemID: "item", StudyKey: "S", UserID: name, Severity: "HIGH", Summary: name}))
	note(s.versions.CommitConfig(ctx, "S", &imednet.StudyConfiguration{StudyKey: "S", Version: name}, versioning.CommitOptions{Author: name, Reason: "because"}))
	item := submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", ContentHash: name, Ordinal: 1, Payload: []byte(`{}`)}
	entry, err := s.journal.Prepare(ctx, submissions.Preparation{ID: name, StudyKey: "S", Author: name, Lease: submissions.Lease{Holder: name, For: term}, Items: []submissions.Item{item}})
	note(nil, err)
	if err == nil {
		note(s.journal.Send(ctx, submissions.Sending{SubmissionID: name, Fence: entry.Fence, Lease: submissions.Lease{Holder: name, For: term}, Author: name, Indexes: []int{0}, At: noon}))
	}
	_, err = s.mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{})
	if err == nil {
		_, err = s.mirror.Cut(ctx, "DEMO", cache.CutOptions{Name: name})
	}
	if err == nil {
		_, err = s.mirror.Purge(ctx, "DEMO", cache.PurgeOptions{Study: true, BreakCuts: true})
	}
	if err == nil {
		_, err = s.mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{})
	}
	note(nil, err)
	if lease != nil {
		note(nil, lease.Release(t.Context()))
	}
	return errs
}

func (s stores) verify(t *testing.T) {
	t.Helper()
	_, err := s.marks.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	_, err = s.queue.Verify(t.Context(), triage.VerifyOptions{})
	require.NoError(t, err)
	_, err = s.versions.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err)
	_, err = s.journal.Verify(t.Context(), "")
	require.NoError(t, err)
	_, err = s.db.Leases(t.Context())
	require.NoError(t, err)
	_, err = s.mirror.Status(t.Context(), "DEMO")
	require.NoError(t, err)
}

// TestTheRolesOfThePage: the owner makes the tables, a writer can do all that programs do and nothing
// that a guard would have to refuse, and a reader can look at everything and change nothing.
func TestTheRolesOfThePage(t *testing.T) {
	_, url := postgrestest.Start(t)
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	of := func(user, schema string) string {
		return strings.NewReplacer("user=imednet", "user="+user, config.RuntimeParams["search_path"], schema).Replace(url)
	}
	owner := of("imednet", "imednet")
	openAll(t, owner).verify(t)
	postgrestest.Exec(t, owner, pageOfRoles(t), `ALTER ROLE imednet_writer LOGIN; ALTER ROLE imednet_reader LOGIN`)

	writer := openAll(t, of("imednet_writer", "imednet"))
	require.Empty(t, writer.write(t, "writer"))
	writer.verify(t)
	for _, statement := range []string{
		`UPDATE triage_events SET user_id = 'x'`, `DELETE FROM submission_events`, `TRUNCATE config_entries`, `UPDATE config_commits SET description = 'x'`,
		`ALTER TABLE triage_events DISABLE TRIGGER USER`, `DROP TRIGGER triage_events_no_update ON triage_events`, `UPDATE imednet_store SET version = 9`,
		`CREATE TABLE imednet.mine (n int)`, `CREATE OR REPLACE FUNCTION triage_events_no_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
	} {
		conn, err := pgx.Connect(t.Context(), of("imednet_writer", "imednet"))
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "42501", statement)
		require.NoError(t, conn.Close(t.Context()))
	}

	views := `SELECT (SELECT count(*) FROM imednet_active_records) || ' ' || (SELECT count(*) FROM imednet_rows)`
	if viewNames(t, owner) != nil {
		require.NotContains(t, postgrestest.Column(t, owner, views), "0 0")
		require.Equal(t, postgrestest.Column(t, owner, views), postgrestest.Column(t, of("imednet_reader", "imednet"), views))
	}

	reader := openAll(t, of("imednet_reader", "imednet"))
	reader.verify(t)
	require.Len(t, reader.write(t, "reader"), 6, "nothing of lease, mark, item, configuration, submission and study")
	writer.verify(t)

	_, err = open(t, of("imednet_reader", "imednet_other")).Ledger(t.Context())
	require.ErrorIs(t, err, postgres.ErrNotMigrated)
}
