package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"sync"
)

// lockKey is the number of an advisory lock. Two names of 2^64 share one about never; if they do, each
// waits for the other.
func lockKey(names ...string) int64 {
	h := sha256.New()
	for _, n := range names {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(n)))
		h.Write(length[:])
		h.Write([]byte(n))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil))) //nolint:gosec // any 64 bits do
}

// sessionLocks are advisory locks of one connection, which end with it and so with the process. A lost
// connection loses them all: they keep processes out of each other's way, and what is written is
// compared with what was read all the same.
type sessionLocks struct {
	pool *sql.DB // of one connection
	mu   sync.Mutex
	conn *sql.Conn
	held map[int64]hold
}

// hold says whether holders of one lease after the other have a lock, or one holder alone.
type hold struct{ shared bool }

// statement is the one that acquires the lock, or gives it back.
func (h hold) statement(function string) string {
	if h.shared {
		function += "_shared"
	}
	return `SELECT ` + function + `(?)`
}

// TryLock acquires a lock of the store unless it is held in this or another process, and never waits.
func (s *store) TryLock(ctx context.Context, name string) (unlock func() error, ok bool, err error) {
	return s.tryLock(ctx, name, hold{})
}

func (s *store) tryLock(ctx context.Context, name string, how hold) (unlock func() error, ok bool, err error) {
	key := lockKey(s.db.schema, s.name, name)
	var conn *sql.Conn
	err = s.db.persistently(ctx, func() error {
		conn, err = s.db.locks.try(ctx, key, how)
		return err
	})
	return func() error { return s.db.locks.unlock(key, conn) }, conn != nil, err
}

// try returns the connection that holds the lock from now on, nil where another one does. Within a process a
// shared lock has one holder too.
func (l *sessionLocks) try(ctx context.Context, key int64, how hold) (*sql.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		conn, err := l.pool.Conn(ctx)
		if err != nil {
			return nil, err
		}
		l.conn, l.held = conn, map[int64]hold{}
	}
	if _, held := l.held[key]; held {
		return nil, nil
	}
	var free bool
	if err := l.conn.QueryRowContext(context.WithoutCancel(ctx), how.statement("pg_try_advisory_lock"), key).Scan(&free); err != nil {
		return nil, errors.Join(err, l.drop())
	}
	if !free {
		return nil, nil
	}
	l.held[key] = how
	return l.conn, nil
}

// unlock gives a lock back. One that was lost with its connection is free already.
func (l *sessionLocks) unlock(key int64, conn *sql.Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if conn != l.conn {
		return nil
	}
	how := l.held[key]
	delete(l.held, key)
	if _, err := conn.ExecContext(context.Background(), how.statement("pg_advisory_unlock"), key); err != nil {
		return l.drop() // which frees it as well
	}
	return nil
}

// drop ends the connection, and with it all of its locks.
func (l *sessionLocks) drop() error {
	if l.conn == nil {
		return nil
	}
	conn := l.conn
	l.conn, l.held = nil, nil
	err := conn.Raw(func(any) error { return driver.ErrBadConn }) // not to be used again
	if err = errors.Join(err, conn.Close()); errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// holds reports whether the lock is held here.
func (l *sessionLocks) holds(key int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.held[key]
	return held
}

// close gives up all locks.
func (l *sessionLocks) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.drop(), l.pool.Close())
}
