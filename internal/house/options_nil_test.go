package house

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/probe"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestANilOptionIsRefused in every constructor, and in one way.
func TestANilOptionIsRefused(t *testing.T) {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 10})).Client()
	store, err := ledger.NewMemoryStore()
	require.NoError(t, err)
	path := func() string { return filepath.Join(t.TempDir(), "file") }
	for name, make := range map[string]func() error{
		"tables":        func() error { _, err := tables.NewRecordMapper(client, nil); return err },
		"queries":       func() error { _, err := queries.NewQueryManagement(client, nil); return err },
		"jobs":          func() error { _, err := jobs.NewJobPoller(client, nil); return err },
		"profiles":      func() error { _, err := profiles.NewSchemaProfiler(client, nil); return err },
		"probe":         func() error { _, err := probe.NewServerProbe(rawAsker{}, nil); return err },
		"criteria":      func() error { _, err := criteria.NewDataExtraction(client, nil); return err },
		"submissions":   func() error { _, err := submissions.NewRecordUpdate(client, nil); return err },
		"sqlitejournal": func() error { _, err := sqlitejournal.Open(t.Context(), path(), nil); return err },
		"pipeline":      func() error { _, err := pipeline.New(nil); return err },
		"rest":          func() error { _, err := rest.New("key", "key", nil); return err },
		"cache":         func() error { _, err := cache.NewCachedRecordsLoader(t.Context(), client, path(), nil); return err },
		"triage":        func() error { _, err := triage.NewTriageStore(t.Context(), path(), nil); return err },
		"versioning":    func() error { _, err := versioning.NewConfigVersionStore(t.Context(), path(), nil); return err },
		"ledger":        func() error { _, err := ledger.NewExtractionStateLedger(store, nil); return err },
		"warehouse":     func() error { _, err := warehouse.NewDuckDBIngestion(t.Context(), path(), nil); return err },
		"extraction": func() error {
			_, err := extraction.NewEngine(imednet.StudyConfiguration{StudyKey: "S"}, nil)
			return err
		},
		"conformance": func() error { _, err := extraction.NewConformance(nil, nil); return err },
		"dictionary":  func() error { _, err := dictionary.NewChecker(&dictionary.Dictionary{}, nil); return err },
	} {
		var invalid *imednet.ValidationError
		require.ErrorAs(t, make(), &invalid, name)
		require.Equal(t, "opts", invalid.Problems[0].Path, name)
	}
}

// rawAsker answers nothing.
type rawAsker struct{}

func (rawAsker) AskRaw(context.Context, imednet.RawQuestion) (imednet.RawReply, error) {
	return imednet.RawReply{}, nil
}
