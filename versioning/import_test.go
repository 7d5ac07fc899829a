package versioning_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// referenceSQL is the schema as the Python package writes it, triggers included.
const referenceSQL = `
CREATE TABLE config_commits (commit_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, version_tag TEXT NOT NULL, config_data TEXT NOT NULL,
	modified_by TEXT NOT NULL, description TEXT NOT NULL, timestamp TEXT NOT NULL);
CREATE INDEX idx_config_commits_study ON config_commits (study_key, timestamp);
CREATE TRIGGER trg_config_commits_no_update BEFORE UPDATE ON config_commits BEGIN
	SELECT RAISE(ABORT, 'Configuration history is immutable and cannot be modified'); END;
CREATE TRIGGER trg_config_commits_no_delete BEFORE DELETE ON config_commits BEGIN
	SELECT RAISE(ABORT, 'Configuration history is immutable and cannot be deleted'); END;
`

// goldenBody is the body of the Python package's golden commit of study S1.
const goldenBody = `{"mappings": [], "phiFields": [], "reportingProfile": "general", "studyKey": "%s", "terminologyLookups": {}, "version": "1.0.0", "widgets": []}`

// insert is plain SQL that commits a body as the Python package does.
func insert(study, body, author, timestamp string) string {
	sum := sha256.Sum256([]byte(body))
	return fmt.Sprintf(`INSERT INTO config_commits VALUES ('%s', '%s', '1.0.0', '%s', '%s', 'by the Python package', '%s');`,
		hex.EncodeToString(sum[:]), study, strings.ReplaceAll(body, `'`, `''`), author, timestamp)
}

// referenceFile holds two commits of S, the later one stored first, and one under another study
// than its own, which the Python package allowed.
func referenceFile(t *testing.T) string {
	t.Helper()
	return referenceSQL +
		insert("S", strings.Replace(fmt.Sprintf(goldenBody, "S"), `"phiFields": []`, `"phiFields": ["INIT"]`, 1), "bob", "2025-12-02T10:00:00.500000+00:00") +
		insert("S", fmt.Sprintf(goldenBody, "S"), "anna", "2025-12-01T10:00:00+00:00") +
		insert("OTHER", fmt.Sprintf(goldenBody, "S1"), "anna", "2025-12-03T10:00:00+00:00")
}

func TestReferenceFileIsTakenOver(t *testing.T) {
	ctx := t.Context()
	path := newPath(t)
	storetest.Exec(t, path, referenceFile(t))
	columns := "commit_id, study_key, version_tag, config_data, modified_by, description, timestamp"
	before := storetest.Snapshot(t, path, "config_commits", columns)
	s := open(t, path, versioning.WithImport("chris"))
	require.Equal(t, before, storetest.Snapshot(t, path, "config_commits", columns))

	entries := history(t, s, "S")
	require.Len(t, entries, 2)
	for _, e := range entries {
		require.NoError(t, e.Fault)
		require.True(t, e.Imported())
		require.Equal(t, "chris", e.Details.ImportedBy)
		require.False(t, e.Details.ImportedAt.IsZero())
	}
	require.Equal(t, "anna", entries[0].Author)
	require.Equal(t, time.Date(2025, 12, 2, 10, 0, 0, 500_000_000, time.UTC), entries[1].Timestamp)
	require.Equal(t, "by the Python package", entries[1].Reason)

	// What the Python package committed is a duplicate here, and comes back with its own id.
	newest, err := s.RollbackConfig(ctx, "S", entries[1].CommitID)
	require.NoError(t, err)
	require.Equal(t, []string{"INIT"}, newest.PHIFields)
	_, err = s.CommitConfig(ctx, "S", &newest, why)
	require.ErrorIs(t, err, versioning.ErrDuplicate)
	back := why
	back.AllowRollback = true
	e, err := s.CommitConfig(ctx, "S", config("S"), back)
	require.NoError(t, err)
	require.Equal(t, entries[0].CommitID, e.CommitID)
	require.False(t, e.Imported())

	// The body that stood under another study can be committed under its own.
	_, err = s.CommitConfig(ctx, "S1", config("S1"), why)
	require.NoError(t, err)
	v, err := s.Verify(ctx, versioning.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
}

// The Python package may go on writing: Verify says so, nothing is committed on top of it unseen, and it
// becomes an entry only when somebody imports it, once or whenever the store is opened.
func TestReferenceGoesOnWriting(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	_, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), why)
	require.NoError(t, err)
	head, err := s.Head(t.Context(), "S")
	require.NoError(t, err)
	storetest.Exec(t, path, insert("S", fmt.Sprintf(goldenBody, "S"), "anna", "2026-12-01T10:00:00+00:00"))
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
	require.ErrorIs(t, err, versioning.ErrIntegrity)

	s = open(t, path)
	require.Len(t, history(t, s, "S"), 1, "opening imports nothing")
	_, err = s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "B")), why)
	require.ErrorIs(t, err, versioning.ErrStrangers)
	_, err = s.CommitConfig(t.Context(), "T", config("T"), why)
	require.NoError(t, err, "another study is not concerned")
	_, err = s.ImportCommits(t.Context(), versioning.ImportOptions{Author: "import"})
	require.ErrorAs(t, err, new(*imednet.ValidationError), "nobody is called that")
	report, err := s.ImportCommits(t.Context(), versioning.ImportOptions{Author: "chris"})
	require.NoError(t, err)
	require.Equal(t, "1 commits imported", report.String())
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{Heads: []versioning.Head{head}})
	require.NoError(t, err)
	entries := history(t, s, "S")
	require.Len(t, entries, 2)
	require.Equal(t, []string{"anna", "chris", "IMPORTED"}, []string{entries[1].Author, entries[1].Details.ImportedBy, string(entries[1].Kind)})

	storetest.Exec(t, path, insert("S", strings.Replace(fmt.Sprintf(goldenBody, "S"), "general", "drug", 1), "bob", "2026-12-02T10:00:00+00:00"))
	require.Len(t, history(t, open(t, path, versioning.WithImport("nightly")), "S"), 3)
}

func TestOtherFilesAreRefused(t *testing.T) {
	path := newPath(t)
	storetest.Exec(t, path, `CREATE TABLE something (x)`)
	_, err := versioning.NewConfigVersionStore(t.Context(), path)
	require.ErrorIs(t, err, versioning.ErrForeignFile)

	own := newPath(t)
	open(t, own)
	info, err := os.Stat(own)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	for _, o := range []versioning.Option{versioning.WithClock(nil), versioning.WithIDs(nil), versioning.WithWait(-1)} {
		_, err := versioning.NewConfigVersionStore(t.Context(), newPath(t), o)
		require.Error(t, err)
	}
}
