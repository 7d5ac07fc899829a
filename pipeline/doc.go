// Package pipeline writes tables to files, in bounded chunks: as Parquet, CSV or NDJSON.
//
// WriteParquet, WriteCSV and WriteNDJSON write a whole study as a tables.RecordMapper maps it, in
// one pass, a directory per form:
//
//	out/AE/records_chunk_00001.parquet
//	out/DM/records_chunk_00001.parquet
//	out/_records_rejects.jsonl
//	out/_records_manifest.json
//
// DataSetOptions.Layout chooses one Wide table over all forms instead, or Hive directories
// studyKey=…/formKey=… whose files share one schema, so that Spark, Trino, ClickHouse and DuckDB
// read the directory as one table. WriteTables writes tables that come from elsewhere, such as
// canonical data, in the same way, with a list of findings beside that of the rejects.
//
// All chunks of a table have one schema, fixed before the first row. Files are written under
// temporary names and take their places together when the last row is written; a run that fails or
// is cancelled leaves the directory as it was. A directory and prefix hold one data set, which the
// next run replaces as a whole. The manifest comes last: counts that reconcile, the plan and hash of
// every schema, a SHA-256 of every file (Manifest.Verify), the state of the mirror, and what
// de-identification left untouched. The list of rejects has every value and record that did not
// fit, as it arrived.
//
// Files may hold patients' data: they are made for their owner alone (0600 in 0700).
//
// WriteParquetChunks writes any array.RecordReader; IterChunks and MapChunks are the bare loop.
//
// Parquet is written by arrow-go v18, so a program may link this package beside whatever else uses
// v18's Parquet. The batches in its functions are v17's, as those of package workflows/tables;
// package arrow18 turns one kind into the other without copying.
package pipeline
