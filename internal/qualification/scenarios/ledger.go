package scenarios

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/ledger"
)

var ledgerMarks = qualification.Scenario{
	ID: "OQ-STO-1", Title: "A mark never moves past the data, and a damaged or forged ledger is found",
	Requirements: []string{"STO-02", "STO-10", "STO-22", "STO-23", "MIR-09"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		path := t.Path("pipeline_ledger.json")
		store, err := ledger.OpenFile(path)
		if err != nil {
			return err
		}
		l, err := ledger.NewExtractionStateLedger(store, ledger.WithClock(t.Clock), ledger.WithAuthor(ledger.Author{User: "anna"}))
		if err != nil {
			return err
		}
		day := func(n int) time.Time { return time.Date(2026, 3, n, 8, 0, 0, 0, time.UTC) }
		if err := errors.Join(marks(ctx, t, l, day), everyRunNamesItsUser(ctx, t, l)); err != nil {
			return err
		}
		verified, err := l.Verify(ctx, ledger.VerifyOptions{})
		if err != nil {
			return err
		}
		t.Equal("faults of the untouched ledger", 0, verified.Faults)
		if err := forgeLedger(ctx, t, l, path, verified.Head); err != nil {
			return err
		}
		return damageLedger(ctx, t, store, l, path)
	},
}

// marks moves the mark of a stream, and tries to.
func marks(ctx context.Context, t *qualification.Trial, l *ledger.ExtractionStateLedger, day func(int) time.Time) error {
	run := func(to time.Time, failure error) error {
		return l.Transaction(ctx, "DEMO", "records", day(1), func(_ context.Context, tx *ledger.Tx) error {
			tx.NewTimestamp, tx.RecordsProcessed = to, 10
			return failure
		})
	}
	mark := func(what string, expected time.Time) error {
		seen, _, err := l.LastTimestamp(ctx, "DEMO", "records")
		t.Equal("the mark after "+what, expected, seen)
		return err
	}
	broken := errors.New("the disk is full")
	err := run(day(2), broken)
	t.Refused("a first job that fails", broken, err)
	_, exists, err := l.LastTimestamp(ctx, "DEMO", "records")
	if err != nil {
		return err
	}
	t.Equal("whether it made a mark", false, exists)
	if err := errors.Join(run(day(3), nil), mark("a job that succeeded", day(3))); err != nil {
		return err
	}
	t.Refused("a later job that fails", broken, run(day(9), broken))
	t.Refused("a job that would move the mark backward", ledger.ErrBackward, run(day(2), nil))
	if err := mark("both", day(3)); err != nil {
		return err
	}
	err = l.SetLastTimestamp(ctx, "DEMO", "records", day(2), ledger.SetOptions{AllowBackward: true, Reason: "read the second day again"})
	return errors.Join(err, mark("it was allowed to move backward, with a reason", day(2)))
}

func everyRunNamesItsUser(ctx context.Context, t *qualification.Trial, l *ledger.ExtractionStateLedger) error {
	runs, named := 0, 0
	for run, err := range l.Runs(ctx, ledger.RunFilter{}) {
		if err != nil {
			return err
		}
		runs++
		if run.By != nil && run.By.User == "anna" {
			named++
		}
	}
	t.Holds("there are runs", runs > 3)
	t.Equal("runs that name their user", runs, named)
	return nil
}

// forgeLedger changes the file and its history as somebody who can write them.
func forgeLedger(ctx context.Context, t *qualification.Trial, l *ledger.ExtractionStateLedger, path, head string) error {
	for _, f := range []struct{ name, file, old, new string }{
		{"who ran a job was changed", path + ".history.jsonl", "anna", "bert"},
		{"a reason was changed", path + ".history.jsonl", "second day", "first week"},
		{"a mark was changed", path, "2026-03-02", "2026-04-02"},
	} {
		text, err := os.ReadFile(f.file)
		if err != nil {
			return err
		}
		forged := strings.Replace(string(text), f.old, f.new, 1)
		t.Holds("there is something to forge: "+f.name, forged != string(text))
		if err := os.WriteFile(f.file, []byte(forged), 0o600); err != nil {
			return err
		}
		_, err = l.Verify(ctx, ledger.VerifyOptions{Head: head})
		t.Refused("verification after: "+f.name, ledger.ErrIntegrity, err)
		if err := os.WriteFile(f.file, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// damageLedger cuts the file, and restores it from its backup.
func damageLedger(ctx context.Context, t *qualification.Trial, store *ledger.FileStore, l *ledger.ExtractionStateLedger, path string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, before[:len(before)/2], 0o600); err != nil {
		return err
	}
	_, _, err = l.LastTimestamp(ctx, "DEMO", "records")
	t.Refused("reading a ledger that was cut in half", ledger.ErrDamaged, err)
	if err := store.RestoreBackup(ctx, "the acceptance trial cut it"); err != nil {
		return err
	}
	after, err := os.ReadFile(path)
	t.Equal("SHA-256 of the ledger after its backup was restored", fmt.Sprintf("%x", sha256.Sum256(before)), fmt.Sprintf("%x", sha256.Sum256(after)))
	return err
}
