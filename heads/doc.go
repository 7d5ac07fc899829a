// Package heads keeps the heads of audited stores in another place, signed.
//
// The head of a store covers its whole log. Someone with write access to a store can cut off its
// newest entries, put back an older copy, or rebuild the whole chain: only a head that was kept
// elsewhere shows it. A [Keeper] writes the heads of any number of stores to a [Place] of the
// caller's, one file at a time; [Open] reads and proves all that a place holds, and
// [Kept.Of] returns the heads of one store for its verification, such as
// triage.VerifyOptions.Kept.
//
// # What is proven
//
// Each file is signed, has the SHA-256 of its statement in its name, and names those files of the
// place that no other file had named, so that a file that was altered, renamed, put in by
// somebody else or removed is found. Only the removal of the very newest files leaves no trace:
// [Options.MaxAge] finds it once the next head is overdue.
//
// # Places
//
// [Dir] is a directory. Object storage or a database is a few lines: a [Place] lists names, reads,
// and creates what is not there yet. Nothing is ever overwritten or removed.
//
// A keeper may write while others do. Each knows the files of the others, and no lock is needed.
package heads
