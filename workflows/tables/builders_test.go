package tables

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// usedMemory is an allocator whose memory holds what others left there, and which knows the most that it gave.
type usedMemory struct {
	memory.GoAllocator
	held, peak int
}

func (m *usedMemory) Allocate(size int) []byte { return m.Reallocate(size, nil) }

func (m *usedMemory) Reallocate(size int, b []byte) []byte {
	moved := m.GoAllocator.Allocate(size)
	for i := copy(moved, b); i < size; i++ {
		moved[i] = 0xA5
	}
	m.held += size - len(b)
	m.peak = max(m.peak, m.held+len(b))
	return moved
}

func (m *usedMemory) Free(b []byte) { m.held -= len(b) }

// builderPair is a builder and that of Arrow which does the same.
type builderPair struct {
	name   string
	own    func(memory.Allocator, room) fieldBuilder
	arrows array.Builder
	value  func(r *rand.Rand) (own func(fieldBuilder), arrows func())
}

func builderPairs() []builderPair {
	days, floats := array.NewDate32Builder(memory.DefaultAllocator), array.NewFloat64Builder(memory.DefaultAllocator)
	numbers, texts := array.NewInt64Builder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	instants := array.NewTimestampBuilder(memory.DefaultAllocator, instantType.(*arrow.TimestampType))
	return []builderPair{
		{"float64", fixedOf[float64](arrow.PrimitiveTypes.Float64), floats, valueOf(func(r *rand.Rand) float64 { return r.NormFloat64() }, floats.Append)},
		{"int64", fixedOf[int64](arrow.PrimitiveTypes.Int64), numbers, valueOf(func(r *rand.Rand) int64 { return r.Int64() }, numbers.Append)},
		{"date32", fixedOf[arrow.Date32](dayType), days, valueOf(func(r *rand.Rand) arrow.Date32 { return arrow.Date32(r.Int32()) }, days.Append)},
		{"timestamp", fixedOf[arrow.Timestamp](instantType), instants, valueOf(func(r *rand.Rand) arrow.Timestamp { return arrow.Timestamp(r.Int64()) }, instants.Append)},
		{"text", func(mem memory.Allocator, r room) fieldBuilder {
			b := newTextBuilder(mem, r)
			return &b
		}, texts, func(r *rand.Rand) (func(fieldBuilder), func()) {
			text := strings.Repeat("ä", r.IntN(40))
			if r.IntN(2) == 0 {
				return func(b fieldBuilder) { b.(*textBuilder).appendString(text) }, func() { texts.Append(text) }
			}
			return func(b fieldBuilder) { b.(*textBuilder).append([]byte(text)) }, func() { texts.Append(text) }
		}},
	}
}

func fixedOf[T fixedValue](typ arrow.DataType) func(memory.Allocator, room) fieldBuilder {
	return func(mem memory.Allocator, r room) fieldBuilder {
		b := newFixedBuilder[T](mem, typ, r)
		return &b
	}
}

func valueOf[T fixedValue](draw func(*rand.Rand) T, arrows func(T)) func(*rand.Rand) (func(fieldBuilder), func()) {
	return func(r *rand.Rand) (func(fieldBuilder), func()) {
		v := draw(r)
		return func(b fieldBuilder) { b.(*fixedBuilder[T]).append(v) }, func() { arrows(v) }
	}
}

// TestBuildersAreArrows: whatever memory they were given before, they make the arrays that Arrow's builders make,
// nothing is left of what the memory held, and all of it is given back.
func TestBuildersAreArrows(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		for _, pair := range builderPairs() {
			mem := &usedMemory{}
			checked := memory.NewCheckedAllocator(mem)
			b := pair.own(checked, room{r.IntN(3) * r.IntN(300), r.IntN(3) * r.IntN(5000)})
			for batch := range 3 {
				for range 1 + r.IntN(60) {
					if n := r.IntN(50); r.IntN(4) == 0 {
						b.skip(n)
						pair.arrows.AppendNulls(n)
						continue
					}
					own, arrows := pair.value(r)
					own(b)
					arrows()
				}
				own, want := b.newArray(), pair.arrows.NewArray()
				require.True(t, array.Equal(want, own), "%s %d %d: %s, want %s", pair.name, seed, batch, own, want)
				require.Equal(t, want.NullN(), own.NullN(), pair.name)
				requireNothingLeft(t, own)
				own.Release()
				b.reserve(room{r.IntN(100), r.IntN(1000)})
			}
			b.release()
			checked.AssertSize(t, 0)
			require.Zero(t, mem.held)
			pair.arrows.Release()
		}
	}
}

// requireNothingLeft: what a consumer may read without asking whether there is a value is 0.
func requireNothingLeft(t *testing.T, a arrow.Array) {
	width, ok := a.DataType().(arrow.FixedWidthDataType)
	for i := range a.Len() {
		if ok && a.IsNull(i) {
			size := width.Bytes()
			require.Equal(t, make([]byte, size), a.Data().Buffers()[1].Bytes()[i*size:(i+1)*size])
		}
	}
	require.Len(t, a.Data().Buffers()[0].Bytes(), (a.Len()+7)/8)
}

// manyForms is a study whose forms take turns.
type manyForms struct {
	forms, rows int
	data        imednet.RecordData
}

func (s manyForms) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		for i := range s.forms {
			if !yield(imednet.Form{FormID: int64(i + 1), FormKey: imednet.Some(fmt.Sprint("F", i))}, nil) {
				return
			}
		}
	}
}

func (s manyForms) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for i := range s.forms {
			for j, name := range []string{"A", "B", "C"} {
				v := imednet.Variable{VariableID: int64(3*i + j + 1), FormID: imednet.Some(int64(i + 1)), VariableName: imednet.Some(name), VariableType: imednet.Some("TEXT")}
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// Records fills a batch of each form, and then lets them take turns.
func (s manyForms) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range 2 * s.rows {
			form := i * s.forms / s.rows
			if i >= s.rows {
				form = i % s.forms
			}
			if !yield(imednet.Record{RecordID: int64(i + 1), FormID: imednet.Some(int64(form + 1)), FormKey: imednet.Some(fmt.Sprint("F", form)), RecordData: s.data}, nil) {
				return
			}
		}
	}
}

// TestMemoryAheadIsBounded: sixty forms that expect a full batch each hold little more than what WithBatchBytes
// allows all of them.
func TestMemoryAheadIsBounded(t *testing.T) {
	const batchBytes = 256 << 10
	data, err := imednet.NewRecordData([]byte(`{"A":"` + strings.Repeat("a", 30) + `","B":"` + strings.Repeat("b", 30) + `","C":""}`))
	require.NoError(t, err)
	mem := &usedMemory{}
	m, err := NewRecordMapper(manyForms{forms: 60, rows: 40_000, data: data}, WithBatchBytes(batchBytes), WithAllocator(mem))
	require.NoError(t, err)
	rows := int64(0)
	for batch, err := range m.MapForms(t.Context(), "S", MapOptions{}).Batches() {
		require.NoError(t, err)
		rows += batch.Record.NumRows()
	}
	require.Equal(t, int64(80_000), rows)
	require.Zero(t, mem.held)
	// Without a bound it is 26 times batchBytes, with no memory ahead 5.2.
	require.Less(t, mem.peak, (heldBatches+3)*batchBytes)
}
