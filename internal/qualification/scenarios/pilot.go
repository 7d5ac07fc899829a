package scenarios

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/pipeline"
)

// pilotStudy works with the user's own study. Its evidence holds counts and hashes only.
var pilotStudy = qualification.Scenario{
	ID: "OQ-PIL-1", Title: "The pilot study is mirrored exactly, and no answer of it is lost",
	Requirements: []string{"MIR-01", "MIR-24", "TAB-01", "TAB-02"}, Pilot: true,
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		study, err := imednettest.LoadDir(t.Pilot)
		if err != nil {
			return err
		}
		s, err := serve(ctx, t, study)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		mirror, err := openMirror(ctx, t, s)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, mirror.Close()) }()
		if _, err := mirror.SyncStudy(ctx, study.Key(), cache.SyncOptions{}); err != nil {
			return err
		}
		if err := sameAsServer(ctx, t, "after the first sync", s, mirror); err != nil {
			return err
		}
		_, err = exportAndCount(ctx, t, s, mirror, pipeline.NDJSON)
		return err
	},
}
