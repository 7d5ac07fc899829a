package versioning

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
)

// VerifyOptions configures [ConfigVersionStore.Verify].
type VerifyOptions struct {
	// Heads are ends of histories as exported earlier. Each history must still contain that entry.
	// Without them, the removal of the newest entries cannot be detected.
	Heads []Head
	// Kept are heads of these histories that were kept elsewhere, as package heads reads them. Each
	// history must still contain the entry of each; a fault names the head.
	Kept []imednet.KeptHead
	// Keys are the public keys of permitted signers. If it is not empty, every signature must be by
	// one of them.
	Keys []ed25519.PublicKey
	// Signers are, by [imednet.SigningKeyID] of a key, the ids of those in whose name it may sign. A key that is not
	// there may sign in any name.
	Signers map[string][]string
}

// Verification is the result of [ConfigVersionStore.Verify].
type Verification struct {
	Entries int64  // read
	Bodies  int64  // read
	Files   int64  // of dictionaries, read
	Heads   []Head // ends of all histories, by study; store them elsewhere if all is intact
	Faults  int64  // all faults
	// Problems lists the first hundred faults, beginning with the first bad entry of the first
	// study. Path is "config_entries/STUDY/SEQUENCE", "config_commits/COMMITID" or
	// "dictionary_files/SHA256".
	Problems []imednet.Problem
}

// Verify checks one consistent snapshot of the file and writes nothing. It checks that the file and
// its indexes are intact according to SQLite, that the triggers are present, that each study's
// entries form a chain without gaps in which each has the hash of its stored columns and of the
// previous entry, that nobody reviewed or approved what the same person had committed, or approved what nobody had
// reviewed, that the exported heads are among them, that every body has the hash that is its
// commit id, that the columns of config_commits agree with the entry that committed the body, and that
// every dictionary has its files.
// It hashes the stored bytes, never a re-encoding. If there are faults the error is [ErrIntegrity],
// and the result lists them.
func (s *ConfigVersionStore) Verify(ctx context.Context, o VerifyOptions) (v Verification, err error) {
	const op = "verify"
	var found *audit.Findings
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		found, v, err = s.proveAll(ctx, tx, o, true)
		return err
	})
	if err != nil {
		return Verification{}, wrap(op, "", "", err)
	}
	if v.Faults, v.Problems = found.Count, found.Problems; v.Faults > 0 {
		return v, wrap(op, "", "", integrityError(found))
	}
	return v, nil
}

// proveAll checks the file, the chains, the guards and the bodies; strangers are findings if asked
// for.
func (s *ConfigVersionStore) proveAll(ctx context.Context, tx *sql.Tx, o VerifyOptions, withStrangers bool) (found *audit.Findings, v Verification, err error) {
	found = &audit.Findings{}
	d := s.file.Dialect()
	if err := found.CheckFile(ctx, tx, d); err != nil {
		return found, v, err
	}
	if err := verifyChains(ctx, tx, o, &v, found); err != nil {
		return found, v, err
	}
	if err := slices.Concat(guards, dictionaryGuards).Check(ctx, tx, d, found); err != nil {
		return found, v, err
	}
	if err := s.file.CheckSchema(ctx, tx, postgresSchema, found); err != nil {
		return found, v, err
	}
	if err := verifyDictionaries(ctx, tx, &v, found); err != nil {
		return found, v, err
	}
	return found, v, verifyBodies(ctx, tx, &v, found, withStrangers)
}

func integrityError(found *audit.Findings) error {
	return refuse(ErrIntegrity, verdict.First(found.Count, found.Problems[0]))
}

// String returns the result as the command prints it.
func (v Verification) String() string {
	return verdict.Of(fmt.Sprintf("%d entries, %d configurations%s", v.Entries, v.Bodies, countFiles(v.Files)), v.Faults)
}

// verifyChains recomputes every entry's hash from the stored columns, study by study.
func verifyChains(ctx context.Context, tx *sql.Tx, o VerifyOptions, v *Verification, found *audit.Findings) error {
	kept := o.kept(found)
	signatures := &signatureChecker{by: audit.Signers{Keys: o.Keys, Names: o.Signers}, brought: map[string]string{}, found: found}
	decisions := &decisionChecker{commits: map[string]decided{}, found: found}
	rows, err := tx.QueryContext(ctx, `SELECT `+entryColumns+`, kind = 'DICTIONARY' OR EXISTS (SELECT 1 FROM config_commits c WHERE c.commit_id = e.commit_id)
		FROM config_entries e ORDER BY study_key, sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var last entryRow
	for rows.Next() {
		var r entryRow
		var hasBody bool
		if err := rows.Scan(append(r.fields(), &hasBody)...); err != nil {
			return err
		}
		v.Entries++
		if r.StudyKey != last.StudyKey || v.Entries == 1 {
			v.Heads = append(v.Heads, Head{})
			last = entryRow{}
		}
		checkEntry(&r, &last, hasBody, found)
		signatures.entry(&r)
		decisions.entry(&r)
		kept.Entry(r.place(), r.StudyKey, r.Sequence, r.Hash)
		newest := v.Heads[len(v.Heads)-1].CommitID
		if EntryKind(r.Kind).bringsConfiguration() {
			newest = r.CommitID
		}
		v.Heads[len(v.Heads)-1] = r.head(r.StudyKey, newest)
		last = r
	}
	kept.Missing("history", entryPlace)
	return rows.Err()
}

// kept are all heads that the histories must contain.
func (o *VerifyOptions) kept(found *audit.Findings) *audit.Kept {
	kept := audit.NewKept(found)
	for _, h := range o.Heads {
		kept.Expect(h.StudyKey, h.Sequence, h.Hash)
	}
	kept.ExpectAll(o.Kept, func(line string) (study string, sequence int64, hash string, err error) {
		sequence, hash, err = audit.ParseHead(line, headKind, &study)
		return study, sequence, hash, err
	})
	return kept
}

func entryPlace(study string, sequence int64) string {
	return fmt.Sprintf("config_entries/%s/%d", study, sequence)
}

func (r *entryRow) place() string { return entryPlace(r.StudyKey, r.Sequence) }

func checkEntry(r, last *entryRow, hasBody bool, found *audit.Findings) {
	gap := gapBefore(r.Sequence, r.ParentHash, last.Sequence, last.Hash)
	switch {
	case gap != "":
		found.Add(r.place(), "%s", gap)
	case r.Hash != r.computeHash():
		found.Add(r.place(), "was changed: its hash does not match what it holds")
	case !hasBody:
		found.Add(r.place(), "its body is missing")
	case !r.readable():
		found.Add(r.place(), "its details cannot be read")
	case audit.Falls(last.recordedAt(), r.recordedAt()):
		found.Add(r.place(), "is dated before the entry before it")
	}
}

// verifyBodies hashes every stored body and compares its row with the entry that brought it.
func verifyBodies(ctx context.Context, tx *sql.Tx, v *Verification, found *audit.Findings, withStrangers bool) error {
	rows, err := tx.QueryContext(ctx, `SELECT c.commit_id, c.study_key, c.version_tag, c.modified_by, c.description, c.timestamp, c.config_data,
			e.commit_id, e.study_key, e.version_tag, e.author, e.reason, e.timestamp
		FROM config_commits c LEFT JOIN config_entries e ON e.commit_id = c.commit_id AND e.study_key = c.study_key AND e.sequence =
			(SELECT min(sequence) FROM config_entries f WHERE f.commit_id = c.commit_id AND f.study_key = c.study_key)
		ORDER BY c.rowid`)
	if err != nil {
		return err
	}
	defer rows.Close()
	names := []string{"commit_id", "study_key", "version_tag", "modified_by", "description", "timestamp"}
	for rows.Next() {
		v.Bodies++
		row, err := audit.ScanRow(rows, 2*len(names)+1)
		if err != nil {
			return err
		}
		commit, body, entry := row[:len(names)], row[len(names)], row[len(names)+1:]
		id, _ := commit[0].(string)
		at := "config_commits/" + id
		text, isText := body.(string)
		if entry[0] == nil {
			if withStrangers {
				found.Add(at, "no entry of its study names it: another program wrote or changed it")
			}
			continue
		}
		if c := commit.Differs(entry); c >= 0 {
			found.Add(at, "differs from the entry that brought it in %s", names[c])
		}
		if !isText || bodyHash([]byte(text)) != id {
			found.Add(at, "its body was changed")
		}
	}
	return rows.Err()
}
