// Package versioning keeps the history of study configurations: who changed what, when and why. It
// is a record for auditors (21 CFR Part 11): nothing is overwritten, and the whole can be proven.
//
//	store, err := versioning.NewConfigVersionStore(ctx, "config_versions.sqlite3")
//	entry, err := store.CommitConfig(ctx, "DEMO", &config, versioning.CommitOptions{Author: "anna", Reason: "map AE severity"})
//	diff, err := store.DiffConfigs(ctx, before.CommitID, entry.CommitID)
//	fmt.Print(diff.Text())
//	old, err := store.RollbackConfig(ctx, "DEMO", before.CommitID) // then CommitConfig, with AllowRollback
//
// # Bodies and entries
//
// A configuration's body is its canonical JSON (see Canonical), and the body's SHA-256 is its
// commit id: the same configuration has the same commit id here and in the Python package. The table
// config_commits is the Python package's and holds each body once. The table config_entries is the
// history: for each study a chain of entries with sequence, entry id, commit id, version, author,
// reason, time, details, and a hash over all of them and the hash of the entry before, each preceded by its
// length. So a configuration can be committed, replaced, and committed again: three entries, two
// bodies. Committing what already is the head is ErrDuplicate.
//
// [ConfigVersionStore.RollbackConfig] reads; going back is a commit of what it returns, with
// CommitOptions.AllowRollback: the Python package does not see it. [ConfigVersionStore.CommitDocument]
// commits a document as it stands. Two programs that change the
// same study use CommitOptions.IfHead, so that neither commits over what it has not seen.
//
// # Proof
//
// Every read of a body hashes the stored bytes. Triggers refuse to change, delete or replace a row
// of either table. Verify re-proves the whole file and names the first bad entry. It cannot see on
// its own that a history's last entries were cut off: export its Head to another place and give it
// to Verify later. Nor can a chain of hashes stop somebody who may write the file from rewriting
// all of it; the exported head shows that too. A damaged entry or body is reported by History in
// Entry.Fault and blocks nothing else.
//
// # Second persons and signatures
//
// [ConfigVersionStore.ReviewConfig] and [ConfigVersionStore.ApproveConfig] are entries of another
// person than the author; [ConfigVersionStore.ApprovedConfig] is what is in force where approval is
// asked for. [ConfigVersionStore.SignConfig] binds a person, a meaning and a time to a commit with an
// Ed25519 key, and Verify proves it with the public key. [WithIdentity] and [WithAuthorizer] say who
// acts and who may; without them authors are what the caller claims.
//
// # Files
//
// A store is one SQLite file in WAL mode with synchronous FULL, mode 0600, opened by any number of
// processes. Calls wait for one another; ErrBusy comes only after WithWait. Opening, reading and
// verifying write nothing. A file that the Python package wrote is taken over by [WithImport]; what
// the Python package appends later is reported by Verify, keeps CommitConfig from the study
// (ErrStrangers), and becomes entries by [ConfigVersionStore.ImportCommits] or WithImport, which say
// by whom and when. An empty file is ErrIntegrity.
//
// # Diffs
//
// DiffConfigs and CompareConfigs return one content in three forms: the Python package's map of paths,
// a JSON Patch (RFC 6902) that applies and inverts, and a list of changes for people, which
// matches mapping rules by domain, target and form and widgets by id.
package versioning
