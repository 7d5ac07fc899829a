// Package warehouse stores iMednet studies in a DuckDB database: the audit trail, every state of
// every record that was seen, the history of each cell, typed tables per form, and Parquet files
// for other engines.
//
//	w, err := warehouse.NewDuckDBIngestion(ctx, "studies.duckdb")
//	defer w.Close()
//	runs, err := w.IngestStudy(ctx, client, "S1", warehouse.StudyOptions{Records: mirror})
//	silver, err := w.BuildSilverTables(ctx, mapper, "S1", warehouse.SilverOptions{})
//	rows, err := w.DB().QueryContext(ctx, `SELECT * FROM silver_current_state_of('S1')`)
//
// # Bronze: data as received
//
//   - bronze_revisions: one row per revision of the API, with the column names of the Python
//     package. The API's revisions hold no values, so variable_name and value are empty.
//   - bronze_records: one row per state of a record that was seen, with the JSON of the API.
//   - bronze_cells: one row per variable that changed between two states, with the columns of the
//     Python package, the old value, and who changed it, when and why. attribution states how
//     certain that is: revision (exactly one revision that changed data lies between the states),
//     several (intermediate states were never seen; first_revision_id and last_revision_id delimit
//     them and no user is named), or none (the audit trail does not say).
//   - bronze_forms, bronze_variables, bronze_subjects, bronze_visits, bronze_queries,
//     bronze_query_comments, bronze_codings: the resources to which records refer.
//   - bronze_rejects: rows that do not fit their table, as they arrived, with the reason; of the resources above
//     those of the last listing.
//
// A value of kind null is NULL, a blank one is ”; value_kind distinguishes them from an absent one, and
// from one that is not valid Unicode, which only the payload of bronze_records holds.
//
// # Silver: current state
//
// The view silver_current_state has the columns of the Python package for all studies: the newest
// value of every variable of every active record. [DuckDBIngestion.BuildSilverTables] creates a
// typed table per form in the schema silver_<study>. Values that do not fit are in silver_rejects.
// Changes of the study's forms are recorded in imednet_schema_changes or are an error ([Freeze]),
// as the caller chooses. DuckDB ignores the case of names: tables whose names would clash get
// different ones, which imednet_tables lists.
//
// # Ready-made views
//
// The views imednet_open_queries (site, age, last comment; queries that cannot be read are listed as such),
// imednet_changes (who changed what, when
// and why) and imednet_visits (subjects with their visit dates) answer frequent questions.
//
// [OpenReadOnly] opens the file for queries that cannot change it; several processes can do so at
// the same time.
//
// # Guarantees
//
// Every run is one transaction together with its mark and its entry in imednet_runs, and
// [DuckDBIngestion.IngestStudy] is one transaction for all streams: a reader sees the state before
// or after it, and a crash leaves one of the two. DuckDB 1.5.6 has been seen to break that once, in several
// hundred kills of processes that were writing: the file was damaged, which opening reports as [ErrDamaged]. A
// warehouse can be made anew from a mirror, and [Backup] copies it. Repeating a run changes nothing, because rows are
// identified by (study, recordRevisionId) and by (study, record, version). [Replace] affects only
// one study. The mark inside DuckDB determines where a run begins; a ledger is updated afterwards,
// as "warehouse.records", and is never read. A second writer on the same stream gets [ErrBusy]; a
// damaged file is [ErrDamaged], and too low a memory limit is [ErrMemory]. In every report, Read = Inserted + Unchanged + Rejected.
//
// Rows are inserted in bulk, several chunks at a time. Memory stays within [WithMemoryLimit], and
// DuckDB spills to the directory of [WithTempDirectory]. A failure is an *[imednet.Error]. Error
// texts and progress hold no subject data.
package warehouse
