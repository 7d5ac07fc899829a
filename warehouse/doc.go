// Package warehouse centralises iMednet studies in a DuckDB database: the audit trail, every state
// of every record that was seen with the history of each cell, typed tables per form, and Parquet
// that other engines read.
//
//	w, err := warehouse.NewDuckDBIngestion(ctx, "studies.duckdb")
//	defer w.Close()
//	runs, err := w.IngestStudy(ctx, client, "S1", warehouse.StudyOptions{Records: mirror})
//	silver, err := w.BuildSilverTables(ctx, mapper, "S1", warehouse.SilverOptions{})
//	rows, err := w.DB().QueryContext(ctx, `SELECT * FROM silver_current_state_of('S1')`)
//
// # Bronze: what arrived
//
//   - bronze_revisions: one row per revision of the API, under the Python package's column names.
//     The API's revisions hold no values, so variable_name and value are empty there.
//   - bronze_records: one row per state of a record that was seen, with the API's own JSON.
//   - bronze_cells: one row per variable that changed between two states: the Python package's
//     columns, the old value, and who changed it when and why. attribution says how sure that is: revision
//     (exactly one revision that changed data lies between the states), several (states between
//     were never seen; first_revision_id and last_revision_id bound them and nobody is named), or
//     none (the audit trail does not say).
//   - bronze_forms, bronze_variables, bronze_subjects, bronze_visits, bronze_queries,
//     bronze_query_comments, bronze_codings: what the records refer to.
//   - bronze_rejects: rows that do not fit their table, as they arrived, with the reason.
//
// A value of kind null is NULL, a blank one is ”; value_kind tells them apart from an absent one.
//
// # Silver: what holds now
//
// The view silver_current_state has the Python package's columns over all studies: the newest value
// of every variable of every active record. [DuckDBIngestion.BuildSilverTables] makes a typed table
// per form in the schema silver_<study>; what does not fit is in silver_rejects, and changes of the
// study's forms are noted in imednet_schema_changes or refused ([Freeze]), as the caller chooses.
// DuckDB ignores the case of letters in names: tables that it would take for one another get
// names of their own, which imednet_tables lists.
//
// # For people
//
// The views imednet_open_queries (site, age, last comment), imednet_changes (who changed what, when
// and why) and imednet_visits (subjects with their visit dates) answer what is asked every week.
//
// [OpenReadOnly] opens the file for queries that cannot change it, for several processes at a time.
//
// # Promises
//
// Every run is one transaction together with its mark and its entry in imednet_runs, and
// [DuckDBIngestion.IngestStudy] is one over all streams: a reader sees the state before or after
// it, and a crash leaves one of the two. Running again changes nothing: rows are identified by
// (study, recordRevisionId) and by (study, record, version). [Replace] concerns one study. The mark
// inside DuckDB decides where a run begins; a ledger hears of it afterwards, as
// "warehouse.records", and is never asked. A second writer on the same stream gets [ErrBusy], a
// damaged file [ErrDamaged]. Read = Inserted + Unchanged + Rejected in every report.
//
// Rows enter in bulk, several chunks at a time, and never a statement each; memory stays within
// [WithMemoryLimit], spilling to [WithTempDirectory]. Failures are [*imednet.Error]; their texts and
// progress hold no subject data.
package warehouse
