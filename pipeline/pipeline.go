package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// DefaultChunkRows is the default number of rows per chunk.
const DefaultChunkRows = 5000

// ChunkedRecordPipeline writes records to files in bounded chunks. It holds no state between calls
// and is safe for concurrent use. Of two writers of one prefix in one directory the second fails with
// [ErrBusy].
type ChunkedRecordPipeline struct {
	chunkRows int
	clock     imednet.Clock
	progress  func(imednet.Progress)
	heldBytes int64 // bounds what the row groups of all tables hold in memory together
}

// Option configures [New].
type Option func(*ChunkedRecordPipeline) error

// WithChunkRows sets the number of rows per chunk; the default is [DefaultChunkRows].
func WithChunkRows(n int) Option {
	return func(p *ChunkedRecordPipeline) error {
		if n <= 0 {
			return argument.Invalid("pipeline.WithChunkRows", "n", "must be greater than zero")
		}
		p.chunkRows = n
		return nil
	}
}

// WithClock sets the clock that dates manifests; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(p *ChunkedRecordPipeline) error {
		p.clock = c
		return argument.Required("pipeline.WithClock", "c", c)
	}
}

// WithProgress sets a function to which every write reports how many rows it has written.
func WithProgress(report func(imednet.Progress)) Option {
	return func(p *ChunkedRecordPipeline) error {
		p.progress = report
		return argument.Required("pipeline.WithProgress", "report", report)
	}
}

// New returns a pipeline. The error is an *[imednet.ValidationError].
func New(opts ...Option) (*ChunkedRecordPipeline, error) {
	p := &ChunkedRecordPipeline{chunkRows: DefaultChunkRows, clock: imednet.SystemClock(), heldBytes: 48 << 20}
	if err := argument.Options("pipeline.New", p, opts); err != nil {
		return nil, err
	}
	return p, nil
}

// WriteParquetChunks writes rows to dir as <prefix>_chunk_00001.parquet and so on, each with the
// number of rows of a chunk and with the reader's schema, and returns the paths in order. It
// creates the directory if necessary. Files are moved into place together at the end, when chunks
// of a longer earlier run are also removed. A run that fails leaves the directory unchanged.
// Without rows, no files are written. The prefix must be a plain file name ("" means "records")
// that no data set with a manifest uses in that directory. The caller must release rows.
func (p *ChunkedRecordPipeline) WriteParquetChunks(ctx context.Context, rows array.RecordReader, dir, prefix string) (paths []string, err error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	fail := func(err error) ([]string, error) {
		return nil, failure("write parquet", "", dir, err, "")
	}
	if err := errors.Join(argument.Required("pipeline.WriteParquetChunks", "rows", rows), checkPrefix(prefix)); err != nil {
		return fail(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, manifestName(prefix))); err == nil {
		return fail(invalid("prefix", "a data set with this prefix stands in the directory, and its manifest would no longer be true"))
	}
	release, err := claim(dir, prefix)
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, release()) }()
	sweep(dir, prefix)
	s := &stage{root: dir}
	defer s.abandon()
	series := &chunkSeries{stage: s, shapes: &shapes{}, prefix: prefix, schema: rows.Schema(), fileRows: int64(p.chunkRows), settings: writerSettings{format: Parquet}}
	defer series.abandon()
	for rows.Next() {
		if ctx.Err() != nil {
			return fail(context.Cause(ctx))
		}
		if err := series.write(rows.Record()); err != nil {
			return fail(err)
		}
		p.tell("write parquet", "", series.rows)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	if err := series.finish(); err != nil {
		return fail(err)
	}
	if err := s.commit(); err != nil {
		return fail(err)
	}
	if err := removeStale(dir, "", prefix, series.files); err != nil {
		return fail(err)
	}
	for _, f := range series.files {
		paths = append(paths, filepath.Join(dir, f.Path))
	}
	return paths, nil
}

func (p *ChunkedRecordPipeline) tell(op, studyKey string, rows int64) {
	if p.progress != nil {
		p.progress(imednet.Progress{Op: op, StudyKey: studyKey, Done: rows})
	}
}
