package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

func TestMain(m *testing.M) { childtest.Main(m, writeForEver) }

// writeForEver writes data sets into a directory until it is killed, and says each that is written.
func writeForEver(ctx context.Context, dir string, say childtest.Say) error {
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	m, err := tables.NewRecordMapper(imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 600, Seed: 7})).Client())
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		options := pipeline.DataSetOptions{FileRows: 20 + i%7, Map: tables.MapOptions{IncludeDeleted: i%2 == 0}}
		if i%3 == 0 {
			options.Map.Forms = []string{"AE", "DM", "VS"}
		}
		if _, err := p.WriteNDJSON(ctx, m, "DEMO", dir, options); err != nil {
			return err
		}
		say("written")
	}
}

// A data set is whole whenever a writer is killed: the earlier one or the new one.
func TestAKilledWriterLeavesAWholeDataSet(t *testing.T) {
	dir := t.TempDir()
	whole, interrupted := 0, 0
	const rounds = 25
	for i := range rounds {
		child := childtest.Start(t, dir)
		took := timeOfALine(t, child)
		<-time.After(took * time.Duration(i) / rounds) // wherever it is by then
		child.Kill(t)

		manifest, err := pipeline.ReadManifest(dir, "")
		require.NoError(t, err)
		require.NoError(t, manifest.Verify(dir), "before anything is recovered")
		whole++
		recovered, err := pipeline.Recover(dir, "")
		require.NoError(t, err)
		if recovered {
			interrupted++
		}
		require.NoError(t, manifest.Verify(dir), "and after it")
		var there []string
		for _, name := range filesIn(t, dir) {
			if !strings.HasPrefix(filepath.Base(name), ".") && !strings.HasSuffix(name, "_manifest.json") {
				there = append(there, name)
			}
		}
		require.ElementsMatch(t, listed(manifest), there, "and nothing else is left for a pattern to match")
	}
	t.Logf("%d kills, %d of them within a commit", whole, interrupted)
}

// A commit that fails half way, as on a full disk, goes back: files that were placed do not stay beside the
// earlier ones, where a pattern would match both.
func TestACommitThatFailsGoesBack(t *testing.T) {
	for _, earlier := range []bool{true, false} {
		for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Hive} {
			dir := t.TempDir()
			place, suffix := pipeline.DataSetDir(dir, layout, "DEMO"), ".csv"
			options := pipeline.DataSetOptions{Layout: layout}
			var before []string
			if earlier {
				_, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, options)
				require.NoError(t, err)
				before, suffix = filesIn(t, dir), ".r2.csv"
			}
			last := filepath.Join(place, "VS", "records_chunk_00001"+suffix)
			if layout == pipeline.Hive {
				last = filepath.Join(place, "formKey=VS", "records_chunk_00001"+suffix)
			}
			p, err := pipeline.New(pipeline.WithClock(blockingClock{imednet.SystemClock(), last}))
			require.NoError(t, err)
			_, err = p.WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, options)
			var failed *imednet.Error
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "the directory is as it was before", failed.Hint)
			require.Equal(t, before, filesIn(t, dir), "layout %v, earlier %t", layout, earlier)
			_, err = newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, options)
			require.NoError(t, err, "and the next run goes on")
		}
	}
}

// blockingClock is asked for the time when the commit begins, and puts something into a file's place.
type blockingClock struct {
	imednet.Clock
	at string
}

func (c blockingClock) Now() time.Time {
	_ = os.MkdirAll(c.at, 0o700)
	return c.Clock.Now()
}

// timeOfALine is the time between two lines of a process, of which it reads both.
func timeOfALine(t *testing.T, child *childtest.Process) time.Duration {
	t.Helper()
	_, ok := child.Next()
	require.True(t, ok)
	began := time.Now()
	_, ok = child.Next()
	require.True(t, ok)
	return time.Since(began)
}

func listed(m *pipeline.Manifest) (paths []string) {
	for _, table := range m.Tables {
		for _, f := range table.Files {
			paths = append(paths, f.Path)
		}
	}
	if m.Rejects.Path != "" {
		paths = append(paths, m.Rejects.Path)
	}
	return paths
}

func TestStudiesShareAHiveDirectory(t *testing.T) {
	dir := t.TempDir()
	options := pipeline.DataSetOptions{Layout: pipeline.Hive}
	_, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, options)
	require.NoError(t, err)
	before := filesIn(t, pipeline.DataSetDir(dir, pipeline.Hive, "DEMO"))
	_, err = newPipeline(t).WriteParquet(t.Context(), mapperOver(t, imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OTHER", Records: 600, Seed: 7})), "OTHER", dir, options)
	require.NoError(t, err)
	require.Equal(t, before, filesIn(t, pipeline.DataSetDir(dir, pipeline.Hive, "DEMO")), "a data set replaces its own partition and no other")
	for _, study := range []string{"DEMO", "OTHER"} {
		place := pipeline.DataSetDir(dir, pipeline.Hive, study)
		manifest, err := pipeline.ReadManifest(place, "")
		require.NoError(t, err)
		require.Equal(t, study, manifest.StudyKey)
		require.NoError(t, manifest.Verify(place))
	}
}

func TestADataSetOfAnotherStudyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	_, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
	require.NoError(t, err)
	_, err = newPipeline(t).WriteCSV(t.Context(), mapperOver(t, imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OTHER", Records: 60})), "OTHER", dir, pipeline.DataSetOptions{})
	require.ErrorContains(t, err, `a data set of another study, "DEMO", stands in the directory`)
	manifest, err := pipeline.ReadManifest(dir, "")
	require.NoError(t, err)
	require.NoError(t, manifest.Verify(dir))
}

// The guard can be undone: no two texts become one.
func TestTheFormulaGuardCanBeUndone(t *testing.T) {
	texts := []string{"=1+1", "'=1+1", "''=1+1", "+", "-", " - ", "-5", "+5.0", "-x", "@a", "'", "''", "'a", "a'", "plain", "\t=1", "−1"}
	guarded := map[string]string{}
	for _, text := range texts {
		cell := oneNote(t, text, pipeline.CSV)
		require.Empty(t, guarded[cell], "%q and %q become the same", text, guarded[cell])
		guarded[cell] = text
	}
	require.NotContains(t, oneNote(t, "+", pipeline.CSV), "'")
	require.NotContains(t, oneNote(t, "-", pipeline.CSV), "'")
}

// TestTwoWritersOfOneDirectory: the second is refused and nothing of the first's is touched, not even
// by a recovery meanwhile; another prefix is no matter. Nothing stays behind.
func TestTwoWritersOfOneDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64}}, nil)
	write := func(prefix string, fill func(*pipeline.TableWriter) error) (*pipeline.Manifest, error) {
		return newPipeline(t).WriteTables(t.Context(), "DEMO", dir, pipeline.NDJSON, []pipeline.Table{{Name: "T", Schema: schema}}, pipeline.TableOptions{Prefix: prefix}, fill)
	}
	nothing := func(*pipeline.TableWriter) error { return nil }
	reader, err := array.NewRecordReader(schema, nil)
	require.NoError(t, err)
	manifest, err := write("a", func(*pipeline.TableWriter) error {
		_, err := write("a", nothing)
		require.ErrorIs(t, err, pipeline.ErrBusy)
		_, err = newPipeline(t).WriteParquetChunks(t.Context(), reader, dir, "a")
		require.ErrorIs(t, err, pipeline.ErrBusy)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "_a_commit.json"), []byte(`{"generation":1}`), 0o600))
		_, err = pipeline.Recover(dir, "a")
		require.ErrorIs(t, err, pipeline.ErrBusy)
		_, err = write("b", nothing)
		return err
	})
	require.NoError(t, err)
	require.NoError(t, manifest.Verify(dir))
	require.ElementsMatch(t, []string{"_a_manifest.json", "_b_manifest.json", "T/a_chunk_00001.ndjson", "T/b_chunk_00001.ndjson"}, filesIn(t, dir))

	dir = filepath.Join(t.TempDir(), "failed")
	_, err = write("a", func(*pipeline.TableWriter) error { return context.Canceled })
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, dir)
}
