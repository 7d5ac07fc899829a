package wire

import "sync"

// Memory keeps the memory of pages whose rows were passed on, for pages to come. Its zero value is ready to use, by
// several goroutines; nil keeps nothing.
type Memory[T any] struct{ pool sync.Pool }

// pageMemory is what a page's rows and ids stand in.
type pageMemory[T any] struct {
	rows []T
	ids  []RowID
}

// take returns memory without rows, for so many. Behind its end there are zeros.
func (m *Memory[T]) take(rows int) pageMemory[T] {
	if m != nil {
		if kept, ok := m.pool.Get().(*pageMemory[T]); ok && cap(kept.rows) >= rows {
			return *kept
		}
	}
	return pageMemory[T]{make([]T, 0, rows), make([]RowID, 0, rows)}
}

// Keep takes the memory of a page. Neither its rows nor its ids may be used afterwards; copies of them may.
func (m *Memory[T]) Keep(p Page[T]) {
	if m == nil || cap(p.Rows) == 0 {
		return
	}
	clear(p.Rows)
	clear(p.IDs)
	m.pool.Put(&pageMemory[T]{p.Rows[:0], p.IDs[:0]})
}
