package postgres

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// presence is a lock that this process holds as long as it lives, or its connection does. It tells others
// at once that a lease has lost its holder; where the connection was lost alone, the lease's fence keeps
// the holder from doing anything with it.
type presence struct {
	locks *sessionLocks
	mu    sync.Mutex
	mark  string
}

func presenceKey(mark string) int64 { return lockKey("presence", mark) }

// Mark is part of sqljournal.Presence.
func (p *presence) Mark() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mark == "" {
		p.mark = uuid.NewString()
	}
	key := presenceKey(p.mark)
	if p.locks.holds(key) {
		return p.mark
	}
	conn, err := p.locks.try(context.Background(), key, hold{})
	if err != nil || conn == nil {
		return ""
	}
	return p.mark
}

// Dead is part of sqljournal.Presence.
func (p *presence) Dead(mark string) bool {
	if mark == "" {
		return false
	}
	key := presenceKey(mark)
	conn, err := p.locks.try(context.Background(), key, hold{})
	return err == nil && conn != nil && p.locks.unlock(key, conn) == nil
}

// Forget is part of sqljournal.Presence.
func (p *presence) Forget(string) {}
