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

// column is one column of a feed: put writes the row's value, or NULL. misfit, where it is set,
// reports a member that does not have its documented type.
type column[T any] struct {
	name   string
	typ    duckdb.Type
	put    func(chunk duckdb.DataChunk, col, row int, value *T) error
	misfit func(value *T) bool
}

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

// feed is one load: batches of at most chunkRows rows on their way to DuckDB's threads.
type feed[T any] struct {
	columns []column[T]
	types   []duckdb.ColumnInfo
	batches chan []T
	emptied chan []T // those that DuckDB took, for the producer to fill again
	err     error    // of the producer; set before batches is closed
}

// load runs an INSERT whose text holds the table expression %s, fed with what produce emits, and
// returns the number of rows that the statement inserted. produce runs beside the statement; its
// error makes the statement fail.
func load[T any](ctx context.Context, f *feeds, conn *sql.Conn, insert string, columns []column[T], produce func(ctx context.Context, emit func(T) error) error, args ...any) (int64, error) {
	source, err := newFeed(columns)
	if err != nil {
		return 0, err
	}
	id := f.add(source)
	defer f.remove(id)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		source.err = source.produce(ctx, produce)
		close(source.batches)
	}()
	result, err := conn.ExecContext(ctx, fmt.Sprintf(insert, fmt.Sprintf("%s(%d)", f.name, id)), args...)
	cancel()
	<-done
	if source.err != nil && !errors.Is(source.err, context.Canceled) {
		return 0, source.err // the cause; the statement only failed because of it
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// eachOf emits rows that are at hand.
func eachOf[T any](rows []T) func(context.Context, func(T) error) error {
	return func(_ context.Context, emit func(T) error) error {
		for _, row := range rows {
			if err := emit(row); err != nil {
				return err
			}
		}
		return nil
	}
}

func newFeed[T any](columns []column[T]) (*feed[T], error) {
	f := &feed[T]{columns: columns, batches: make(chan []T, waitingBatches), emptied: make(chan []T, waitingBatches)}
	for _, c := range columns {
		info, err := duckdb.NewTypeInfo(c.typ)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		f.types = append(f.types, duckdb.ColumnInfo{Name: c.name, T: info})
	}
	return f, nil
}

func (f *feed[T]) produce(ctx context.Context, produce func(context.Context, func(T) error) error) error {
	batch := f.emptyBatch()
	send := func() error {
		select {
		case f.batches <- batch:
			batch = f.emptyBatch()
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	err := produce(ctx, func(row T) error {
		batch = append(batch, row)
		if len(batch) < chunkRows {
			return nil
		}
		return send()
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return send()
}

// emptyBatch returns one that was emptied, or a new one.
func (f *feed[T]) emptyBatch() []T {
	select {
	case batch := <-f.emptied:
		return batch[:0]
	default:
		return make([]T, 0, chunkRows)
	}
}

// ColumnInfos is part of duckdb.ParallelChunkTableSource.
func (f *feed[T]) ColumnInfos() []duckdb.ColumnInfo { return f.types }

// Cardinality is part of duckdb.ParallelChunkTableSource; it is not known.
func (f *feed[T]) Cardinality() *duckdb.CardinalityInfo { return nil }

// Init is part of duckdb.ParallelChunkTableSource.
func (f *feed[T]) Init() duckdb.ParallelTableSourceInfo { return duckdb.ParallelTableSourceInfo{} }

// NewLocalState is part of duckdb.ParallelChunkTableSource.
func (f *feed[T]) NewLocalState() any { return &struct{}{} }

// FillChunk takes the next batch. DuckDB calls it from several threads.
func (f *feed[T]) FillChunk(_ any, chunk duckdb.DataChunk) error {
	batch, ok := <-f.batches
	if !ok {
		if f.err != nil {
			return f.err
		}
		return chunk.SetSize(0)
	}
	for col := range f.columns {
		put := f.columns[col].put
		for row := range batch {
			if err := put(chunk, col, row, &batch[row]); err != nil {
				return fmt.Errorf("column %s: %w", f.columns[col].name, err)
			}
		}
	}
	size := len(batch)
	select {
	case f.emptied <- batch:
	default:
	}
	return chunk.SetSize(size)
}
