package postgres_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/triage/triagetest"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
)

var signingKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

// chained is a store with a history of every kind of entry.
type chained struct {
	url    string
	tables []postgrestest.Table
	err    error        // what Verify returns for a forged one
	verify func() error // against the head
	text   string       // that must not be in an error
}

// reviewed is a review queue with every kind of event.
func reviewed(t *testing.T) chained {
	t.Helper()
	ctx, url := t.Context(), postgrestest.URL(t)
	s := openTriage(t, url, triage.WithClock(storetest.NewClock()), triage.WithIDs(storetest.Counter("id")), triage.WithSeverities(triagetest.Scale()...))
	triagetest.WriteHistory(t, s, signingKey)
	v, err := s.Verify(ctx, triage.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
	return chained{url: url, err: triage.ErrIntegrity, text: "end before start", tables: []postgrestest.Table{
		{Name: "triage_events", Key: "sequence", Swap: "sequence"},
		{Name: "triage_items", Key: "item_id", Swap: "item_id", Not: "rowid"},
		{Name: "triage_annotations", Key: "annotation_id", Swap: "rowid", Not: "rowid"},
		{Name: "triage_history", Key: "transition_id", Swap: "rowid", Not: "rowid"},
	}, verify: func() error {
		_, err := s.Verify(context.Background(), triage.VerifyOptions{Head: &v.Head})
		return err
	}}
}

// configured holds histories of two studies.
func configured(t *testing.T) chained {
	t.Helper()
	ctx, url := t.Context(), postgrestest.URL(t)
	s := openVersions(t, url, versioning.WithClock(storetest.NewClock()), versioning.WithIDs(storetest.Counter("e")))
	for _, c := range []struct{ study, version string }{{"S", "1"}, {"S", "2"}, {"S", "1"}, {"S2", "1"}} {
		config := &imednet.StudyConfiguration{StudyKey: c.study, Version: c.version}
		_, err := s.CommitConfig(ctx, c.study, config, versioning.CommitOptions{Author: "anna", Reason: "because", AllowRollback: true})
		require.NoError(t, err)
	}
	_, err := s.CommitDictionary(ctx, "S2", map[string][]byte{"FORMS.csv": []byte("Form Key"), "CHOICES.csv": {0xff, 0}}, versioning.CommitOptions{Author: "anna", Reason: "because"})
	require.NoError(t, err)
	head, err := s.Head(ctx, "S2")
	require.NoError(t, err)
	_, err = s.ReviewConfig(ctx, "S2", versioning.Approval{CommitID: head.CommitID, Author: "bert", Reason: "read"})
	require.NoError(t, err)
	_, err = s.SignConfig(ctx, "S2", versioning.Signing{CommitID: head.CommitID, Author: "bert", Meaning: "review", Key: signingKey})
	require.NoError(t, err)
	v, err := s.Verify(ctx, versioning.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
	return chained{url: url, err: versioning.ErrIntegrity, text: "because", tables: []postgrestest.Table{
		{Name: "config_entries", Key: "entry_id", Swap: "sequence", With: "study_key"},
		{Name: "config_commits", Key: "commit_id", Swap: "commit_id", Not: "rowid"},
		{Name: "dictionary_files", Key: "sha256", Swap: "sha256"},
	}, verify: func() error {
		_, err := s.Verify(context.Background(), versioning.VerifyOptions{Heads: v.Heads})
		return err
	}}
}

// submitted is a journal with items in several states.
func submitted(t *testing.T) chained {
	t.Helper()
	ctx, url := t.Context(), postgrestest.URL(t)
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	j := openJournal(t, url, postgres.WithClock(imednettest.NewClock(start)))
	var items []submissions.Item
	for _, term := range []string{"a", "b", "c"} {
		items = append(items, submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", IntentKey: "row " + term, ContentHash: term, Ordinal: 1, Line: 1, Payload: jsontext.Value(`{"t":"` + term + `"}`)})
	}
	lease := submissions.Lease{Holder: "p", For: time.Minute}
	entry, err := j.Prepare(ctx, submissions.Preparation{ID: "s1", StudyKey: "S", Author: "anna", Source: "f", Items: items, Lease: lease})
	require.NoError(t, err)
	_, err = j.Send(ctx, submissions.Sending{SubmissionID: "s1", Fence: entry.Fence, Lease: lease, Author: "anna", Indexes: []int{0, 1}, At: start, ServerTime: true, AfterRevision: 9})
	require.NoError(t, err)
	_, err = j.Note(ctx, "bert", []submissions.Change{
		{SubmissionID: "s1", Index: 0, Attempt: 1, To: submissions.Standing, BatchID: "b", JobState: "completed", RecordID: 5, RevisionID: 10, Reason: "read back"},
		{SubmissionID: "s1", Index: 1, Attempt: 1, To: submissions.Refused, BatchID: "b", JobState: "completed", Reason: "refused", ServerMessage: "no"},
		{SubmissionID: "s1", Index: 2, Attempt: 0, To: submissions.Absent, Reason: "not sent"},
	})
	require.NoError(t, err)
	v, err := j.Verify(ctx, "")
	require.NoError(t, err, "%v", v.Problems)
	return chained{url: url, err: submissions.ErrDamaged, text: `"t"`, tables: []postgrestest.Table{
		{Name: "submission_events", Key: "sequence", Swap: "sequence"},
		{Name: "submission_items", Key: "item", Swap: "item"},
	}, verify: func() error {
		_, err := j.Verify(context.Background(), v.Head)
		return err
	}}
}

var chainedStores = map[string]func(*testing.T) chained{"triage": reviewed, "versioning": configured, "journal": submitted}

// TestVerifyFindsEveryForgery changes each column of each row, removes each row and exchanges neighbours,
// with the guards off.
func TestVerifyFindsEveryForgery(t *testing.T) {
	for name, make := range chainedStores {
		t.Run(name, func(t *testing.T) {
			c := make(t)
			forgeries := postgrestest.Forgeries(t, c.url, c.tables)
			require.Greater(t, len(forgeries), 60)
			forger := postgrestest.NewForger(t, c.url, c.tables)
			for _, f := range forgeries {
				forger.Try(f.SQL, func() {
					err := c.verify()
					require.ErrorIs(t, err, c.err, f.Name)
					require.NotContains(t, err.Error(), c.text, f.Name)
				})
			}
			require.NoError(t, c.verify(), "as it was")
			t.Logf("%d forgeries found", len(forgeries))
		})
	}
}

// TestVerifyMissesNoGuard: a trigger that is gone, off, or another than ours, an index that is, and a table that is read or
// written otherwise than it stands there.
func TestVerifyMissesNoGuard(t *testing.T) {
	for store, attacks := range map[string][]string{
		"triage": {
			`DROP TRIGGER triage_events_no_update ON triage_events`,
			`ALTER TABLE triage_events DISABLE TRIGGER triage_events_no_delete`,
			`ALTER TABLE triage_events ENABLE REPLICA TRIGGER triage_events_no_delete`,
			`CREATE OR REPLACE FUNCTION triage_events_no_delete() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
			`ALTER FUNCTION triage_items_update() SET search_path = public`,
			`DROP TRIGGER triage_events_no_truncate ON triage_events`,
			`CREATE FUNCTION helpful() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER helpful AFTER INSERT ON triage_annotations FOR EACH ROW EXECUTE FUNCTION helpful()`,
			`CREATE RULE quiet AS ON INSERT TO triage_events DO INSTEAD NOTHING`,
			`ALTER TABLE triage_events ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON triage_events USING (sequence < 3)`,
			`ALTER TABLE triage_history ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY every ON triage_history USING (true)`,
			`CREATE TABLE more () INHERITS (triage_annotations)`,
			`ALTER TABLE triage_events SET UNLOGGED`,
			`DROP INDEX triage_events_item`,
			`DROP INDEX triage_items_due; CREATE INDEX triage_items_due ON triage_items (study_key)`,
			`DROP INDEX triage_items_fingerprint; CREATE INDEX triage_items_fingerprint ON triage_items (study_key, fingerprint) WHERE fingerprint IS NOT NULL`,
		},
		"versioning": {`DROP TRIGGER trg_config_commits_no_delete ON config_commits`, `DROP INDEX config_entries_commit`, `CREATE RULE quiet AS ON INSERT TO config_entries DO INSTEAD NOTHING`},
		"journal":    {`DROP TRIGGER submission_items_payload ON submission_items`, `ALTER TABLE submissions DISABLE TRIGGER ALL`, `DROP INDEX submission_items_intent`},
	} {
		for _, attack := range attacks {
			c := chainedStores[store](t)
			postgrestest.Exec(t, c.url, attack)
			err := c.verify()
			require.ErrorIs(t, err, c.err, attack)
			require.Regexp(t, `(trigger|index|(triage_[a-z]+|config_entries) is not simply what was written to it: it has [a-z -]+)`, err.Error(), attack)
		}
	}
}

// TestVerifyWhateverTheServerQuotes: the setting changes how the server writes triggers and indexes.
func TestVerifyWhateverTheServerQuotes(t *testing.T) {
	c := reviewed(t)
	for _, quoting := range []string{"on", "off"} {
		s := openTriage(t, c.url+"&quote_all_identifiers="+quoting)
		v, err := s.Verify(t.Context(), triage.VerifyOptions{})
		require.NoError(t, err, "%v", v.Problems)
	}
}

// TestGuardsResistCarelessHands: what another program tries with SQL is refused, also with another search
// path, and by upserts.
func TestGuardsResistCarelessHands(t *testing.T) {
	for store, statements := range map[string][]string{
		"triage": {
			`UPDATE triage_events SET user_id = 'x'`, `DELETE FROM triage_events`, `TRUNCATE triage_events`,
			`INSERT INTO triage_events SELECT sequence + 100, event_id || 'x', study_key, item_id, version + 100, kind, user_id, timestamp, change, previous_hash, hash FROM triage_events WHERE sequence = 3`,
			`INSERT INTO triage_events SELECT (SELECT max(sequence) + 1 FROM triage_events), event_id || 'x', study_key, item_id, version, kind, user_id, timestamp, change, previous_hash, hash FROM triage_events WHERE sequence = 3`,
			`DELETE FROM triage_items`, `TRUNCATE triage_items`, `UPDATE triage_items SET status = 'RESOLVED'`, `UPDATE triage_items SET study_key = 'OTHER', version = version + 1`,
			`INSERT INTO triage_items (item_id, study_key, status, severity, created_at, updated_at) VALUES ('n', 'S', 'NEW', 'HIGH', '', '')`,
			`INSERT INTO triage_items (item_id, study_key, status, severity, created_at, updated_at) SELECT item_id, 'S', 'NEW', 'HIGH', '', '' FROM triage_items
				ON CONFLICT (item_id) DO UPDATE SET status = excluded.status`,
			`DELETE FROM triage_annotations`, `UPDATE triage_annotations SET comment = 'x'`, `INSERT INTO triage_annotations VALUES ('n', 'r1', 'u', 'c', '')`,
			`DELETE FROM triage_history`, `UPDATE triage_history SET to_status = 'NEW'`, `INSERT INTO triage_history VALUES ('n', 'r1', 'NEW', 'RESOLVED', 'u', 'c', '')`,
		},
		"versioning": {
			`UPDATE config_commits SET description = 'x'`, `DELETE FROM config_commits`, `TRUNCATE config_commits`,
			`UPDATE dictionary_files SET content = '\x00'`, `DELETE FROM dictionary_files`, `TRUNCATE dictionary_files`,
			`INSERT INTO dictionary_files SELECT sha256, '\x00' FROM dictionary_files ON CONFLICT (sha256) DO UPDATE SET content = excluded.content`,
			`UPDATE config_entries SET reason = 'x'`, `DELETE FROM config_entries`, `TRUNCATE config_entries`,
			`INSERT INTO config_entries SELECT study_key, 9, 'fresh', kind, commit_id, version_tag, author, reason, timestamp, details, parent_hash, entry_hash FROM config_entries WHERE study_key = 'S' AND sequence = 1`,
			`INSERT INTO config_entries SELECT 'NEW', 1, 'fresh', kind, commit_id, version_tag, author, reason, timestamp, details, 'x', entry_hash FROM config_entries WHERE study_key = 'S' AND sequence = 1`,
		},
		"journal": {
			`UPDATE submission_events SET author = 'eve'`, `DELETE FROM submission_events`, `TRUNCATE submission_events`, `DELETE FROM submission_items`, `DELETE FROM submissions`,
			`UPDATE submission_items SET payload = '\x00'`, `UPDATE submission_items SET intent_key = 'x'`,
		},
	} {
		t.Run(store, func(t *testing.T) {
			c := chainedStores[store](t)
			conn, err := pgx.Connect(t.Context(), c.url)
			require.NoError(t, err)
			defer conn.Close(t.Context())
			for _, statement := range statements {
				_, err := conn.Exec(t.Context(), statement)
				require.ErrorContains(t, err, "P0001", statement)
			}
			require.NoError(t, c.verify())
		})
	}
}

// TestAStaleItemIsFoundAtOpening, as in a file.
func TestAStaleItemIsFoundAtOpening(t *testing.T) {
	c := reviewed(t)
	postgrestest.WithoutGuards(t, c.url, c.tables, `UPDATE triage_items SET status = 'RESOLVED'`)
	_, err := open(t, c.url).Triage(t.Context())
	require.ErrorIs(t, err, triage.ErrIntegrity)
	_, err = open(t, c.url).Triage(t.Context(), triage.WithoutCheck())
	require.NoError(t, err)
}

// TestWhatIsForFilesIsRefused in a database.
func TestWhatIsForFilesIsRefused(t *testing.T) {
	db := open(t, postgrestest.URL(t))
	_, err := db.Triage(t.Context(), triage.WithImport("anna"))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	_, err = db.Versions(t.Context(), versioning.WithImport("anna"))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	s, err := db.Triage(t.Context())
	require.NoError(t, err)
	require.ErrorContains(t, s.Backup(t.Context(), t.TempDir()+"/copy"), "in a database server")
	require.NoError(t, s.Close())
	_, err = s.Head(t.Context())
	require.NoError(t, err, "the database is open")
	_, err = s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S\x00", UserID: "u", Severity: "HIGH"})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.False(t, errors.Is(err, postgres.ErrUnreachable))
}
