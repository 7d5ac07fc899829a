package triage

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
)

// VerifyOptions configures [TriageStore.Verify].
type VerifyOptions struct {
	// Head is the end of the log as exported earlier. The log must still contain that entry.
	// Without it, the removal of the newest entries cannot be detected.
	Head *Head
	// Kept are heads of this log that were kept elsewhere, as package heads reads them. The log must
	// still contain the entry of each; a fault names the head.
	Kept []imednet.KeptHead
	// Keys are the public keys of permitted signers. If it is not empty, every signature must be by
	// one of them.
	Keys []ed25519.PublicKey
	// Signers are, by [imednet.SigningKeyID] of a key, the ids of those in whose name it may sign. A key that is not
	// there may sign in any name.
	Signers map[string][]string
}

// Verification is the result of [TriageStore.Verify].
type Verification struct {
	Events int64 // entries read
	Items  int64 // items compared with the replayed log
	Head   Head  // end of the log; store it elsewhere if the log is intact
	Faults int64 // all faults
	// Problems lists the first hundred faults, beginning with the first bad entry of the log. Path
	// is "table/key", where keys are sequences and item ids.
	Problems []imednet.Problem
}

// String returns the result as the command prints it.
func (v Verification) String() string {
	return verdict.Of(fmt.Sprintf("%d entries", v.Events), v.Faults)
}

// Verify checks one consistent snapshot of the file and writes nothing. It checks that the file and
// its indexes are intact according to SQLite, that the triggers are present, that the entries form
// a chain without gaps in which each has the hash of its stored columns and of the previous entry,
// that the exported head is among them, and that the other tables hold exactly the result of
// replaying the log. If there are faults the error is [ErrIntegrity], and the result lists them.
func (s *TriageStore) Verify(ctx context.Context, o VerifyOptions) (v Verification, err error) {
	const op = "verify"
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		v, err = s.inspect(ctx, tx, o)
		return err
	})
	if err != nil {
		return Verification{}, wrap(op, "", "", err)
	}
	if v.Faults > 0 {
		return v, wrap(op, "", "", refuse(ErrIntegrity, verdict.First(v.Faults, imednet.Problem{Path: v.firstPlace(), Message: v.Problems[0].Message})))
	}
	return v, nil
}

// inspect compares all that a store holds with its log.
func (s *TriageStore) inspect(ctx context.Context, tx *sql.Tx, o VerifyOptions) (v Verification, err error) {
	d, found := s.file.Dialect(), &audit.Findings{}
	if err := found.CheckFile(ctx, tx, d); err != nil {
		return v, err
	}
	if err := verifyChain(ctx, tx, o, &v, found); err != nil {
		return v, err
	}
	if err := guards.Check(ctx, tx, d, found); err != nil {
		return v, err
	}
	if err := s.file.CheckSchema(ctx, tx, postgresSchema, found); err != nil {
		return v, err
	}
	if err := verifyTables(ctx, tx, d, &v, found); err != nil {
		return v, err
	}
	v.Faults, v.Problems = found.Count, found.Problems
	return v, nil
}

// firstPlace names the first fault; item ids are in Problems only.
func (v *Verification) firstPlace() string {
	table, _, _ := strings.Cut(v.Problems[0].Path, "/")
	if table == "triage_events" || table == "trigger" || table == "index" || table == "table" || table == "file" || table == "heads" {
		return v.Problems[0].Path
	}
	return table
}

// verifyChain recomputes every entry's hash from the stored columns.
func verifyChain(ctx context.Context, tx *sql.Tx, o VerifyOptions, v *Verification, found *audit.Findings) error {
	kept := o.kept(found)
	signatures := &signatureChecker{by: audit.Signers{Keys: o.Keys, Names: o.Signers}, hash: map[string]string{}, found: found}
	before := ""
	err := eachRow(ctx, tx, `SELECT `+eventColumns+` FROM triage_events ORDER BY sequence`, func(rows *sql.Rows) error {
		var e eventRow
		if err := rows.Scan(e.fields()...); err != nil {
			return err
		}
		v.Events++
		at := fmt.Sprintf("triage_events/%d", e.Sequence)
		switch {
		case e.Sequence != v.Head.Sequence+1:
			found.Add(at, "the entries before it are missing, from %d on", v.Head.Sequence+1)
		case e.PreviousHash != v.Head.Hash:
			found.Add(at, "does not follow the entry before it")
		case e.Hash != e.computeHash():
			found.Add(at, "was changed: its hash does not match what it holds")
		case audit.Falls(before, e.Timestamp):
			found.Add(at, "is dated before the entry before it")
		}
		before = e.Timestamp
		signatures.entry(&e)
		kept.Entry(at, "", e.Sequence, e.Hash)
		v.Head = Head{e.Sequence, e.Hash}
		return nil
	})
	if err == nil {
		kept.Missing("log", func(_ string, sequence int64) string { return fmt.Sprintf("triage_events/%d", sequence) })
	}
	return err
}

// kept are all heads that the log must contain.
func (o *VerifyOptions) kept(found *audit.Findings) *audit.Kept {
	kept := audit.NewKept(found)
	if o.Head != nil {
		kept.Expect("", o.Head.Sequence, o.Head.Hash)
	}
	kept.ExpectAll(o.Kept, func(line string) (string, int64, string, error) {
		sequence, hash, err := audit.ParseHead(line, headKind)
		return "", sequence, hash, err
	})
	return kept
}
