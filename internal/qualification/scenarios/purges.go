package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/qualification"
)

var retentionAndPurges = qualification.Scenario{
	ID: "OQ-MIR-6", Title: "A purge is refused before its date, and leaves a signed tombstone that cannot be altered unnoticed",
	Requirements: []string{"MIR-15", "MIR-60", "MIR-63"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		until := t.Clock.Now().Add(time.Hour)
		rules := imednet.RetentionRules{Default: imednet.Retention{Name: "trial", Until: until}}
		return withMirror(ctx, t, 200, func(s *site, mirror *cache.CachedRecordsLoader) error {
			study := s.study.Key()
			if _, err := mirror.SyncStudy(ctx, study, cache.SyncOptions{}); err != nil {
				return err
			}
			before, err := held(ctx, mirror, study)
			if err != nil {
				return err
			}
			purge := cache.PurgeOptions{Study: true, By: imednet.Identity{ID: "anna", Authenticated: "os-user"}, Reason: "the trial has ended", Key: keyOf("anna")}
			_, err = mirror.Purge(ctx, study, purge)
			t.RefusedAs("a purge before the date of the rule", new(*imednet.RetentionError), err)
			after, err := held(ctx, mirror, study)
			if err != nil {
				return err
			}
			t.Equal("records after the refusal", digest(before), digest(after))
			if err := t.Clock.Sleep(ctx, 2*time.Hour); err != nil {
				return err
			}
			status, err := mirror.Status(ctx, study)
			if err != nil {
				return err
			}
			report, err := mirror.Purge(ctx, study, purge)
			if err != nil {
				return err
			}
			t.Equal("active records that a purge after the date removed", status.Records.Active, report.Records)
			return tombstones(ctx, t, mirror, report)
		}, cache.WithRetention(rules))
	},
}

// tombstones proves what the purge left, and that changes of it are found.
func tombstones(ctx context.Context, t *qualification.Trial, mirror *cache.CachedRecordsLoader, report cache.PurgeReport) error {
	signed := cache.PurgeVerifyOptions{Keys: publicOf(keyOf("anna")), Signed: true}
	v, err := mirror.VerifyPurges(ctx, signed)
	if err != nil {
		return err
	}
	t.Equal("tombstones", 1, len(v.Tombstones))
	left := v.Tombstones[0]
	t.Equal("who, why and by which rule", "anna, the trial has ended, trial", left.By.ID+", "+left.Reason+", "+left.Rule)
	t.Equal("records that the tombstone counts", report.Records, left.Removed[0].Rows)
	_, err = mirror.VerifyPurges(ctx, cache.PurgeVerifyOptions{Keys: publicOf(keyOf("eve"))})
	t.Refused("verification with the key of somebody else", cache.ErrIntegrity, err)
	for _, f := range []forgery{
		{"the reason was changed", `UPDATE imednet_purge SET statement = replace(statement, 'ended', 'Ended')`},
		{"the study was changed", `UPDATE imednet_purge SET statement = replace(statement, '"DEMO"', '"OTHER"')`},
		{"the tombstone was removed", `DELETE FROM imednet_purge`},
		{"its signature was removed", `UPDATE imednet_purge SET signature = NULL`},
		{"it was moved to another number", `UPDATE imednet_purge SET sequence = 2`},
		{"it was replayed", `INSERT INTO imednet_purge SELECT 2, statement, hash, signature FROM imednet_purge`},
	} {
		if err := forgedPurge(ctx, t, mirror, f); err != nil {
			return err
		}
	}
	without := t.Path("without.sqlite3")
	err = errors.Join(mirror.Backup(ctx, without), withoutGuards(ctx, without, `DELETE FROM imednet_purge; DELETE FROM imednet_purged`))
	if err != nil {
		return err
	}
	t.Equal("verification without the tombstone and all other traces, without a head", "intact", outcome(verifyPurges(ctx, without, cache.PurgeVerifyOptions{})))
	t.Refused("the same with the head", cache.ErrIntegrity, verifyPurges(ctx, without, cache.PurgeVerifyOptions{Head: &v.Head}))
	return t.EvidenceJSON("tombstone.json", left)
}

// forgedPurge makes a change in a copy of the mirror: verification must find it.
func forgedPurge(ctx context.Context, t *qualification.Trial, mirror *cache.CachedRecordsLoader, f forgery) error {
	copied := t.Path("forged.sqlite3")
	err := errors.Join(remove(copied), mirror.Backup(ctx, copied), withoutGuards(ctx, copied, f.sql))
	if err == nil {
		t.Refused("verification after: "+f.name, cache.ErrIntegrity, verifyPurges(ctx, copied, cache.PurgeVerifyOptions{}))
	}
	return err
}

func verifyPurges(ctx context.Context, path string, o cache.PurgeVerifyOptions) error {
	mirror, err := cache.NewCachedRecordsLoader(ctx, nil, path)
	if err != nil {
		return err
	}
	_, err = mirror.VerifyPurges(ctx, o)
	return errors.Join(err, mirror.Close())
}
