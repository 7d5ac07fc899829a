package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
)

// RestoreBackup replaces the file with the last good state that this library wrote, and records the
// reason. If the file is damaged, its bytes are saved first. Marks that another program has written
// since can move backward.
//
// The backup must be what the runs of an intact history left, or the error is [ErrIntegrity] and nothing is written: anybody
// who can write to the directory can write a backup. One whose history was rewritten with it is found by the head that was kept
// elsewhere ([ExtractionStateLedger.Verify]).
func (s *FileStore) RestoreBackup(ctx context.Context, reason string) error {
	return s.restore(ctx, reason, true)
}

// RestoreUnprovenBackup is RestoreBackup for a backup of which the history does not show that runs left it, such as that of a
// ledger to which the Python package writes. The history records that it is not proven.
func (s *FileStore) RestoreUnprovenBackup(ctx context.Context, reason string) error {
	return s.restore(ctx, reason, false)
}

func (s *FileStore) restore(ctx context.Context, reason string, prove bool) error {
	if audit.Blank(reason) {
		return fileError("restore", s.path, invalid("reason", "is needed to restore a backup"), "")
	}
	now := s.cfg.clock.Now().UTC()
	return s.locked(ctx, func() error {
		backup, err := s.fs.ReadFile(s.BackupPath())
		if err != nil {
			return fileError("restore", s.BackupPath(), err, "")
		}
		state, err := decodeState(backup)
		if err != nil {
			return fileError("restore", s.BackupPath(), fmt.Errorf("%w: %w", ErrDamaged, err), "")
		}
		r := Run{Kind: RunRestore, Status: StatusSuccess, StartedAt: now, Reason: reason, By: s.cfg.author}
		if prove {
			if err := s.proveBackup(state); err != nil {
				return err
			}
			r.EntryHash = provenBackup(backup)
		}
		if _, data, err := s.read(); errors.Is(err, ErrDamaged) {
			if err := s.saveDamaged(data, err); !savedOnly(err) {
				return err
			}
		}
		if err := s.write(state); err != nil {
			return err
		}
		r.EndedAt = s.cfg.clock.Now().UTC()
		return s.appendRuns([]Run{r})
	})
}

// proveBackup demands that the runs of an intact history left what a backup has.
func (s *FileStore) proveBackup(state LedgerState) error {
	runs, err := s.readRuns()
	if err != nil {
		return err
	}
	found := verifyState(state, runs)
	if n := unattested(state, runs); n > 0 {
		found.Add("entries", "%d were left by no run, as another program writes them", n)
	}
	if found.Count == 0 {
		return nil
	}
	return fileError("restore", s.BackupPath(), fmt.Errorf("%w: the backup is not what its runs left: %s", ErrIntegrity, verdict.First(found.Count, found.Problems[0])),
		"look at who changed the backup or the history; `imednet state restore --unproven` restores it nevertheless, and records that")
}

// provenBackup says in a run what was restored: the hash of a backup that its runs left.
func provenBackup(backup []byte) string {
	return audit.Hash("imednet/ledger backup/v1", string(backup))
}

// savedOnly reports whether a damage was saved, so that nothing is lost by going on.
func savedOnly(err error) bool {
	return errors.As(err, new(*DamageError))
}
