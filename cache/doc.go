// Package cache keeps an exact local mirror of iMednet studies in one SQLite file, and keeps it
// fresh by asking the server for little more than what changed.
//
//	mirror, err := cache.NewCachedRecordsLoader(ctx, client, "mirror/records_cache.sqlite3")
//	defer mirror.Close()
//	report, err := mirror.SyncRecords(ctx, "S1", cache.SyncOptions{})   // bring it up to date
//	for rec, err := range mirror.IterCachedRecords(ctx, "S1") { … }     // active records, no network
//	for rec, err := range mirror.Records(ctx, "S1", imednet.ListOptions{}) { … } // as the server lists them
//	all, err := mirror.SyncStudy(ctx, "S1", cache.SyncOptions{})        // records and every other resource
//	client := mirror.Client()                                          // reads one moment of all of them
//
// A [CachedRecordsLoader] is an imednet.RecordSource, so whatever maps, profiles or extracts records
// from a client does so from the file too. It serves one subject after the other
// ([CachedRecordsLoader.RecordsBySubject]), the states that each record went through
// ([CachedRecordsLoader.RecordHistory]) and what is new since a version ([CachedRecordsLoader.ChangesSince]).
//
// [CachedRecordsLoader.SyncStudy] also mirrors the study itself, sites, forms, intervals, variables, users,
// subjects, visits, queries with their comments, codings and record revisions, each with its former
// states. A resource that the keys may not read is left out and reported. [CachedRecordsLoader.Client]
// is an imednet.Client over the file: every workflow reads through it, offline, and all that one [View]
// reads is as of one version. [CachedRecordsLoader.AsOf] reopens an earlier version,
// [CachedRecordsLoader.Cut] names one and [CachedRecordsLoader.VerifyCut] proves it.
// [CachedRecordsLoader.Changes] answers what changed: record, variable, old and new value, who, when and why.
//
// # What a run promises
//
// After a run of [CachedRecordsLoader.SyncRecords] that returned no error, every record that existed
// throughout it is held, in a state that the server showed during the run; if the server stood still,
// mirror and server are equal byte for byte. After an error, or the death of the process at any moment,
// the file is sound, the marks stand where they stood, and the next run goes on from there. A run that
// finds nothing new takes five requests (while at most 500 records lie in the overlap) and writes nothing.
//
// A run takes these steps:
//
//  1. Records with a greater id than the greatest held. The server's time of the first answer is
//     the ceiling of the run.
//  2. Revisions after the last one seen, and the 400 ids before it again, for late commits. They
//     name the records that were saved or deleted, also those whose dateModified did not move.
//  3. Records whose dateModified lies after the mark, less an overlap ([WithOverlap], 10 minutes).
//  4. The named records that step 3 did not bring, page by page from one to the next. One that the
//     server does not return is gone. A row that contradicts its newest revision stays pending
//     and is read again by the next run: a state is never taken from a revision.
//  5. The proof: the server's count of records must be ours. A difference is traced by halving our
//     ids, one count a step, down to ranges of a page, which are read: k removals among n records
//     cost at most 2·min(k·(⌈log2(n/500)⌉+1), ⌈n/500⌉) + 6 requests. Counts that will not agree in
//     three rounds are [ErrUnsettled]. Then one block of 500 records is read and compared, another
//     one in each run: what no count shows is found within ⌈n/500⌉ + 1 runs.
//  6. What is gone becomes tombstones and the marks move: mark = min(ceiling, greatest dateModified),
//     and on to the ceiling when more than a page of rows lies in the overlap, as after a bulk change.
//
// What moves neither dateModified nor the set of ids nor writes a revision (keywords, renamed
// subject keys) is found when its block is compared, and at once by [CachedRecordsLoader.ReconcileCache],
// which reads every record. [CachedRecordsLoader.Verify] does the same without writing.
//
// A deletion flag that is no boolean leaves a record's state as it was (deleted, for a new record). The
// record is reported as doubtful and is not among the active ones.
//
// When more than a fifth of the records are gone at once (and at least ten), or more than half of any
// number, the run is refused with a [MassDeletionError] unless SyncOptions.AllowMassDeletion says
// otherwise; a server that lists nothing while the mirror holds records is always refused.
//
// A reading is as of the moment when it began, without holding the file: what changes meanwhile is
// taken from the history. One run of a study goes on at a time, in all processes together; runs of
// different studies, and readings, go on side by side.
//
// # The worker
//
// A [SyncWorker] keeps the mirrors of several studies fresh: a run every interval, a sweep at a cadence of
// its own, and with [WithResourcesEvery] the other resources too.
//
//	worker, err := cache.NewSyncWorker(mirror, []string{"S1", "S2"},
//		cache.WithResourcesEvery(time.Hour), cache.WithMarkLedger(marks, "records"))
//	go http.ListenAndServe("127.0.0.1:9464", cache.StatusHandler(worker, time.Hour)) // /healthz, /metrics
//	err = worker.Run(ctx) // until ctx ends, Stop, or every study has stopped
//
// Each study fails alone. After an error it is tried again with growing delays; after several in a row
// it rests; a permanent error (401, 403, a file that is not ours) stops it. The ledger is updated
// after the data are durable, so its mark is never past the mirror.
//
// # The file
//
// SQLite in WAL mode, pages of 16 KiB, mode 0600, application id 0x494d4e43; the schema number is
// the greatest version in imednet_schema. Instants are microseconds since 1970 in UTC. Beside it
// lie -wal and -shm, <file>.lock (shared by runs; the Python package's worker takes it exclusively),
// <file>.<SHA-256 of the study key>.lock (one run of the study) and <file>.open.lock. A commit
// survives the death of the process; after a power cut the last ones may be missing, and are
// fetched again (see [CachedRecordsLoader.Flush]).
//
// record_cache is the Python package's own table, and its rows are the active records: study_key,
// record_id, form_key ("" when unset), date_modified (text as received, "" when absent) and
// payload, the API's own JSON byte for byte. A file that the Python package wrote opens here, and the
// Python package reads ours. What another program writes there is noted by triggers, and read again
// from the server by the next run. The other tables are ours; docs/formats/mirror.md describes every
// column.
//
// [CachedRecordsLoader.Backup] copies the file, as of one moment, while all of this goes on. Deleted
// content is overwritten with zeros. Payloads are patients' data and not encrypted: put the file where
// that is allowed. No error text, log or progress event of this package holds any.
package cache
