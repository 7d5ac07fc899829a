package postgres

import (
	"context"
)

// fenceKey marks a context whose writes carry tokens of leases.
type fenceKey struct{}

// fence is a lease that a write depends on, with those around it.
type fence struct {
	lease *Lease
	outer *fence
}

// Context returns a context for work that the lease allows. Whatever a store of the same database writes
// with it carries the lease's token: in the same transaction the server is asked whether the lease is
// still held under that token, and if not, nothing is written and the call fails with [ErrLeaseLost].
// Until the transaction has ended, nobody can take the lease over. A context can carry several leases;
// all must be held.
func (l *Lease) Context(ctx context.Context) context.Context {
	outer, _ := ctx.Value(fenceKey{}).(*fence)
	return context.WithValue(ctx, fenceKey{}, &fence{l, outer})
}

// carries reports whether what is written with the context carries the lease of the name, taken in the same schema.
func carries(ctx context.Context, db *DB, name string) bool {
	f, _ := ctx.Value(fenceKey{}).(*fence)
	for ; f != nil; f = f.outer {
		if f.lease.Name == name && f.lease.db.schema == db.schema {
			return true
		}
	}
	return false
}

// askFences refuses to write under a lease that is not held any more, and keeps the leases from being taken over
// until the transaction has ended.
func askFences(ctx context.Context, o *opening) {
	f, _ := ctx.Value(fenceKey{}).(*fence)
	for ; f != nil; f = f.outer {
		var token int64
		o.ask(`SELECT token FROM imednet_lease WHERE name = ? AND token = ? AND holder <> '' AND expires_at > clock_timestamp() FOR SHARE`,
			[]any{f.lease.Name, f.lease.Token}, refuse(ErrLeaseLost, "what is under way must stop: another process may have taken over"), &token)
	}
}
