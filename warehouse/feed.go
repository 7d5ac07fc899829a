package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"
)

// chunkRows is how many rows DuckDB takes at a time; batches are cut to it.
var chunkRows = duckdb.GetDataChunkCapacity()

// feeds is the table function through which rows enter DuckDB in bulk, several chunks at a time.
// One function serves every load: its argument picks the load.
type feeds struct {
	name string
	mu   sync.Mutex
	next int64
	open map[int64]duckdb.ParallelChunkTableSource
}

func (f *feeds) register(conn *sql.Conn) error {
	f.name = "imednet_feed_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	f.open = map[int64]duckdb.ParallelChunkTableSource{}
	bigint, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		return err
	}
	return duckdb.RegisterTableUDF(conn, f.name, duckdb.ParallelChunkTableFunction{
		Config: duckdb.TableFunctionConfig{Arguments: []duckdb.TypeInfo{bigint}},
		BindArguments: func(_ map[string]any, args ...any) (duckdb.ParallelChunkTableSource, error) {
			return f.find(args[0].(int64))
		},
	})
}

func (f *feeds) find(id int64) (duckdb.ParallelChunkTableSource, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	source, ok := f.open[id]
	if !ok {
		return nil, fmt.Errorf("no feed %d", id)
	}
	return source, nil
}

func (f *feeds) add(source duckdb.ParallelChunkTableSource) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	f.open[f.next] = source
	return f.next
}

func (f *feeds) remove(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, id)
}

// waitingBatches bounds how far the producer is ahead.
const waitingBatches = 4

// batch is rows on their way to DuckDB, at most chunkRows.
type batch interface {
	// fill writes the rows into an empty chunk, whose columns are those of the feed, and sets its size.
	fill(chunk duckdb.DataChunk) error
}

// feed is one load: batches on their way to DuckDB's threads.
type feed struct {
	columns []duckdb.ColumnInfo
	batches chan batch
	filled  func(batch) // what becomes of those that DuckDB took; nil for nothing
	err     error       // of the producer; set before batches is closed
}

// load runs an INSERT whose text holds the table expression %s, fed with the rows that produce emits, and
// returns the number of rows that the statement inserted. produce runs beside the statement; its
// error makes the statement fail. A row is read before emit returns.
func load[T any](ctx context.Context, f *feeds, conn *sql.Conn, insert string, columns []column[T], produce func(ctx context.Context, emit func(*T) error) error, args ...any) (int64, error) {
	infos := make([]duckdb.ColumnInfo, len(columns))
	for i, c := range columns {
		var err error
		if infos[i], err = columnInfo(c.name, c.typ); err != nil {
			return 0, err
		}
	}
	g := newGathering(columns)
	source := &feed{columns: infos, batches: make(chan batch, waitingBatches), filled: g.takeBack}
	return source.load(ctx, f, conn, insert, func(ctx context.Context, emit func(batch) error) error {
		return g.gather(ctx, produce, emit)
	}, args)
}

func columnInfo(name string, typ duckdb.Type) (duckdb.ColumnInfo, error) {
	info, err := duckdb.NewTypeInfo(typ)
	if err != nil {
		return duckdb.ColumnInfo{}, fmt.Errorf("column %s: %w", name, err)
	}
	return duckdb.ColumnInfo{Name: name, T: info}, nil
}

// load is the same with the batches that produce emits.
func (f *feed) load(ctx context.Context, open *feeds, conn *sql.Conn, insert string, produce func(ctx context.Context, emit func(batch) error) error, args []any) (int64, error) {
	id := open.add(f)
	defer open.remove(id)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.err = produce(ctx, func(b batch) error { return f.send(ctx, b) })
		close(f.batches)
	}()
	result, err := conn.ExecContext(ctx, fmt.Sprintf(insert, fmt.Sprintf("%s(%d)", open.name, id)), args...)
	cancel()
	<-done
	if f.err != nil && !errors.Is(f.err, context.Canceled) {
		return 0, f.err // the cause; the statement only failed because of it
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (f *feed) send(ctx context.Context, b batch) error {
	select {
	case f.batches <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// eachOf emits rows that are at hand.
func eachOf[T any](rows []T) func(context.Context, func(*T) error) error {
	return func(_ context.Context, emit func(*T) error) error {
		for i := range rows {
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// ColumnInfos is part of duckdb.ParallelChunkTableSource.
func (f *feed) ColumnInfos() []duckdb.ColumnInfo { return f.columns }

// Cardinality is part of duckdb.ParallelChunkTableSource; it is not known.
func (f *feed) Cardinality() *duckdb.CardinalityInfo { return nil }

// Init is part of duckdb.ParallelChunkTableSource.
func (f *feed) Init() duckdb.ParallelTableSourceInfo { return duckdb.ParallelTableSourceInfo{} }

// NewLocalState is part of duckdb.ParallelChunkTableSource.
func (f *feed) NewLocalState() any { return &struct{}{} }

// FillChunk takes the next batch. DuckDB calls it from several threads.
func (f *feed) FillChunk(_ any, chunk duckdb.DataChunk) error {
	b, ok := <-f.batches
	if !ok {
		if f.err != nil {
			return f.err
		}
		return chunk.SetSize(0)
	}
	if err := b.fill(chunk); err != nil {
		return err
	}
	if f.filled != nil {
		f.filled(b)
	}
	return nil
}
