package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

var journalForged = qualification.Scenario{
	ID: "OQ-STO-4", Title: "A journal of submissions cannot be altered unnoticed",
	Requirements: []string{"SUB-10", "SUB-18", "STO-03", "STO-07"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		s, err := generated(ctx, t, 300)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		path := t.Path("journal.sqlite3")
		d, err := openDesk(ctx, s.client, path, imednettest.NewClock(s.study.Now()))
		if err != nil {
			return err
		}
		_, err = d.CreateOrUpdateRecords(ctx, s.study.Key(), []imednet.Submission{newEvent("01-001", "Trial headache"), newEvent("01-001", "Trial fever")}, submissions.Options{Wait: true})
		if err := errors.Join(err, d.journal.Close()); err != nil {
			return err
		}
		refusedByGuard(ctx, t, path, "DELETE FROM submission_events")
		refusedByGuard(ctx, t, path, "UPDATE submission_items SET payload = x'7b7d'")
		file := journalFile(ctx)
		t.Equal("verification of the untouched journal", "intact", outcome(file.verify(path)))
		return findForgeries(ctx, t, path, file, []forgery{
			{"what was sent was changed", "UPDATE submission_items SET payload = CAST(replace(CAST(payload AS TEXT), 'headache', 'nothing ') AS BLOB)"},
			{"what became of a record was changed", "UPDATE submission_items SET state = 'absent' WHERE item = 0"},
			{"who submitted was changed", "UPDATE submissions SET author = 'eve'"},
			{"an entry of the history was removed", "DELETE FROM submission_events WHERE sequence = 2"},
		})
	},
}

func journalFile(ctx context.Context) audited {
	return audited{
		verify: func(path string) error {
			journal, err := sqlitejournal.Open(ctx, path, sqlitejournal.ReadOnly())
			if err != nil {
				return errors.Join(submissions.ErrDamaged, err)
			}
			_, err = journal.Verify(ctx, "")
			return errors.Join(err, journal.Close())
		},
		shown: func(path string) (string, error) {
			journal, err := sqlitejournal.Open(ctx, path, sqlitejournal.ReadOnly())
			if err != nil {
				return "", err
			}
			entries, err := journal.Entries(ctx, submissions.Query{})
			for i := range entries {
				entries[i].Holder, entries[i].LeaseUntil, entries[i].Fence = "", time.Time{}, 0 // no part of its history
			}
			items, failure := journal.Items(ctx, submissions.Query{})
			return asJSON(entries) + asJSON(items), errors.Join(err, failure, journal.Close())
		},
		broken: submissions.ErrDamaged,
	}
}
