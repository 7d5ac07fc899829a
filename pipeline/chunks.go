package pipeline

import (
	"errors"
	"iter"

	"github.com/imednetgo/imednet/internal/argument"
)

// IterChunks collects items into slices of at most size items, in order. The last slice may be
// shorter, and without items there is none. The caller owns the slices. An error of the items is
// yielded once, as the last element, after the full chunks before it. The items of an unfinished
// chunk are then not yielded, because they could not be distinguished from a last chunk. A size
// below 1 and nil items are an error, yielded as the only element.
func IterChunks[T any](items iter.Seq2[T, error], size int) iter.Seq2[[]T, error] {
	return MapChunks(items, size, func(item T) (T, error) { return item, nil })
}

// MapChunks is like [IterChunks] but maps every item. An error of the mapper ends the stream.
func MapChunks[T, R any](items iter.Seq2[T, error], size int, mapper func(T) (R, error)) iter.Seq2[[]R, error] {
	return func(yield func([]R, error) bool) {
		if size <= 0 {
			yield(nil, invalid("size", "chunk size must be greater than zero"))
			return
		}
		if err := errors.Join(argument.Required("pipeline.MapChunks", "items", items), argument.Required("pipeline.MapChunks", "mapper", mapper)); err != nil {
			yield(nil, err)
			return
		}
		chunk := make([]R, 0, min(size, DefaultChunkRows))
		for item, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			mapped, err := mapper(item)
			if err != nil {
				yield(nil, err)
				return
			}
			chunk = append(chunk, mapped)
			if len(chunk) < size {
				continue
			}
			if !yield(chunk, nil) {
				return
			}
			chunk = make([]R, 0, len(chunk))
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}
