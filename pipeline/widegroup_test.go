package pipeline_test

import (
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// peakAllocator knows the most bytes that were in use together.
type peakAllocator struct {
	memory.Allocator
	inUse, peak int
}

func (a *peakAllocator) count(change int) {
	a.inUse += change
	a.peak = max(a.peak, a.inUse)
}

func (a *peakAllocator) Allocate(size int) []byte {
	a.count(size)
	return a.Allocator.Allocate(size)
}

func (a *peakAllocator) Reallocate(size int, b []byte) []byte {
	a.count(size - len(b))
	return a.Allocator.Reallocate(size, b)
}

func (a *peakAllocator) Free(b []byte) {
	a.count(-len(b))
	a.Allocator.Free(b)
}

// TestAWideTableWaitsOutsideOfMemory writes a row group whose answers wait in the spools of their forms
// in many rounds. The rows are those of the mapper, value for value, over the ends of files, and the
// batches take a fraction of the memory that they take without spools.
func TestAWideTableWaitsOutsideOfMemory(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 6000, Seed: 7})
	peak := map[int64]int{}
	for _, held := range []int64{1, 1 << 40} {
		mem := &peakAllocator{Allocator: memory.NewGoAllocator()}
		m, err := tables.NewRecordMapper(imednettest.NewServer(study).Client(), tables.WithAllocator(mem), tables.WithBatchBytes(32<<10))
		require.NoError(t, err)
		p, dir := newPipeline(t), t.TempDir()
		p.HoldAtMost(held)
		manifest, err := p.WriteParquet(t.Context(), m, study.Key(), dir, pipeline.DataSetOptions{Layout: pipeline.Wide, FileRows: 2500})
		require.NoError(t, err)
		require.Zero(t, mem.inUse)
		peak[held] = mem.peak

		require.Len(t, manifest.Tables[0].Files, 3)
		var got []string
		for _, f := range manifest.Tables[0].Files {
			table := readParquet(t, filepath.Join(dir, f.Path))
			got = append(got, rowsOf(table)...)
			table.Release()
		}
		want, err := m.Map(t.Context(), study.Key(), tables.MapOptions{}).Table()
		require.NoError(t, err)
		require.Equal(t, rowsOf(want), got)
		want.Release()
		for _, name := range filesIn(t, dir) {
			require.NotContains(t, name, "spool")
		}
	}
	t.Logf("bytes of batches in memory: %d with spools, %d without", peak[1], peak[1<<40])
	require.Less(t, peak[1]*3, peak[1<<40])
}
