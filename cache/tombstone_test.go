package cache_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
)

var (
	purgeKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	otherKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	bert     = imednet.Identity{ID: "bert", DisplayName: "Bert B.", Roles: []string{"archivist"}, Authenticated: "os-user"}
)

func publicOf(keys ...ed25519.PrivateKey) (all []ed25519.PublicKey) {
	for _, k := range keys {
		all = append(all, k.Public().(ed25519.PublicKey))
	}
	return all
}

// signedPurge is a purge by bert, signed.
func signedPurge(o cache.PurgeOptions) cache.PurgeOptions {
	o.By, o.Reason, o.Key = bert, "the retention period has ended", purgeKey
	return o
}

// purgedMirror is a mirror of two studies after three purges: former states of one, the other as a whole, and,
// unsigned, the first as a whole.
type purgedMirror struct {
	*cache.CachedRecordsLoader
	clock  *imednettest.Clock
	first  *imednettest.Study
	second *imednettest.Study
	report []cache.PurgeReport
}

func newPurgedMirror(t *testing.T) purgedMirror {
	t.Helper()
	first, second := imednettest.Generate(imednettest.GenerateOptions{Records: 40}), imednettest.Generate(imednettest.GenerateOptions{Records: 15, StudyKey: "OTHER"})
	clock := imednettest.NewClock(retentionStart)
	l := open(t, imednettest.NewServer(first, second).Client(), cache.WithClock(clock),
		cache.WithRetention(imednet.RetentionRules{Default: imednet.Retention{Name: "until 2030", Until: retentionStart}}))
	sync(t, l, first.Key())
	sync(t, l, "OTHER")
	first.Advance(24 * time.Hour)
	require.NoError(t, first.RemoveRecord(first.RecordIDs()[0]))
	require.NoError(t, first.EditRecord(first.RecordIDs()[3], "X", 1))
	sync(t, l, first.Key())
	m := purgedMirror{l, clock, first, second, nil}
	m.purge(t, first.Key(), signedPurge(cache.PurgeOptions{Before: first.Now().Add(time.Hour)}))
	clock.Advance(time.Hour)
	m.purge(t, "OTHER", signedPurge(cache.PurgeOptions{Study: true}))
	clock.Advance(time.Hour)
	m.purge(t, first.Key(), cache.PurgeOptions{Study: true})
	return m
}

func (m *purgedMirror) purge(t *testing.T, study string, o cache.PurgeOptions) {
	t.Helper()
	r, err := m.Purge(t.Context(), study, o)
	require.NoError(t, err)
	m.report = append(m.report, r)
}

func purges(t *testing.T, l *cache.CachedRecordsLoader, o cache.PurgeVerifyOptions) cache.PurgeVerification {
	t.Helper()
	v, err := l.VerifyPurges(t.Context(), o)
	require.NoError(t, err, "%v", v.Problems)
	return v
}

// TestAPurgeLeavesATombstone that says what, when, by whom and why, and holds nothing of the subjects.
func TestAPurgeLeavesATombstone(t *testing.T) {
	m := newPurgedMirror(t)
	v := purges(t, m.CachedRecordsLoader, cache.PurgeVerifyOptions{Keys: publicOf(purgeKey)})
	require.Equal(t, "3 purges, 1 of them unsigned, 0 studies with purges from before there were tombstones: intact", v.String())
	require.Len(t, v.Tombstones, 3)
	former, other, whole := v.Tombstones[0], v.Tombstones[1], v.Tombstones[2]

	require.Equal(t, cache.PurgeStatement{
		Format: cache.TombstoneFormat, Sequence: 1, StudyKey: m.first.Key(), Before: m.first.Now().Add(time.Hour).UTC(),
		Removed: former.Removed, Keys: former.Keys, FirstVersion: 1, LastVersion: former.LastVersion, FirstSeen: former.FirstSeen, LastSeen: former.LastSeen,
		Version: former.Version, PurgedAt: retentionStart, By: cache.PurgedBy{ID: "bert", DisplayName: "Bert B.", Authenticated: "os-user"},
		Reason: "the retention period has ended", Rule: "until 2030", PublicKey: publicOf(purgeKey)[0],
	}, former.PurgeStatement)
	require.Equal(t, []cache.PurgedRows{{Resource: "records", State: "last", Rows: 1}, {Resource: "records", State: "former", Rows: 2}}, former.Removed)
	require.False(t, former.FirstSeen.IsZero())
	require.False(t, former.LastSeen.Before(former.FirstSeen))
	require.NoError(t, former.Signature.Verify(publicOf(purgeKey)[0]))
	require.Equal(t, "purge", former.Signature.Meaning)

	require.True(t, other.Whole)
	require.Equal(t, former.Hash, other.Previous)
	require.Equal(t, retentionStart.Add(time.Hour), other.PurgedAt)
	require.Nil(t, whole.Signature)
	require.Zero(t, whole.By)
	for i, r := range m.report {
		count := map[string]int64{}
		for _, rows := range v.Tombstones[i].Removed {
			switch {
			case rows.Resource == "records":
				count[rows.State] += rows.Rows
			case rows.Resource == "runs":
				count["runs"] += rows.Rows
			default:
				count["structure"] += rows.Rows
			}
		}
		require.Equal(t, []int64{r.Records, r.Tombstones, r.History, r.Log, r.Structure}, []int64{count["current"], count["last"], count["former"], count["runs"], count["structure"]}, i)
	}

	text := strings.Join(storetest.Snapshot(t, m.Path(), "imednet_purge", "statement, signature"), "\n")
	require.NotContains(t, text, "subjectKey")
	requireNothingLeft(t, m.Path(), "subjectKey")

	again, err := m.Purge(t.Context(), "OTHER", cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	require.Equal(t, cache.PurgeReport{StudyKey: "OTHER"}, again)
	require.Len(t, purges(t, m.CachedRecordsLoader, cache.PurgeVerifyOptions{}).Tombstones, 3, "nothing was removed")

	sync(t, m.CachedRecordsLoader, "OTHER") // goes on after its purge
	m.purge(t, "OTHER", signedPurge(cache.PurgeOptions{Study: true}))
	require.EqualValues(t, 4, purges(t, m.CachedRecordsLoader, cache.PurgeVerifyOptions{}).Head.Sequence)
}

// TestTheKeysOfAPurge can be made again from a list of what was removed, as the page describes.
func TestTheKeysOfAPurge(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5})
	l := open(t, imednettest.NewServer(study).Client())
	_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	runs := storetest.Snapshot(t, l.Path(), "imednet_run", "id, version")
	var lines strings.Builder
	for _, id := range study.RecordIDs() {
		fmt.Fprintf(&lines, "[\"records\",\"current\",\"%d\",1]\n", id)
	}
	fmt.Fprintf(&lines, "[\"runs\",\"\",\"1\",1]\n")
	require.Len(t, runs, 1)
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	sum := sha256.Sum256([]byte(lines.String()))
	require.Equal(t, hex.EncodeToString(sum[:]), purges(t, l, cache.PurgeVerifyOptions{}).Tombstones[0].Keys)
}

// TestAPurgeThatCannotBeBuried removes nothing.
func TestAPurgeThatCannotBeBuried(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 10})
	clock := imednettest.NewClock(retentionStart)
	l := open(t, imednettest.NewServer(study).Client(), cache.WithClock(clock))
	sync(t, l, study.Key())
	before := whatAPurgeRemoves(t, l.Path())
	refused := func(o cache.PurgeOptions) error {
		t.Helper()
		o.Study = true
		_, err := l.Purge(t.Context(), study.Key(), o)
		require.Error(t, err)
		require.Equal(t, before, whatAPurgeRemoves(t, l.Path()))
		require.Empty(t, purges(t, l, cache.PurgeVerifyOptions{}).Tombstones)
		return err
	}
	for _, o := range []cache.PurgeOptions{
		{Key: purgeKey}, {By: bert, Key: purgeKey[:12]}, {By: imednet.Identity{ID: "import"}}, {By: imednet.Identity{ID: "a\nb"}}, {Reason: "\xff"}, {Reason: strings.Repeat("x", 20001)},
	} {
		var invalid *imednet.ValidationError
		require.ErrorAs(t, refused(o), &invalid)
	}

	_, err := l.Purge(t.Context(), study.Key(), signedPurge(cache.PurgeOptions{Study: true}))
	require.NoError(t, err)
	sync(t, l, study.Key())
	before = whatAPurgeRemoves(t, l.Path())
	clock.Advance(-time.Minute)
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.ErrorIs(t, err, cache.ErrClockBack)
	require.Equal(t, before, whatAPurgeRemoves(t, l.Path()))
	clock.Advance(55 * time.Second)
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	all := purges(t, l, cache.PurgeVerifyOptions{}).Tombstones
	require.Equal(t, []time.Time{retentionStart, retentionStart, retentionStart.Add(-5 * time.Second)}, []time.Time{all[0].PurgedAt, all[1].PurgedAt, all[1].Clock})

	sync(t, l, study.Key())
	clock.Advance(time.Hour)
	storetest.WithoutGuards(t, l.Path(), `UPDATE imednet_purge SET hash = 'x' WHERE sequence = 2`)
	before = whatAPurgeRemoves(t, l.Path())
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.ErrorIs(t, err, cache.ErrIntegrity)
	require.Equal(t, before, whatAPurgeRemoves(t, l.Path()))
}

// forged is what a row of imednet_purge is replaced by.
type forged struct {
	cache.PurgeStatement
	key ed25519.PrivateKey
}

// rebuild writes the tombstones anew, each following the one before, as somebody would who has no key of ours.
func rebuild(t *testing.T, path string, all []forged) {
	t.Helper()
	script := []string{`DELETE FROM imednet_purge`}
	previous := ""
	for i, f := range all {
		s := f.PurgeStatement
		s.Sequence, s.Previous, s.PublicKey = int64(i+1), previous, nil
		if f.key != nil {
			s.PublicKey = publicOf(f.key)[0]
		}
		text, err := json.Marshal(s)
		require.NoError(t, err)
		sum := sha256.Sum256(text)
		previous = hex.EncodeToString(sum[:])
		signature := "NULL"
		if f.key != nil {
			signed, err := imednet.Sign(f.key, imednet.Identity{ID: s.By.ID, DisplayName: s.By.DisplayName}, "purge", s.PurgedAt, previous)
			require.NoError(t, err)
			line, err := json.Marshal(signed)
			require.NoError(t, err)
			signature = "'" + string(line) + "'"
		}
		script = append(script, fmt.Sprintf(`INSERT INTO imednet_purge VALUES (%d, '%s', '%s', %s)`, s.Sequence, text, previous, signature))
	}
	storetest.WithoutGuards(t, path, script...)
}

// TestForgeryTableOfPurges is the table of docs/security.md: which attack on the tombstones is found alone, with
// the public key and a demand for signatures, and with the head.
func TestForgeryTableOfPurges(t *testing.T) {
	m := newPurgedMirror(t)
	sync(t, m.CachedRecordsLoader, "OTHER")
	m.clock.Advance(time.Hour)
	m.purge(t, "OTHER", signedPurge(cache.PurgeOptions{Study: true}))
	v := purges(t, m.CachedRecordsLoader, cache.PurgeVerifyOptions{})
	require.NoError(t, m.Close())
	var all []forged
	for _, s := range v.Tombstones {
		all = append(all, forged{s.PurgeStatement, nil})
	}
	signedBy := func(key ed25519.PrivateKey, change func(all []forged)) []forged {
		out := append([]forged(nil), all...)
		for i := range out {
			if len(out[i].PublicKey) > 0 {
				out[i].key = key
			}
		}
		change(out)
		return out
	}
	older := storetest.Copy(t, m.Path())
	storetest.WithoutGuards(t, older, `DELETE FROM imednet_purge WHERE sequence = 4`,
		fmt.Sprintf(`UPDATE imednet_purged SET version = %d WHERE study_key = 'OTHER'`, v.Tombstones[1].Version))
	for name, c := range map[string]struct {
		attack            func(t *testing.T, path string)
		alone, keys, head bool
	}{
		"a tombstone changed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET statement = replace(statement, 'period', 'perioD') WHERE sequence = 1`)
		}, true, true, true},
		"a tombstone removed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `DELETE FROM imednet_purge WHERE sequence = 2`)
		}, true, true, true},
		"the newest tombstone removed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `DELETE FROM imednet_purge WHERE sequence = 4`)
		}, true, true, true},
		"all tombstones removed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `DELETE FROM imednet_purge`)
		}, true, true, true},
		"a trigger put on the tombstones": {func(t *testing.T, path string) {
			_, err := otherProgram(t, path).Exec(`CREATE TRIGGER stranger BEFORE INSERT ON Imednet_purge BEGIN SELECT RAISE(IGNORE); END`)
			require.NoError(t, err)
		}, true, true, true},
		"two tombstones exchanged": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET sequence = 9 WHERE sequence = 1`, `UPDATE imednet_purge SET sequence = 1 WHERE sequence = 2`, `UPDATE imednet_purge SET sequence = 2 WHERE sequence = 9`)
		}, true, true, true},
		"a tombstone moved to another study": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET statement = replace(statement, '"OTHER"', '"`+m.first.Key()+`"') WHERE sequence = 2`)
		}, true, true, true},
		"a tombstone replayed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `INSERT INTO imednet_purge SELECT 5, statement, hash, signature FROM imednet_purge WHERE sequence = 4`)
		}, true, true, true},
		"a tombstone replayed in place of a later one": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET (statement, hash, signature) = (SELECT statement, hash, signature FROM imednet_purge WHERE sequence = 2) WHERE sequence = 4`)
		}, true, true, true},
		"a signature removed": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET signature = NULL WHERE sequence = 2`)
		}, true, true, true},
		"a signature of another purge": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `UPDATE imednet_purge SET signature = (SELECT signature FROM imednet_purge WHERE sequence = 1) WHERE sequence = 2`)
		}, true, true, true},
		"a guard removed": {func(t *testing.T, path string) {
			storetest.Exec(t, path, `DROP TRIGGER imednet_purge_update`)
		}, true, true, true},
		"a purge without a tombstone": {func(t *testing.T, path string) {
			storetest.Exec(t, path, `INSERT INTO imednet_purged VALUES ('THIRD', 4)`)
		}, true, true, true},
		"a study's purge forgotten, its tombstone kept": {func(t *testing.T, path string) {
			storetest.Exec(t, path, `DELETE FROM imednet_purged WHERE study_key = 'OTHER'`)
		}, true, true, true},
		"a former purge invented": {func(t *testing.T, path string) {
			storetest.WithoutGuards(t, path, `INSERT INTO imednet_purge_before VALUES ('THIRD', 4, 4)`, `INSERT INTO imednet_purged VALUES ('THIRD', 4)`)
		}, true, true, true},
		"all rebuilt without signatures": {func(t *testing.T, path string) {
			rebuild(t, path, signedBy(nil, func(all []forged) { all[0].Reason = "forged" }))
		}, false, true, true},
		"all rebuilt, signed by another key": {func(t *testing.T, path string) {
			rebuild(t, path, signedBy(otherKey, func(all []forged) { all[1].By.ID = "anna" }))
		}, false, true, true},
		"all rebuilt with the key, which was stolen": {func(t *testing.T, path string) {
			rebuild(t, path, signedBy(purgeKey, func(all []forged) { all[1].By.ID = "anna" }))
		}, false, false, true},
		"an older copy put back, the newest purge forgotten": {func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.Link(older, path))
		}, false, false, true},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			path := storetest.Copy(t, m.Path())
			c.attack(t, path)
			l := openAt(t, nil, path)
			found := func(o cache.PurgeVerifyOptions) bool {
				got, err := l.VerifyPurges(t.Context(), o)
				if err != nil {
					require.ErrorIs(t, err, cache.ErrIntegrity)
					require.NotEmpty(t, got.Problems)
				}
				return err != nil
			}
			require.Equal(t, c.alone, found(cache.PurgeVerifyOptions{}), "alone")
			require.Equal(t, c.head, found(cache.PurgeVerifyOptions{Head: &v.Head}), "with the head")
			require.Equal(t, c.head, found(cache.PurgeVerifyOptions{Kept: []imednet.KeptHead{{Name: "a.heads", Line: v.Head.String()}}}), "with kept heads")
			foundWithKeys := false
			got, err := l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{Keys: publicOf(purgeKey), Signed: true})
			require.ErrorIs(t, err, cache.ErrIntegrity, "the third purge is not signed")
			for _, p := range got.Problems {
				foundWithKeys = foundWithKeys || p != (imednet.Problem{Path: "imednet_purge/3", Message: "is not signed"})
			}
			require.Equal(t, c.keys, foundWithKeys, "with keys: %v", got.Problems)
		})
	}
}

// TestAHeadOfPurges is one line.
func TestAHeadOfPurges(t *testing.T) {
	l := open(t, nil)
	head, err := l.PurgeHead(t.Context())
	require.NoError(t, err)
	require.Equal(t, "imednet-purge-head/1 0 -", head.String())
	require.Equal(t, head, purges(t, l, cache.PurgeVerifyOptions{Head: &head}).Head)
	m := newPurgedMirror(t)
	head, err = m.PurgeHead(t.Context())
	require.NoError(t, err)
	parsed, err := cache.ParsePurgeHead(head.String())
	require.NoError(t, err)
	require.Equal(t, head, parsed)
	require.Equal(t, head, purges(t, m.CachedRecordsLoader, cache.PurgeVerifyOptions{Head: &head}).Head)
	for _, line := range []string{"", "x", "imednet-triage-head/1 0 -", head.String() + "0", "imednet-purge-head/1 0"} {
		_, err := cache.ParsePurgeHead(line)
		require.Error(t, err, line)
	}
}

// TestPurgesFromBeforeThereWereTombstones are told, and are no fault; a later purge seals what is known of them.
func TestPurgesFromBeforeThereWereTombstones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.sqlite3")
	require.NoError(t, cache.MakeFileBeforeTombstones(t.Context(), path, `
		INSERT INTO imednet_study (id, study_key, phase, version, purged) VALUES (1, 'PART', 2, 9, 5), (2, 'NONE', 2, 3, 0), (3, 'AGAIN', 2, 30, 21);
		INSERT INTO imednet_purged (study_key, version) VALUES ('GONE', 12), ('AGAIN', 21);
		INSERT INTO imednet_history (study, record_id, state, version, replaced, payload) VALUES (1, 100, 0, 6, 9, '{}');
		INSERT INTO imednet_version (study, version, seen_at) VALUES (1, 6, 1735689600000000), (1, 9, 1735689600000001)`))
	l := openAt(t, nil, path)
	want := []cache.FormerPurge{{"AGAIN", 21, 21}, {"GONE", 12, 0}, {"PART", 0, 5}}
	v := purges(t, l, cache.PurgeVerifyOptions{Keys: publicOf(purgeKey), Signed: true})
	require.Equal(t, want, v.Former)
	require.Equal(t, "0 purges, 0 of them unsigned, 3 studies with purges from before there were tombstones: intact", v.String())
	require.NoError(t, l.Close())

	for _, forgery := range []string{
		`DELETE FROM imednet_purge_before WHERE study_key = 'PART'`, `UPDATE imednet_purge_before SET version = 6 WHERE study_key = 'PART'`,
		`UPDATE imednet_purge_before SET whole = 13 WHERE study_key = 'GONE'`, `UPDATE imednet_purge_before SET study_key = 'OTHER' WHERE study_key = 'GONE'`,
	} {
		copied := storetest.Copy(t, path)
		storetest.WithoutGuards(t, copied, forgery)
		_, err := openAt(t, nil, copied).VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
		require.ErrorIs(t, err, cache.ErrIntegrity, forgery)
	}

	l = openAt(t, nil, path)
	_, err := l.Purge(t.Context(), "PART", signedPurge(cache.PurgeOptions{Before: retentionStart}))
	require.NoError(t, err)
	_, err = l.Purge(t.Context(), "AGAIN", signedPurge(cache.PurgeOptions{Study: true}))
	require.NoError(t, err)
	v = purges(t, l, cache.PurgeVerifyOptions{Keys: publicOf(purgeKey), Signed: true})
	require.Equal(t, want, v.Former)
	require.NotEmpty(t, v.Tombstones[0].Previous)
	require.EqualValues(t, 9, v.Tombstones[0].Version)
	require.EqualValues(t, 31, v.Tombstones[1].Version)
	storetest.WithoutGuards(t, path, `UPDATE imednet_purge_before SET version = 4 WHERE study_key = 'PART'`)
	_, err = l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
	require.ErrorIs(t, err, cache.ErrIntegrity, "sealed by the first tombstone")
}

// TestEveryFlippedBitOfATombstoneIsFound flips bits and bytes of all pages that hold what a verification of
// purges says, and of the head of the file.
func TestEveryFlippedBitOfATombstoneIsFound(t *testing.T) {
	m := newPurgedMirror(t)
	sync(t, m.CachedRecordsLoader, "OTHER")
	require.NoError(t, m.Close())
	path := m.Path()
	var pages []int
	for _, table := range []string{"imednet_purge", "imednet_purge_before", "imednet_purged"} {
		pages = append(pages, storetest.RootPage(t, path, table))
	}
	told := func() (string, error) {
		l, err := cache.NewCachedRecordsLoader(t.Context(), nil, path)
		if err != nil {
			return "", err
		}
		v, err := l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
		require.NoError(t, l.Close())
		text, failed := json.Marshal(v)
		require.NoError(t, failed)
		return string(text), err
	}
	want, err := told()
	require.NoError(t, err)
	storetest.FlipBitsOfPages(t, path, storetest.Flips(), 16<<10, pages, func(at string) bool {
		got, err := told()
		if err == nil {
			require.Equal(t, want, got, at)
		}
		return err != nil
	})
}

// TestAPurgeOfTheRunLogAloneNeedsAHead: it removes no state, so that its tombstone is all that tells of it.
func TestAPurgeOfTheRunLogAloneNeedsAHead(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 10})
	clock := imednettest.NewClock(retentionStart)
	l := open(t, imednettest.NewServer(study).Client(), cache.WithClock(clock))
	sync(t, l, study.Key())
	clock.Advance(time.Hour)
	report, err := l.Purge(t.Context(), study.Key(), signedPurge(cache.PurgeOptions{Before: clock.Now()}))
	require.NoError(t, err)
	require.Equal(t, cache.PurgeReport{StudyKey: study.Key(), Log: 1}, report)
	head := purges(t, l, cache.PurgeVerifyOptions{}).Head
	require.EqualValues(t, 1, head.Sequence)
	storetest.WithoutGuards(t, l.Path(), `DELETE FROM imednet_purge`)
	require.Empty(t, purges(t, l, cache.PurgeVerifyOptions{Signed: true}).Tombstones)
	_, err = l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{Head: &head})
	require.ErrorIs(t, err, cache.ErrIntegrity)
}
