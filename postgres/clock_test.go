package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAllStoresAreDatedByOneClock: the database's, so that of processes on machines whose clocks differ by hours none
// dates anything before what stands. Here it is a clock of another year.
func TestAllStoresAreDatedByOneClock(t *testing.T) {
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	url, study := postgrestest.URL(t), imednettest.Generate(imednettest.GenerateOptions{Records: 20})
	db, err := postgres.Open(t.Context(), url, postgres.WithClock(imednettest.NewClock(now)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	store, err := db.Ledger(t.Context())
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	require.NoError(t, marks.Advance(t.Context(), study.Key(), "records", imednet.Watermark{Time: noon}))
	for run, err := range marks.Runs(t.Context(), ledger.RunFilter{}) {
		require.NoError(t, err)
		require.Equal(t, []time.Time{now, now}, []time.Time{run.StartedAt, run.EndedAt})
	}

	mirror, err := db.Mirror(t.Context(), imednettest.NewServer(study).Client())
	require.NoError(t, err)
	_, err = mirror.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	cut, err := mirror.Cut(t.Context(), study.Key(), cache.CutOptions{Name: "lock"})
	require.NoError(t, err)
	require.Equal(t, now, cut.MadeAt)
	require.Equal(t, []string{now.Format(time.RFC3339)}, postgrestest.Column(t, url, `SELECT DISTINCT to_char(to_timestamp(ended_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM imednet_run`))

	journal, err := db.Journal(t.Context())
	require.NoError(t, err)
	require.Equal(t, now, submissions.ClockOf(journal).Now())
}
