package versioning_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

var tables = []storetest.Table{
	{Name: "config_entries", Key: []string{"study_key", "sequence"}, Swap: "sequence", With: "study_key"},
	{Name: "config_commits", Key: []string{"commit_id"}, Swap: "commit_id"},
	{Name: "dictionary_files", Key: []string{"sha256"}, Swap: "sha256"},
}

// written returns a closed file with histories of two studies, one of them begun by the Python package,
// and the heads.
func written(t *testing.T) (path string, heads []versioning.Head) {
	t.Helper()
	path = newPath(t)
	storetest.Exec(t, path, referenceFile(t))
	s, err := versioning.NewConfigVersionStore(t.Context(), path, versioning.WithClock(storetest.NewClock()), versioning.WithIDs(storetest.Counter("e")),
		versioning.WithImport("chris"))
	require.NoError(t, err)
	a, b := config("S", rule("aeTerm", "AETERM")), config("S", rule("aeTerm", "AETERM2"))
	for _, c := range []*imednet.StudyConfiguration{a, b, a, config("S2", rule("aeTerm", "X"))} {
		back := why
		back.AllowRollback = true
		_, err := s.CommitConfig(t.Context(), c.StudyKey, c, back)
		require.NoError(t, err)
	}
	_, err = s.CommitDictionary(t.Context(), "S2", map[string][]byte{"FORMS.csv": []byte("Form ID,Form Key\n101,AE\n102,DM\n103,VS\n"), "CHOICES.csv": []byte("Form,Choice Text,Position\nAE,Caf\xe9\x00,1\n")}, why)
	require.NoError(t, err)
	head, err := s.Head(t.Context(), "S2")
	require.NoError(t, err)
	_, err = s.ReviewConfig(t.Context(), "S2", versioning.Approval{CommitID: head.CommitID, Author: "bert", Reason: "read"})
	require.NoError(t, err)
	_, err = s.SignConfig(t.Context(), "S2", versioning.Signing{CommitID: head.CommitID, Author: "bert", Meaning: "review", Key: signingKey})
	require.NoError(t, err)
	v, err := s.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
	require.NoError(t, s.Close())
	return path, v.Heads
}

var signingKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func verify(t *testing.T, path string, heads []versioning.Head) (versioning.Verification, error) {
	t.Helper()
	s, err := versioning.NewConfigVersionStore(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	return s.Verify(t.Context(), versioning.VerifyOptions{Heads: heads})
}

func TestVerifyFindsEveryForgery(t *testing.T) {
	path, heads := written(t)
	forgeries := storetest.Forgeries(t, path, tables)
	require.Greater(t, len(forgeries), 100)
	for _, f := range forgeries {
		forged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, forged, f.SQL)
		v, err := verify(t, forged, heads)
		require.ErrorIs(t, err, versioning.ErrIntegrity, f.Name)
		require.NotEmpty(t, v.Problems, f.Name)
	}
	_, err := verify(t, path, heads)
	require.NoError(t, err)
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	path, _ := written(t)
	storetest.WithoutGuards(t, path, `UPDATE config_entries SET reason = 'forged' WHERE study_key = 'S' AND sequence IN (4, 5)`)
	v, err := verify(t, path, nil)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.Equal(t, "config_entries/S/4", v.Problems[0].Path)
}

// A tail that is cut off cleanly is consistent: only the head shows it.
func TestCutTailNeedsTheExportedHead(t *testing.T) {
	path, heads := written(t)
	storetest.WithoutGuards(t, path, `DELETE FROM config_entries WHERE study_key = 'S' AND sequence = (SELECT max(sequence) FROM config_entries WHERE study_key = 'S')`)
	_, err := verify(t, path, nil)
	require.NoError(t, err)
	v, err := verify(t, path, heads)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.Contains(t, v.Problems[0].Message, "its tail was cut")
	var lines []versioning.Head
	for _, h := range heads {
		parsed, err := versioning.ParseHead(h.String())
		require.NoError(t, err)
		lines = append(lines, parsed)
	}
	_, err = verify(t, path, lines)
	require.ErrorIs(t, err, versioning.ErrIntegrity, "the exported line is as good as the head")
}

func TestVerifyMissesNoGuard(t *testing.T) {
	path, _ := written(t)
	storetest.Exec(t, path, `DROP TRIGGER trg_config_commits_no_delete`)
	v, err := verify(t, path, nil)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.Equal(t, "trigger/trg_config_commits_no_delete", v.Problems[0].Path)

	path, _ = written(t)
	storetest.Exec(t, path, `DROP INDEX config_entries_commit`)
	v, err = verify(t, path, nil)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	require.Equal(t, "index/config_entries_commit", v.Problems[0].Path)
}

func TestGuards(t *testing.T) {
	path, heads := written(t)
	db := storetest.Raw(t, path)
	for _, statement := range []string{
		`UPDATE config_commits SET description = 'x'`,
		`DELETE FROM config_commits`,
		`INSERT OR REPLACE INTO config_commits SELECT commit_id, study_key, version_tag, config_data, 'mallory', description, timestamp FROM config_commits`,
		`INSERT OR REPLACE INTO config_commits (rowid, commit_id, study_key, version_tag, config_data, modified_by, description, timestamp)
			VALUES (1, 'x', 'S', '1', '{}', 'u', 'd', 't')`,
		`UPDATE dictionary_files SET content = x'00'`,
		`DELETE FROM dictionary_files`,
		`INSERT OR REPLACE INTO dictionary_files SELECT sha256, x'00' FROM dictionary_files`,
		`UPDATE config_entries SET reason = 'x'`,
		`DELETE FROM config_entries`,
		`INSERT OR REPLACE INTO config_entries SELECT * FROM config_entries WHERE study_key = 'S' AND sequence = 2`,
		`INSERT OR REPLACE INTO config_entries SELECT 'NEW', 1, entry_id, kind, commit_id, version_tag, author, reason, timestamp, details, '', entry_hash FROM config_entries WHERE sequence = 1`,
		`INSERT INTO config_entries SELECT study_key, 9, 'fresh', kind, commit_id, version_tag, author, reason, timestamp, details, parent_hash, entry_hash FROM config_entries WHERE study_key = 'S' AND sequence = 1`,
	} {
		_, err := db.Exec(statement)
		require.ErrorContains(t, err, "Configuration history is", statement)
	}
	_, err := verify(t, path, heads)
	require.NoError(t, err)
}

// One damaged body is reported and blocks nothing else.
func TestDamagedBodyIsReported(t *testing.T) {
	path, _ := written(t)
	storetest.WithoutGuards(t, path, `UPDATE config_commits SET config_data = replace(config_data, 'AETERM2', 'AETERM3')`)
	s := open(t, path)
	entries := history(t, s, "S")
	require.Len(t, entries, 5)
	var damaged []versioning.Entry
	for _, e := range entries {
		if e.Fault != nil {
			require.ErrorIs(t, e.Fault, versioning.ErrIntegrity)
			damaged = append(damaged, e)
		}
	}
	require.Len(t, damaged, 1)
	_, err := s.RollbackConfig(t.Context(), "S", damaged[0].CommitID)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	_, err = s.DiffConfigs(t.Context(), entries[0].CommitID, damaged[0].CommitID)
	require.ErrorIs(t, err, versioning.ErrIntegrity)
	back := why
	back.AllowRollback = true
	_, err = s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "AETERM2")), back)
	require.ErrorIs(t, err, versioning.ErrIntegrity, "a body that is stored and damaged cannot be committed again")
	_, err = s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "Z")), why)
	require.NoError(t, err)
	require.Len(t, history(t, s, "S"), 6)
}

// What a listing can see is missing is a fault of the entry behind it, in either order and from any place on.
func TestHistorySeesGaps(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	const entries = 2*100 + 3 // several pages
	for i := range entries {
		_, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", fmt.Sprint("T", i))), why)
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	faulty := func(s *versioning.ConfigVersionStore, o versioning.HistoryOptions) (all []int64) {
		for e, err := range s.History(t.Context(), "S", o) {
			require.NoError(t, err)
			if e.Fault != nil {
				require.ErrorIs(t, e.Fault, versioning.ErrIntegrity)
				all = append(all, e.Sequence)
			}
		}
		return all
	}
	for statement, behind := range map[string]int64{
		`DELETE FROM config_entries WHERE sequence = 1`:                   2,
		`DELETE FROM config_entries WHERE sequence < 150`:                 150,
		`DELETE FROM config_entries WHERE sequence = 100`:                 101,
		`DELETE FROM config_entries WHERE sequence = 103`:                 104,
		`UPDATE config_entries SET parent_hash = '' WHERE sequence = 101`: 101,
		`SELECT 1`: 0, // nothing is missing
	} {
		damaged := storetest.Copy(t, path)
		storetest.WithoutGuards(t, damaged, statement)
		s := open(t, damaged)
		for _, newest := range []bool{false, true} {
			found := faulty(s, versioning.HistoryOptions{Newest: newest})
			if behind == 0 {
				require.Empty(t, found)
				continue
			}
			require.Equal(t, []int64{behind}, found, "%s, %t", statement, newest)
		}
		require.NotContains(t, faulty(s, versioning.HistoryOptions{After: 160}), int64(161))
		require.NoError(t, s.Close())
	}
}
