package triage

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// VerifyOptions are the settings of Verify.
type VerifyOptions struct {
	// Head is the end of the log as it was exported before. The log must still have that entry;
	// without it a tail that was cut off cleanly cannot be seen.
	Head *Head
	// Keys are the public keys of those who may sign. With any, every signature must be of one.
	Keys []ed25519.PublicKey
}

// Verification is what Verify found.
type Verification struct {
	Events int64 // entries read
	Items  int64 // items compared with the replayed log
	Head   Head  // the end of the log; worth exporting when the log is intact
	Faults int64 // everything that is wrong
	// Problems lists the first hundred faults, the first bad entry of the log first. Path is
	// "table/key"; keys are sequences and item ids.
	Problems []imednet.Problem
}

// String is the result as the command shows it.
func (v Verification) String() string {
	if v.Faults > 0 {
		return fmt.Sprintf("%d entries, %d faults", v.Events, v.Faults)
	}
	return fmt.Sprintf("%d entries, intact", v.Events)
}

// Verify re-proves the store over one unchanging state of the file, and writes nothing: that SQLite
// finds the file and its indexes sound, that the guards are there,
// that the entries follow one another without a gap, that each has the hash of what is stored and
// of the entry before, that the exported head is among them, and that the readable tables hold
// exactly what replaying the log gives. Any fault makes the error ErrIntegrity; the result says
// which.
func (s *TriageStore) Verify(ctx context.Context, o VerifyOptions) (v Verification, err error) {
	const op = "verify"
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		found := &audit.Findings{}
		v = Verification{}
		if err := found.CheckFile(ctx, tx); err != nil {
			return err
		}
		if err := verifyChain(ctx, tx, o, &v, found); err != nil {
			return err
		}
		if err := guards.Check(ctx, tx, found); err != nil {
			return err
		}
		if err := audit.CheckIndexes(ctx, tx, pythonSchema+logSchema, found); err != nil {
			return err
		}
		if err := verifyTables(ctx, tx, &v, found); err != nil {
			return err
		}
		v.Faults, v.Problems = found.Count, found.Problems
		return nil
	})
	if err != nil {
		return Verification{}, wrap(op, "", "", err)
	}
	if v.Faults > 0 {
		return v, wrap(op, "", "", refuse(ErrIntegrity, fmt.Sprintf("%d faults, the first at %s: %s", v.Faults, v.firstPlace(), v.Problems[0].Message)))
	}
	return v, nil
}

// firstPlace names the first fault; item ids are in Problems only.
func (v *Verification) firstPlace() string {
	table, _, _ := strings.Cut(v.Problems[0].Path, "/")
	if table == "triage_events" || table == "trigger" || table == "index" || table == "file" {
		return v.Problems[0].Path
	}
	return table
}

// verifyChain recomputes every entry's hash from the stored columns.
func verifyChain(ctx context.Context, tx *sql.Tx, o VerifyOptions, v *Verification, found *audit.Findings) error {
	exported := o.Head
	signatures := &signatureChecker{keys: o.Keys, hash: map[string]string{}, found: found}
	seen := exported == nil || exported.Sequence == 0
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
		if exported != nil && e.Sequence == exported.Sequence {
			seen = true
			if e.Hash != exported.Hash {
				found.Add(at, "is not the entry of the exported head")
			}
		}
		v.Head = Head{e.Sequence, e.Hash}
		return nil
	})
	if err == nil && !seen {
		found.Add(fmt.Sprintf("triage_events/%d", exported.Sequence), "the log ends before the exported head: its tail was cut")
	}
	return err
}
