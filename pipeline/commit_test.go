package pipeline_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// writerDir has this program write data sets into a directory until it is killed.
const writerDir = "IMEDNET_TEST_WRITE_FOR_EVER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

func writeForEver(dir string) {
	p, err := pipeline.New()
	if err != nil {
		panic(err)
	}
	m, err := tables.NewRecordMapper(imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 600, Seed: 7})).Client())
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		options := pipeline.DataSetOptions{FileRows: 20 + i%7, Map: tables.MapOptions{IncludeDeleted: i%2 == 0}}
		if i%3 == 0 {
			options.Map.Forms = []string{"AE", "DM", "VS"}
		}
		if _, err := p.WriteNDJSON(context.Background(), m, "DEMO", dir, options); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A data set is whole whenever a writer is killed: the earlier one or the new one.
func TestAKilledWriterLeavesAWholeDataSet(t *testing.T) {
	dir := t.TempDir()
	whole, interrupted := 0, 0
	for i := range 25 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), writerDir+"="+dir)
		require.NoError(t, child.Start())
		waitForManifest(t, dir)
		timer := time.NewTimer(time.Duration(i*7) * time.Millisecond)
		<-timer.C
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait())

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

// waitForManifest returns when a data set stands in the directory.
func waitForManifest(t *testing.T, dir string) {
	t.Helper()
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for range ticks.C {
		_, err := pipeline.ReadManifest(dir, "")
		if err == nil {
			return
		}
		require.ErrorIs(t, err, os.ErrNotExist)
		require.NoError(t, t.Context().Err())
	}
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
