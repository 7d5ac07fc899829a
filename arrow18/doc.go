// Package arrow18 hands the batches of package workflows/tables, which are Apache Arrow v17's, to
// programs that use its successor arrow-go v18, and takes theirs back, without copying:
//
//	reader, err := mapper.MapForm(ctx, study, "AE", tables.MapOptions{}).Reader()
//	…
//	defer reader.Release()
//	next, err := arrow18.Reader(reader) // an array.RecordReader of arrow-go v18
//
// A converted batch shares the memory of its origin and holds a reference to each of its buffers,
// which it gives back when its own last reference goes; both sides then count right, whatever
// allocator made the memory. Schemas keep their metadata. The types are those that the mapper
// emits and the other flat ones: null, boolean, integers, floats, strings, binary, dates, times,
// timestamps and dictionaries of them. Another type is an ErrUnsupportedType.
//
// Both generations can be linked into one program as far as package arrow, array, ipc and compute
// go; of their cdata, parquet and flight packages only one generation can. This library links v18's
// parquet and none of v17's.
package arrow18
