// Package pipeline writes tables to Parquet, CSV or NDJSON files in bounded chunks.
//
// [ChunkedRecordPipeline.WriteParquet], [ChunkedRecordPipeline.WriteCSV] and
// [ChunkedRecordPipeline.WriteNDJSON] write a whole study as a [tables.RecordMapper] maps it, in
// one pass and with one directory per form:
//
//	out/AE/records_chunk_00001.parquet
//	out/DM/records_chunk_00001.parquet
//	out/_records_rejects.jsonl
//	out/_records_manifest.json
//
// [DataSetOptions.Layout] can select one [Wide] table of all forms instead, or [Hive] directories
// studyKey=…/formKey=… whose files share one schema, so that Spark, Trino, ClickHouse and DuckDB
// read the directory as one table, or [HivePerForm] with the same directories, in whose files a form
// has its own columns only. [ChunkedRecordPipeline.WriteTables] writes tables from other
// sources, such as canonical data, in the same way, with a list of findings in addition to that of
// the rejects.
//
// All chunks of a table have the same schema, fixed before the first row. Files are written under
// temporary names and moved into place together once the last row is written. A run that fails or
// is cancelled leaves the directory unchanged. A directory and prefix hold one data set, which the
// next run replaces entirely; two runs at a time are refused ([ErrBusy]). The manifest is written
// last. It contains counts that reconcile, the plan and the hash of every schema, a SHA-256 of every
// file ([Manifest.Verify]), the state of the mirror and the selection, and the columns that
// de-identification left unchanged. The list of rejects holds every
// value and record that did not fit, as it arrived.
//
// # Memory
//
// Parquet is encoded one column at a time. Rows wait for their row group (65,536 rows or 40 MB) in
// memory, and in a temporary file of the data set's directory once all tables together hold more
// than 48 MB. So memory does not grow with the number of records. It grows with that of columns: what
// a file says of its columns stays in memory until it is complete, and a file ends after 100,000 of
// them, counted over its row groups. CSV and NDJSON are written as the rows come. The program
// in bench measures studies with many forms and columns (-forms, -variables).
//
// # Privacy
//
// Files may hold subject data and are accessible only to their owner (mode 0600 in directories of
// mode 0700).
//
// [ChunkedRecordPipeline.WriteParquetChunks] writes any array.RecordReader. [IterChunks] and
// [MapChunks] provide the chunking alone.
//
// Parquet is written by arrow-go v18, so a program can link this package together with other users
// of v18's Parquet. The batches in its API are those of Arrow v17, as in package workflows/tables;
// package arrow18 converts between the two without copying.
package pipeline
