// Package versioning maintains the history of study configurations: who changed what, when and why.
// It is an audit record (21 CFR Part 11): nothing is overwritten, and the integrity of the whole
// can be verified.
//
//	store, err := versioning.NewConfigVersionStore(ctx, "config_versions.sqlite3")
//	entry, err := store.CommitConfig(ctx, "DEMO", &config, versioning.CommitOptions{Author: "anna", Reason: "map AE severity"})
//	diff, err := store.DiffConfigs(ctx, before.CommitID, entry.CommitID)
//	fmt.Print(diff.Text())
//	old, err := store.RollbackConfig(ctx, "DEMO", before.CommitID) // then CommitConfig, with AllowRollback
//
// # Bodies and entries
//
// The body of a configuration is its canonical JSON (see [Canonical]), and the SHA-256 of the body
// is its commit id: a configuration has the same commit id here and in the Python package. The
// table config_commits is that of the Python package and holds each body once. The table
// config_entries is the history: for each study, a chain of entries with sequence, entry id, commit
// id, version, author, reason, time, details, and a hash of all of these and the hash of the
// previous entry, each preceded by its length. A configuration can therefore be committed,
// replaced, and committed again, which gives three entries and two bodies. Committing the
// configuration that is already the head is [ErrDuplicate].
//
// [ConfigVersionStore.RollbackConfig] only reads; to roll back, commit what it returns with
// [CommitOptions.AllowRollback]. The Python package does not see such a rollback.
// [ConfigVersionStore.CommitDocument] commits a document unchanged. Programs that change the same
// study should use [CommitOptions.IfHead], so that neither supersedes a commit that it has not
// seen.
//
// # Dictionaries
//
// [ConfigVersionStore.CommitDictionary] adds a study's dictionary, the files of its design export, to the same history: an
// entry that lists them by their SHA-256. The table dictionary_files holds the bytes of each file once, and
// [ConfigVersionStore.Dictionary] returns those of a version. Package dictionary reads them. Dictionaries are not
// reviewed, approved or signed, and the Python package does not see them.
//
// # Integrity
//
// Every read of a body checks the hash of the stored bytes. Triggers prevent rows of the tables
// from being changed, deleted or replaced. [ConfigVersionStore.Verify] checks the whole file and
// names the first bad entry. Without help it cannot detect that the last entries of a history were
// removed: store the result of [ConfigVersionStore.Head] elsewhere and pass it to Verify later. Nor
// can a chain of hashes prevent someone with write access from rewriting the whole file; the stored
// head reveals that as well. [ConfigVersionStore.History] reports a damaged entry or body in
// [Entry.Fault] and continues.
//
// # Review, approval and signatures
//
// [ConfigVersionStore.ReviewConfig] and [ConfigVersionStore.ApproveConfig] record the review and
// approval of a commit by a person other than its author; [ConfigVersionStore.ApprovedConfig]
// returns the approved configuration. [ConfigVersionStore.SignConfig] binds a person, a meaning and
// a time to a commit with an Ed25519 key, and Verify checks it with the public key. [WithIdentity]
// and [WithAuthorizer] determine who acts and who may act; without them authors are only claimed.
//
// # Files
//
// A store is one SQLite file in WAL mode with synchronous FULL and file mode 0600, which any number
// of processes can open. Calls wait for one another and return [ErrBusy] only after the time set by
// [WithWait]. Opening, reading and verifying write nothing, except that opening gives a file of an
// earlier version of this library the tables that it lacks. [WithImport] imports a file that the
// Python package wrote. Commits that the Python package appends later are reported by Verify and
// make CommitConfig fail for the study ([ErrStrangers]) until [ConfigVersionStore.ImportCommits] or
// [WithImport] turns them into entries, which record who imported them and when. An empty file is
// [ErrIntegrity].
//
// [NewDatabaseStore] uses the same tables in a database server, for processes on several machines;
// package postgres opens it. A program built without cgo has only that.
//
// # Diffs
//
// [ConfigVersionStore.DiffConfigs] and [CompareConfigs] return the same differences in three forms:
// the map of paths of the Python package, a JSON Patch (RFC 6902) that can be applied and inverted,
// and a readable list of changes, which matches mapping rules by domain, target and form, and
// widgets by id.
package versioning
