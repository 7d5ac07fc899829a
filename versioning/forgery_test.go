package versioning_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// signedHistory is a closed file in which bert signed the second of three commits, and an older copy.
func signedHistory(t *testing.T) (path, older string, head versioning.Head) {
	t.Helper()
	path = newPath(t)
	s, err := versioning.NewConfigVersionStore(t.Context(), path, versioning.WithClock(storetest.NewClock()), versioning.WithIDs(storetest.Counter("e")))
	require.NoError(t, err)
	commit := func(variable string) string {
		e, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", variable)), why)
		require.NoError(t, err)
		return e.CommitID
	}
	commit("A")
	second := commit("B")
	_, err = s.SignConfig(t.Context(), "S", versioning.Signing{CommitID: second, Author: "bert", Meaning: "approval", Key: signingKey})
	require.NoError(t, err)
	older = newPath(t)
	require.NoError(t, s.Backup(t.Context(), older))
	commit("C")
	head, err = s.Head(t.Context(), "S")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return path, older, head
}

// rechain changes columns of entries and computes all hashes anew, as somebody who knows how would.
func rechain(t *testing.T, path, change string) {
	t.Helper()
	storetest.WithoutGuards(t, path, change)
	var script []string
	previous := ""
	db := storetest.Raw(t, path)
	rows, err := db.Query(`SELECT sequence, entry_id, kind, commit_id, version_tag, author, reason, timestamp, details FROM config_entries WHERE study_key = 'S' ORDER BY sequence`)
	require.NoError(t, err)
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		var sequence, id, kind, commit, version, author, reason, timestamp, details string
		require.NoError(t, rows.Scan(&sequence, &id, &kind, &commit, &version, &author, &reason, &timestamp, &details))
		hash := audit.Hash("imednet/config/v1", "S", fmt.Sprint(n), id, kind, commit, version, author, reason, timestamp, details, previous)
		script = append(script, fmt.Sprintf(`UPDATE config_entries SET sequence = %d, parent_hash = '%s', entry_hash = '%s' WHERE entry_id = '%s'`, n, previous, hash, id))
		previous = hash
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	storetest.WithoutGuards(t, path, script...)
}

// TestForgeryTable is the table of docs/security.md: which attack Verify finds on its own, with a head
// that was kept elsewhere, and with the public keys of those who may sign.
func TestForgeryTable(t *testing.T) {
	public := signingKey.Public().(ed25519.PublicKey)
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	for name, c := range map[string]struct {
		attack             func(t *testing.T, path, older string)
		alone, head, keyed bool // found
	}{
		"a changed entry": {func(t *testing.T, path, _ string) {
			storetest.WithoutGuards(t, path, `UPDATE config_entries SET author = 'mallory' WHERE sequence = 1`)
		}, true, true, true},
		"a removed entry": {func(t *testing.T, path, _ string) {
			storetest.WithoutGuards(t, path, `DELETE FROM config_entries WHERE sequence = 2`)
		}, true, true, true},
		"a changed configuration": {func(t *testing.T, path, _ string) {
			storetest.WithoutGuards(t, path, `UPDATE config_commits SET config_data = replace(config_data, '"B"', '"Z"')`)
		}, true, true, true},
		"a stranger's row": {func(t *testing.T, path, _ string) {
			storetest.Exec(t, path, insert("S", fmt.Sprintf(goldenBody, "S"), "anna", "2020-01-01T10:00:00+00:00"))
		}, true, true, true},
		"a missing guard": {func(t *testing.T, path, _ string) {
			storetest.Exec(t, path, `DROP TRIGGER config_entries_no_update`)
		}, true, true, true},
		"an emptied file": {func(t *testing.T, path, _ string) { require.NoError(t, os.Truncate(path, 0)) }, true, true, true},
		"a chain rebuilt under a signature": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET reason = 'forged' WHERE sequence = 2`)
		}, true, true, true},
		"a signature moved to another signer": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET author = 'anna' WHERE kind = 'SIGNED'`)
		}, true, true, true},
		"a signature moved to another meaning": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET reason = 'review' WHERE kind = 'SIGNED'`)
		}, true, true, true},
		"a signature moved to another commit": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET commit_id = (SELECT commit_id FROM config_entries WHERE sequence = 1) WHERE kind = 'SIGNED'`)
		}, true, true, true},
		"a signature taken out of its entry": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET details = '{}' WHERE kind = 'SIGNED'`)
		}, true, true, true},
		"a chain rebuilt behind a signature": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET details = '{}' WHERE sequence = 4`)
		}, false, true, false},
		"a chain rebuilt without the signature": {func(t *testing.T, path, _ string) {
			rechain(t, path, `DELETE FROM config_entries WHERE kind = 'SIGNED'`)
		}, false, true, false},
		"a cut tail": {func(t *testing.T, path, _ string) {
			storetest.WithoutGuards(t, path, `DELETE FROM config_entries WHERE sequence = 4`,
				`DELETE FROM config_commits WHERE commit_id NOT IN (SELECT commit_id FROM config_entries)`)
		}, false, true, false},
		"an older copy": {func(t *testing.T, path, older string) {
			text, err := os.ReadFile(older)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, text, 0o600))
		}, false, true, false},
		"a signature and its entry changed to another meaning": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET reason = 'review', details = replace(details, 'approval', 'review') WHERE kind = 'SIGNED'`)
		}, false, true, true},
		"a signature and its entry changed to another signer": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET author = 'carl', details = replace(details, '"id":"bert"', '"id":"carl"') WHERE kind = 'SIGNED'`)
		}, false, true, true},
		"a signature and its entry moved to another commit": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET (commit_id, version_tag, details) = (SELECT c.commit_id, c.version_tag,
				replace(config_entries.details, (SELECT entry_hash FROM config_entries WHERE sequence = 2), c.entry_hash) FROM config_entries c WHERE c.sequence = 1) WHERE kind = 'SIGNED'`)
		}, false, true, true},
		"an entry of a kind that there is not": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET kind = 'BLESSED' WHERE sequence = 4`)
		}, true, true, true},
		"an entry of nobody": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET author = '' WHERE sequence = 4; UPDATE config_commits SET modified_by = '' WHERE version_tag = (SELECT version_tag FROM config_entries WHERE sequence = 4)
				AND commit_id = (SELECT commit_id FROM config_entries WHERE sequence = 4)`)
		}, true, true, true},
		"an entry in another's name than who was identified": {func(t *testing.T, path, _ string) {
			rechain(t, path, `UPDATE config_entries SET details = '{"actor":{"id":"bert","authenticated":"os-user"}}' WHERE sequence = 4`)
		}, true, true, true},
		"a signature by another key": {func(t *testing.T, path, _ string) {
			s, err := versioning.NewConfigVersionStore(t.Context(), path)
			require.NoError(t, err)
			head, err := s.Head(t.Context(), "S")
			require.NoError(t, err)
			_, err = s.SignConfig(t.Context(), "S", versioning.Signing{CommitID: head.CommitID, Author: "bert", Meaning: "approval", Key: other})
			require.NoError(t, err)
			require.NoError(t, s.Close())
		}, false, false, true},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			path, older, head := signedHistory(t)
			c.attack(t, path, older)
			for want, o := range map[string]versioning.VerifyOptions{
				fmt.Sprint("alone ", c.alone): {},
				fmt.Sprint("head ", c.head):   {Heads: []versioning.Head{head}},
				fmt.Sprint("keys ", c.keyed):  {Keys: []ed25519.PublicKey{public}},
			} {
				s, err := versioning.NewConfigVersionStore(t.Context(), path)
				if err == nil {
					_, err = s.Verify(t.Context(), o)
					require.NoError(t, s.Close())
				}
				require.Equal(t, strings.HasSuffix(want, "true"), err != nil, "%s: %v", want, err)
				if err != nil {
					require.ErrorIs(t, err, versioning.ErrIntegrity)
				}
			}
		})
	}
}
