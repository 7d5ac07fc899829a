package warehouse_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/warehouse"
)

func generated(records int) *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: records})).Client()
}

// held counts what of a study is there: revisions, records, subjects and finished runs.
const held = `SELECT (SELECT count(*) FROM bronze_revisions), (SELECT count(*) FROM bronze_records), (SELECT count(*) FROM bronze_subjects), (SELECT count(*) FROM imednet_runs)`

func TestAStudyIsTakenOverAsAWhole(t *testing.T) {
	d, one := open(t), open(t)
	client := generated(300)
	runs, err := d.IngestStudy(t.Context(), client, "DEMO", warehouse.StudyOptions{})
	require.NoError(t, err)
	var streams []string
	for _, r := range runs {
		reconciles(t, r)
		require.Equal(t, r.Read, r.Inserted+r.Rejected, "a first run finds nothing")
		streams = append(streams, r.Stream)
	}
	require.Equal(t, []string{"recordRevisions", "records", "forms", "variables", "subjects", "visits", "queries", "codings"}, streams)

	_, err = one.IngestRevisions(t.Context(), client, "DEMO", warehouse.RevisionOptions{})
	require.NoError(t, err)
	_, err = one.IngestRecords(t.Context(), client, "DEMO", warehouse.RecordOptions{})
	require.NoError(t, err)
	_, err = one.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	require.Equal(t, table(t, one, held), table(t, d, held))
	const values = `SELECT record_id, variable_name, value FROM silver_current_state ORDER BY ALL`
	require.Equal(t, table(t, one, values), table(t, d, values))

	again, err := d.IngestStudy(t.Context(), client, "DEMO", warehouse.StudyOptions{})
	require.NoError(t, err)
	for _, r := range again {
		require.Zero(t, r.Inserted, r.Stream)
	}
	_, err = d.IngestStudy(t.Context(), nil, "DEMO", warehouse.StudyOptions{})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

// faulty is a client whose codings, the last of the streams, cannot be read.
type faulty struct {
	*imednettest.Client
	err error
}

func (c faulty) Codings(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return func(yield func(imednet.Coding, error) bool) { yield(imednet.Coding{}, c.err) }
}

func TestAStudyThatFailsAtItsLastStreamLeavesNothing(t *testing.T) {
	d := open(t)
	broken := errors.New("connection lost")
	runs, err := d.IngestStudy(t.Context(), faulty{generated(300), broken}, "DEMO", warehouse.StudyOptions{})
	require.ErrorIs(t, err, broken)
	require.Empty(t, runs)
	var failure *imednet.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "stream codings", failure.Place)
	require.Equal(t, []string{"0|0|0|0"}, table(t, d, held))
}

// ingestStudy takes over a study and says how far it is.
func ingestStudy(ctx context.Context, d *warehouse.DuckDBIngestion, say childtest.Say) error {
	_, err := d.IngestStudy(ctx, counting{generated(300), new(int), say}, "DEMO", warehouse.StudyOptions{})
	say(strconv.Itoa(killPoints))
	return err
}

// counting says a number whenever a stream begins, so that the parent can kill between two.
type counting struct {
	*imednettest.Client
	n   *int
	say childtest.Say
}

const killPoints = 6

func (c counting) tick() { *c.n++; c.say(strconv.Itoa(*c.n)) }

func (c counting) RecordRevisions(ctx context.Context, s string, o imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	c.tick()
	return c.Client.RecordRevisions(ctx, s, o)
}

func (c counting) Records(ctx context.Context, s string, o imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	c.tick()
	return c.Client.Records(ctx, s, o)
}

func (c counting) Forms(ctx context.Context, s string, o imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	c.tick()
	return c.Client.Forms(ctx, s, o)
}

func (c counting) Queries(ctx context.Context, s string, o imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	c.tick()
	return c.Client.Queries(ctx, s, o)
}

func (c counting) Codings(ctx context.Context, s string, o imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	c.tick()
	return c.Client.Codings(ctx, s, o)
}

func TestAKilledIngestLeavesNothingOrAll(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	whole := open(t)
	_, err := whole.IngestStudy(t.Context(), generated(300), "DEMO", warehouse.StudyOptions{})
	require.NoError(t, err)
	all := table(t, whole, held)[0]
	random := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		path := filepath.Join(t.TempDir(), "study.duckdb")
		killAt := 1 + random.IntN(killPoints)
		killIngest(t, ingestTask{Path: path, Study: true}, killAt)
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		require.Contains(t, []string{"0|0|0|0", all}, table(t, d, held)[0], "killed at point %d", killAt)
		_, err = d.IngestStudy(t.Context(), generated(300), "DEMO", warehouse.StudyOptions{})
		require.NoError(t, err)
		require.Equal(t, table(t, whole, `SELECT count(*), count(DISTINCT record_id) FROM bronze_records`), table(t, d, `SELECT count(*), count(DISTINCT record_id) FROM bronze_records`))
		require.NoError(t, d.Close())
	}
}
