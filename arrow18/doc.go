// Package arrow18 converts the batches of package workflows/tables, which are of Apache Arrow v17,
// to those of its successor arrow-go v18, and back, without copying:
//
//	reader, err := mapper.MapForm(ctx, study, "AE", tables.MapOptions{}).Reader()
//	…
//	defer reader.Release()
//	next, err := arrow18.Reader(reader) // an array.RecordReader of arrow-go v18
//
// A converted batch shares the memory of the original and holds a reference to each of its buffers,
// which it releases with its own last reference. Reference counts are therefore correct on both
// sides for any allocator. Schemas keep their metadata. The supported types are those that the
// mapper emits and the other flat ones: null, boolean, integers, floats, strings, binary, dates,
// times, timestamps and dictionaries of these. Any other type is [ErrUnsupportedType].
//
// Both versions of packages arrow, array, ipc and compute can be linked into one program, but only
// one version of packages cdata, parquet and flight. This library links parquet of v18 only.
package arrow18
