package warehouse_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
)

// strangeForms lists one form that does not fit its table, and further ones before it each time.
type strangeForms struct {
	*imednettest.Client
	before int
}

func (s *strangeForms) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		for i := range int64(s.before) {
			if !yield(imednet.Form{FormID: i + 1}, nil) {
				return
			}
		}
		strange, err := imednet.Decode[imednet.Form]([]byte(`{"formId":77,"revision":"many"}`))
		yield(strange, err)
	}
}

// A misfit is known by its own id, so that it is kept once, wherever the listing has it.
func TestMetadataThatDoNotFitAreKeptAside(t *testing.T) {
	d := open(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	src := &strangeForms{Client: imednettest.NewServer(study).Client()}
	for src.before = range 3 {
		runs, err := d.IngestMetadata(t.Context(), src, study.Key(), warehouse.MetadataOptions{})
		require.NoError(t, err)
		reconciles(t, runs[0])
		require.EqualValues(t, 1, runs[0].Rejected)
	}
	require.Equal(t, []string{"forms|77|members do not have their documented type: [revision]"},
		table(t, d, `SELECT stream, row_id, reason FROM bronze_rejects`))
}
