package sqlitejournal_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// TestTheWholeSettleDelayPasses between a batch that the API put off and the look at the study before it is sent
// again, although the file keeps times to the microsecond only.
func TestTheWholeSettleDelayPasses(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	server := imednettest.NewServer(study)
	clock := imednettest.NewClock(study.Now().Add(712 * time.Nanosecond))
	server.SetClock(clock)
	journal := open(t, filepath.Join(t.TempDir(), "j.sqlite3"), sqlitejournal.WithClock(clock))
	update, err := submissions.NewRecordUpdate(server.Client(), submissions.WithJournal(journal, "anna"), submissions.WithClock(clock))
	require.NoError(t, err)
	server.Inject(imednettest.Fault{Method: "POST", Status: 429})
	start := clock.Now()
	receipt, err := update.CreateOrUpdateRecords(t.Context(), study.Key(), []imednet.Submission{
		{Kind: imednet.RegisterSubject, FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 40}},
	}, submissions.Options{})
	require.NoError(t, err)
	require.Equal(t, 2, receipt.Items[0].Attempt)
	require.GreaterOrEqual(t, clock.Now().Sub(start), submissions.DefaultSettleDelay)
}
