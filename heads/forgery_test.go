//go:build cgo

package heads_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// audited is a kind of store, in a directory.
type audited struct {
	// write adds the entry of a number, which says a text, and returns the heads.
	write func(t *testing.T, dir string, n int, text string) []string
	// verify proves the store with heads that were kept.
	verify func(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error)
	// cut removes the newest entry with all that followed from it.
	cut func(t *testing.T, dir string)
}

func stores() map[string]audited {
	return map[string]audited{
		"triage":         {writeReview, verifyReview, cutReview},
		"configurations": {writeConfiguration, verifyConfiguration, cutConfiguration},
		"submissions":    {writeSubmission, verifySubmission, cutSubmission},
		"ledger":         {writeMark, verifyMarks, cutMark},
		"mirror":         {writePurge, verifyPurges, cutPurge},
	}
}

func file(dir string) string { return filepath.Join(dir, "store") }

func openReview(t *testing.T, dir string) *triage.TriageStore {
	s, err := triage.NewTriageStore(t.Context(), file(dir), triage.WithoutCheck())
	require.NoError(t, err)
	return s
}

func writeReview(t *testing.T, dir string, n int, text string) []string {
	s := openReview(t, dir)
	defer s.Close()
	_, err := s.ReportFindings(t.Context(), "anna", []triage.Finding{{StudyKey: "S", Severity: "HIGH", Summary: text, Link: triage.Link{RecordID: int64(n), Rule: "R"}}})
	require.NoError(t, err)
	head, err := s.Head(t.Context())
	require.NoError(t, err)
	return []string{head.String()}
}

func verifyReview(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error) {
	s := openReview(t, dir)
	defer s.Close()
	v, err := s.Verify(t.Context(), triage.VerifyOptions{Kept: kept})
	return v.Problems, err
}

func cutReview(t *testing.T, dir string) {
	storetest.WithoutGuards(t, file(dir), `DELETE FROM triage_items WHERE item_id = (SELECT item_id FROM triage_events ORDER BY sequence DESC LIMIT 1)`,
		`DELETE FROM triage_events WHERE sequence = (SELECT max(sequence) FROM triage_events)`)
}

func openConfiguration(t *testing.T, dir string) *versioning.ConfigVersionStore {
	s, err := versioning.NewConfigVersionStore(t.Context(), file(dir))
	require.NoError(t, err)
	return s
}

func writeConfiguration(t *testing.T, dir string, n int, text string) []string {
	s := openConfiguration(t, dir)
	defer s.Close()
	_, err := s.CommitConfig(t.Context(), "S", &imednet.StudyConfiguration{StudyKey: "S", Version: fmt.Sprint(n)}, versioning.CommitOptions{Author: "anna", Reason: text})
	require.NoError(t, err)
	ends, err := s.Heads(t.Context())
	require.NoError(t, err)
	require.Len(t, ends, 1)
	return []string{ends[0].String()}
}

func verifyConfiguration(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error) {
	s := openConfiguration(t, dir)
	defer s.Close()
	v, err := s.Verify(t.Context(), versioning.VerifyOptions{Kept: kept})
	return v.Problems, err
}

func cutConfiguration(t *testing.T, dir string) {
	storetest.WithoutGuards(t, file(dir), `DELETE FROM config_entries WHERE sequence = (SELECT max(sequence) FROM config_entries)`,
		`DELETE FROM config_commits WHERE commit_id NOT IN (SELECT commit_id FROM config_entries)`)
}

func openSubmissions(t *testing.T, dir string) *sqlitejournal.Journal {
	j, err := sqlitejournal.Open(t.Context(), file(dir))
	require.NoError(t, err)
	return j
}

func writeSubmission(t *testing.T, dir string, n int, text string) []string {
	j := openSubmissions(t, dir)
	defer j.Close()
	item := submissions.Item{Kind: imednet.NewRecord, FormKey: "AE", ContentHash: fmt.Sprint(n), Ordinal: 1, Line: 1, Payload: jsontext.Value(`{"t":"` + text + `"}`)}
	_, err := j.Prepare(t.Context(), submissions.Preparation{ID: fmt.Sprint("s", n), StudyKey: "S", Author: "anna", Items: []submissions.Item{item}, Lease: submissions.Lease{Holder: "p", For: time.Minute}})
	require.NoError(t, err)
	head, err := j.Head(t.Context())
	require.NoError(t, err)
	return []string{head}
}

func verifySubmission(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error) {
	j := openSubmissions(t, dir)
	defer j.Close()
	v, err := j.VerifyHeads(t.Context(), "", kept)
	return v.Problems, err
}

func cutSubmission(t *testing.T, dir string) {
	storetest.WithoutGuards(t, file(dir), `DELETE FROM submission_items WHERE submission = (SELECT max(sequence) FROM submissions)`,
		`DELETE FROM submission_events WHERE submission_id = (SELECT id FROM submissions ORDER BY sequence DESC LIMIT 1)`,
		`DELETE FROM submissions WHERE sequence = (SELECT max(sequence) FROM submissions)`)
}

func openMarks(t *testing.T, dir string) *ledger.ExtractionStateLedger {
	store, err := ledger.OpenFile(file(dir))
	require.NoError(t, err)
	l, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	return l
}

func writeMark(t *testing.T, dir string, n int, text string) []string {
	l := openMarks(t, dir)
	err := l.SetLastTimestamp(t.Context(), "S", fmt.Sprint("stream", n), start, ledger.SetOptions{Reason: text})
	require.NoError(t, err)
	head, err := l.Head(t.Context())
	require.NoError(t, err)
	return []string{head.String()}
}

func verifyMarks(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error) {
	v, err := openMarks(t, dir).Verify(t.Context(), ledger.VerifyOptions{Kept: kept})
	return v.Problems, err
}

func cutMark(t *testing.T, dir string) {
	history, err := os.ReadFile(file(dir) + ".history.jsonl")
	require.NoError(t, err)
	lines := bytes.SplitAfter(history, []byte("\n"))
	require.NoError(t, os.WriteFile(file(dir)+".history.jsonl", bytes.Join(lines[:len(lines)-2], nil), 0o600))
	older, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "older", "store"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file(dir), older, 0o600))
}

func openMirror(t *testing.T, dir string, hours int) *cache.CachedRecordsLoader {
	l, err := cache.NewCachedRecordsLoader(t.Context(), nil, file(dir), cache.WithClock(&hourly{start.Add(time.Duration(hours) * time.Hour)}))
	require.NoError(t, err)
	return l
}

func writePurge(t *testing.T, dir string, n int, text string) []string {
	l := openMirror(t, dir, n)
	defer l.Close()
	study := fmt.Sprint("S", n)
	storetest.Exec(t, file(dir), `INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES ('`+study+`', 1, 'AE', '', '{}')`)
	_, err := l.Purge(t.Context(), study, cache.PurgeOptions{Study: true, Reason: text})
	require.NoError(t, err)
	head, err := l.PurgeHead(t.Context())
	require.NoError(t, err)
	return []string{head.String()}
}

func verifyPurges(t *testing.T, dir string, kept []imednet.KeptHead) ([]imednet.Problem, error) {
	l := openMirror(t, dir, 0)
	defer l.Close()
	v, err := l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{Kept: kept})
	return v.Problems, err
}

// cutPurge removes the newest tombstone with all that the file says of its purge elsewhere.
func cutPurge(t *testing.T, dir string) {
	storetest.WithoutGuards(t, file(dir), `DELETE FROM imednet_purged WHERE study_key = (SELECT statement ->> '$.studyKey' FROM imednet_purge ORDER BY sequence DESC LIMIT 1)`,
		`DELETE FROM imednet_purge WHERE sequence = (SELECT max(sequence) FROM imednet_purge)`)
}

// TestForgeryTableOfHeads is the table of docs/security.md: which attack on a store, and on its heads, each
// store finds on its own, with its newest head, and with a directory of signed heads.
func TestForgeryTableOfHeads(t *testing.T) {
	type place struct {
		store, older string
		dir          heads.Dir
		names        []string
	}
	putBack := func(t *testing.T, from, to string) {
		require.NoError(t, os.RemoveAll(to))
		require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	}
	remove := func(t *testing.T, p place, n int) {
		require.NoError(t, os.Remove(filepath.Join(string(p.dir), p.names[n])))
	}
	for name, c := range map[string]struct {
		attack            func(t *testing.T, s audited, p place)
		alone, head, many bool   // found
		says              string // by the directory, of the head
		of                int    // the head that is named; -1: none
	}{
		"a cut tail":    {func(t *testing.T, s audited, p place) { s.cut(t, p.store) }, false, true, true, "does not have its entry", 2},
		"an older copy": {func(t *testing.T, s audited, p place) { putBack(t, p.older, p.store) }, false, true, true, "does not have its entry", 2},
		"a rebuilt chain": {func(t *testing.T, s audited, p place) {
			require.NoError(t, os.RemoveAll(p.store))
			require.NoError(t, os.Mkdir(p.store, 0o700))
			for n := range 5 {
				s.write(t, p.store, n, "forged")
			}
		}, false, true, true, "is another one in the store: the chain was rebuilt", 0},
		"a cut tail, and an older head of the three removed": {func(t *testing.T, s audited, p place) {
			s.cut(t, p.store)
			remove(t, p, 1)
		}, false, true, true, "is missing or was altered", -1},
		"a cut tail, and its head removed": {func(t *testing.T, s audited, p place) {
			s.cut(t, p.store)
			remove(t, p, 2)
		}, false, true, false, "", -1},
		"a replayed head": {func(t *testing.T, s audited, p place) {
			text, err := p.dir.Read(t.Context(), p.names[0])
			require.NoError(t, err)
			s.cut(t, p.store)
			require.NoError(t, os.WriteFile(filepath.Join(string(p.dir), p.names[2]), text, 0o600))
		}, false, true, true, "is not what was written under its name", 2},
	} {
		for kind, s := range stores() {
			t.Run(strings.ReplaceAll(name, " ", "_")+"/"+kind, func(t *testing.T) {
				root := t.TempDir()
				p := place{store: filepath.Join(root, "store"), older: filepath.Join(root, "older"), dir: heads.Dir(filepath.Join(root, "heads"))}
				require.NoError(t, os.Mkdir(p.store, 0o700))
				k := keeper(p.dir)
				var last string
				for n := range 3 {
					if n == 2 {
						putBack(t, p.store, p.older)
					}
					lines := s.write(t, p.store, n, "true")
					last = lines[0]
					_, err := k.Write(t.Context(), store(kind, "here", lines...), store(kind, "there", "x"))
					require.NoError(t, err)
				}
				var err error
				p.names, err = p.dir.Names(t.Context())
				require.NoError(t, err)
				problems, err := withDirectory(t, s, p.store, p.dir, kind)
				require.NoError(t, err, problems)

				c.attack(t, s, p)
				_, err = s.verify(t, p.store, nil)
				require.Equal(t, c.alone, err != nil, "alone: %v", err)
				_, err = s.verify(t, p.store, []imednet.KeptHead{{Name: "kept.txt", Line: last}})
				require.Equal(t, c.head, err != nil, "with the head: %v", err)
				problems, err = withDirectory(t, s, p.store, p.dir, kind)
				require.Equal(t, c.many, err != nil, "with the directory: %v", err)
				if !c.many {
					k, err := heads.Open(t.Context(), p.dir, heads.Options{Keys: public, MaxAge: 90 * time.Minute, Clock: &hourly{start.Add(3 * time.Hour)}})
					require.NoError(t, err)
					require.ErrorContains(t, k.Err(), "overdue")
					return
				}
				want := "heads"
				if c.of >= 0 {
					want += "/" + p.names[c.of]
				}
				require.Condition(t, func() bool {
					for _, problem := range problems {
						if problem.Path == want && strings.Contains(problem.Message, c.says) {
							return true
						}
					}
					return false
				}, "%s: %s: %v", want, c.says, problems)
			})
		}
	}
}

// withDirectory proves a store with all heads of a directory, and the directory.
func withDirectory(t *testing.T, s audited, dir string, p heads.Place, kind string) ([]imednet.Problem, error) {
	k := open(t, p)
	kept, others, err := k.Of(kind, "here")
	require.NoError(t, err)
	require.Positive(t, others)
	problems, err := s.verify(t, dir, kept)
	return append(k.Problems, problems...), errors.Join(k.Err(), err)
}
