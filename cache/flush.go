package cache

import "context"

// Flush makes every commit durable. A commit survives the end of the process even without Flush,
// but after a power failure the last commits may be missing, in which case the next run fetches
// them again. Call Flush before reporting the progress of the mirror to another system. In a
// [Database] every commit is durable.
func (l *CachedRecordsLoader) Flush(context.Context) error {
	err := l.db.stillThere()
	if err == nil {
		err = l.db.flush()
	}
	return wrap("flush", "", err)
}
