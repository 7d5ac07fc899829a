// Package cache maintains an exact local mirror of iMednet studies in one SQLite file. To keep it
// current, it requests little more from the server than what has changed.
//
//	mirror, err := cache.NewCachedRecordsLoader(ctx, client, "mirror/records_cache.sqlite3")
//	defer mirror.Close()
//	report, err := mirror.SyncRecords(ctx, "S1", cache.SyncOptions{})   // bring it up to date
//	for rec, err := range mirror.IterCachedRecords(ctx, "S1") { … }     // active records, no network
//	for rec, err := range mirror.Records(ctx, "S1", imednet.ListOptions{}) { … } // as the server lists them
//	all, err := mirror.SyncStudy(ctx, "S1", cache.SyncOptions{})        // records and every other resource
//	client := mirror.Client()                                          // reads one moment of all of them
//
// A [CachedRecordsLoader] implements [imednet.RecordSource], so that everything that maps, profiles
// or extracts records from a client can do so from the file. It also lists records subject by
// subject ([CachedRecordsLoader.RecordsBySubject]), the successive states of a record
// ([CachedRecordsLoader.RecordHistory]), and the changes since a version
// ([CachedRecordsLoader.ChangesSince]).
//
// [CachedRecordsLoader.SyncStudy] also mirrors the study itself, sites, forms, intervals,
// variables, users, subjects, visits, queries with their comments, codings and record revisions,
// each with its former states. A resource that the API keys are not permitted to read is left out
// and reported. [CachedRecordsLoader.Client] returns an [imednet.Client] that reads the file: every
// workflow can use it offline, and everything that one [View] reads is as of one version.
// [CachedRecordsLoader.AsOf] opens an earlier version, [CachedRecordsLoader.Cut] names one, and
// [CachedRecordsLoader.VerifyCut] verifies it. [CachedRecordsLoader.Changes] lists what changed:
// record, variable, old and new value, and who changed it, when and why.
//
// # Guarantees of a run
//
// After a run of [CachedRecordsLoader.SyncRecords] that returns no error, the mirror holds every
// record that existed throughout the run, in a state that the server showed during the run. If
// nothing changed on the server meanwhile, mirror and server are equal byte for byte. After an
// error, or if the process is killed at any moment, the file is consistent, the marks are
// unchanged, and the next run continues from there. A run that finds nothing new takes five
// requests (with at most 500 records in the overlap) and writes nothing.
//
// A run consists of these steps:
//
//  1. Read the records whose id is greater than the highest one held. The server's time in the
//     first response is the ceiling of the run.
//  2. Read the revisions after the last one seen and, because of late commits, the 400 ids before
//     it again. They name the records that were saved or deleted, including those whose
//     dateModified did not change. If they name a new record from before the first response that step 1
//     did not bring, step 1 is repeated; if the last revision seen is not among them, step 2 is.
//  3. Read the records whose dateModified is later than the mark minus an overlap ([WithOverlap],
//     10 minutes).
//  4. Read the records named in step 2 that step 3 did not return, page by page. A record that the
//     server does not return is gone. A row that contradicts its newest revision remains pending
//     and is read again by the next run; a state is never derived from a revision.
//  5. Prove completeness: the server's count of records must equal the mirror's. A difference is
//     located by bisecting the ids held, with one count per step, down to ranges of one page, which
//     are read: k removals among n records cost at most 2·min(k·(⌈log2(n/500)⌉+1), ⌈n/500⌉) + 6
//     requests. Counts that do not agree after three rounds are [ErrUnsettled]. Then one block of
//     500 records is read and compared, a different one in each run, so that changes that no count
//     reveals are found within ⌈n/500⌉ + 1 runs.
//  6. Turn records that are gone into tombstones and advance the marks: mark = min(ceiling, latest
//     dateModified), or the ceiling itself if more than a page of rows lies in the overlap, as
//     after a bulk change.
//
// A change that affects neither dateModified nor the set of ids and writes no revision (keywords,
// renamed subject keys) is found when its block is compared, and immediately by
// [CachedRecordsLoader.ReconcileCache], which reads every record. [CachedRecordsLoader.Verify] does
// the same without writing.
//
// A deletion flag that is not a boolean leaves the state of a record unchanged (deleted for a new
// record). The record is reported as doubtful, and tables leave it out. A flag that is null or
// missing is none, because the API writes either for what a row does not have: the record is active,
// and is counted as restored if it was held as deleted.
//
// If more than a fifth of the records (and at least ten), or more than half of any number, are gone
// at once, the run fails with a [MassDeletionError] unless [SyncOptions.AllowMassDeletion] is set.
// It always fails if the server lists nothing while the mirror holds records.
//
// An iteration shows the mirror as of the moment when it began, without locking the file: data that
// change meanwhile are read from the history. Only one run per study is active at a time, across
// all processes. Runs of different studies and iterations proceed concurrently.
//
// # The worker
//
// A [SyncWorker] keeps the mirrors of several studies current: it runs a sync at every interval, a
// sweep less often, and with [WithResourcesEvery] also syncs the other resources.
//
//	worker, err := cache.NewSyncWorker(mirror, []string{"S1", "S2"},
//		cache.WithResourcesEvery(time.Hour), cache.WithMarkLedger(marks, "records"))
//	go http.ListenAndServe("127.0.0.1:9464", cache.StatusHandler(worker, time.Hour)) // /healthz, /metrics
//	err = worker.Run(ctx) // until ctx ends, Stop, or every study has stopped
//
// Studies fail independently of one another. After an error a study is retried with increasing
// delays; after several consecutive errors it pauses; a permanent error (401, 403, a file of
// another program) stops it. The ledger is updated after the data are durable, so that its mark is
// never ahead of the mirror.
//
// # The file
//
// The file is SQLite in WAL mode with pages of 16 KiB, file mode 0600 and application id
// 0x494d4e43. The schema number is the highest version in imednet_schema. Instants are microseconds
// since 1970 in UTC. Next to it are -wal and -shm, <file>.lock (shared by runs; the Python
// package's worker takes it exclusively), <file>.<SHA-256 of the study key>.lock (held by a run of
// the study) and <file>.open.lock. A commit survives the end of the process; after a power failure
// the last commits may be missing and are fetched again (see [CachedRecordsLoader.Flush]).
//
// The table record_cache is that of the Python package. Its rows are the active records: study_key,
// record_id, form_key ("" if unset), date_modified (text as received, "" if absent) and payload,
// the API's JSON byte for byte. This package opens a file that the Python package wrote, and the
// Python package can read a file of this package. Triggers record what other programs write to this
// table, and the next run reads those records from the server again. docs/formats/mirror.md
// describes every column of every table.
//
// With package postgres the same tables are in a database server instead ([NewDatabaseLoader]), for
// processes on several machines.
//
// [CachedRecordsLoader.Backup] copies the file as of one moment while it is in use. Deleted content
// is overwritten with zeros. Payloads are subject data and are not encrypted: store the file where
// that is permitted. No error text, log or progress event of this package holds subject data.
package cache
