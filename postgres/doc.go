// Package postgres keeps the stores of a deployment in one schema of a PostgreSQL database, so that
// processes on several machines share them.
//
//	db, err := postgres.Open(ctx, "postgres://imednet@db.example.com/imednet?sslmode=verify-full")
//	defer db.Close()
//	store, err := db.Ledger(ctx)
//	marks, err := ledger.NewExtractionStateLedger(store)
//
// The stores are those of their packages, with the same guarantees and the same chains of hashes: only
// their tables are in a server instead of a file. [DB.Mirror] keeps the mirror of studies in the same schema.
//
// # Connections
//
// A connection that leaves this computer must be encrypted, or [Open] refuses it ([ErrInsecure]). Put
// the password into ~/.pgpass or PGPASSWORD, not into the URL; no error repeats it, nor any value of a
// row. [WithConnections] bounds the connections of a process. A pool between process and server must
// keep a session on one connection, because locks of streams and listening belong to a session.
//
// # Schema and roles
//
// One schema holds a deployment ([WithSchema]). A store makes its tables when it is opened for the first
// time, under a lock, in one transaction; a process that finds them up to date needs no right to make
// any. So run programs as a role that may only read and write; docs/scale.md has the statements.
//
// # Leases
//
// [DB.Acquire] leases anything with a name, such as a study, to one holder for a time, by the server's
// clock. Work under [Lease.Context] carries the lease's token: each write to a store shows it in its own
// transaction and fails with [ErrLeaseLost] when the lease has expired or another holder has taken it
// over, so that a worker that was stopped for a while spoils nothing when it goes on. [DB.Leases] lists
// who holds what, [DB.Divide] shares names among all workers that are alive, and [DB.Changes] tells what any process has written. The journal leases submissions by
// itself.
//
// # Guarantees
//
//   - Writers of a store take turns, as those of a file do; readers see one unchanging state and wait
//     for nobody. A writer waits for the time set by [WithWait] and then fails with [ErrBusy].
//   - What a call has written is durable when it returns (synchronous_commit, which is on unless
//     somebody switched it off).
//   - A lost connection or a server that restarts is waited out: what was not committed is done again.
//     When the connection is lost during a commit, the server is asked whether it happened, so that
//     nothing is lost or done twice. Only if the server stays away for the whole of [WithWait] does the
//     call fail: with [ErrUnreachable] if nothing was written, with [ErrUnknownOutcome] if that cannot
//     be known.
//   - Times and leases follow the server's clock, so that the clocks of machines need not agree.
package postgres
