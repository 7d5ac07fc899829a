package main

import (
	"context"
	"errors"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// auditTrail is who saved a record, when and why.
type auditTrail struct {
	entries map[auditKey]auditEntry
	listed  int               // all entries
	undated int               // those that cannot be joined
	used    int               // those that are joined with a state
	texts   map[string]string // equal users and reasons share their memory
}

type auditKey struct {
	record int64
	micros int64
}

type auditEntry struct {
	user, reason string
	revision     int64
	several      bool // of that record and second
	used         bool
}

// auditTrail reads the mirror's audit trail, which is of the moment of its states, or the server's where the
// mirror has none.
func (a *app) auditTrail(ctx context.Context, mirror *cache.CachedRecordsLoader, studyKey string) (*auditTrail, error) {
	trail, err := readTrail(ctx, mirror.Client(), studyKey)
	if !errors.Is(err, cache.ErrNotSynced) {
		return trail, err
	}
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	return readTrail(ctx, client, studyKey)
}

func readTrail(ctx context.Context, client imednet.RevisionReader, studyKey string) (*auditTrail, error) {
	t := &auditTrail{entries: map[auditKey]auditEntry{}, texts: map[string]string{}}
	for r, err := range client.RecordRevisions(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		t.add(r)
	}
	return t, nil
}

// add keeps the later of two entries of one second: it brought about the state that was there when the
// second was over.
func (t *auditTrail) add(r imednet.RecordRevision) {
	t.listed++
	id, hasID := r.RecordID.Get()
	at, dated := r.DateCreated.Get()
	if !hasID || !dated {
		t.undated++
		return
	}
	key := auditKey{id, at.UnixMicro()}
	entry := auditEntry{user: t.text(r.User.Or("")), reason: t.text(r.ReasonForChange.Or("")), revision: r.RecordRevision.Or(0)}
	known, taken := t.entries[key]
	if taken && known.revision > entry.revision {
		entry = known
	}
	entry.several = taken
	t.entries[key] = entry
}

// entry is the entry that brought about a state; the first time, it counts as used. Where a second has several
// entries, it is not known which of them a sync saw that began before the second was over.
func (t *auditTrail) entry(record, micros int64, seen time.Time) (auditEntry, bool) {
	key := auditKey{record, micros}
	entry, found := t.entries[key]
	if !found || entry.several && seen.Before(time.UnixMicro(micros).Add(time.Second)) {
		return auditEntry{}, false
	}
	if !entry.used {
		entry.used = true
		t.used++
		t.entries[key] = entry
	}
	return entry, true
}

func (t *auditTrail) text(s string) string {
	if known, ok := t.texts[s]; ok {
		return known
	}
	t.texts[s] = s
	return s
}
