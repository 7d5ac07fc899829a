package cache

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// flag is what a revision says of deletion.
type flag int

const (
	flagUnknown flag = iota
	flagActive
	flagDeleted
)

func deletionFlag(rev *imednet.RecordRevision) flag {
	deleted, known := rev.Deleted.Get()
	if !known {
		return flagUnknown
	}
	return flagOf(deleted)
}

func flagOf(deleted bool) flag {
	if deleted {
		return flagDeleted
	}
	return flagActive
}

// contradicts reports whether a record held in this state cannot be what the revision left.
func (f flag) contradicts(state int) bool {
	return f == flagActive && state == stateDeleted || f == flagDeleted && state == stateActive
}

// listRevisions begins the revision leg: every record named by a revision that was not seen before
// is to be read. It comes before the date leg's requests, so that the rows which that leg brings
// are at least as new as the revisions that name them. A row of the first leg is older than that,
// and is read again unless its newest revision is older still by the overlap.
//
// Revisions are never removed: a listing without the newest one that was seen is not believed at once.
func (r *run) listRevisions(ctx context.Context) error {
	old := position{revision: r.st.revision, seen: r.st.seen}
	ids, met, err := r.readRevisions(ctx, old)
	if err == nil && !met && old.revision > 0 && !r.unrevised {
		ids, _, err = r.readRevisions(ctx, old)
	}
	if err != nil {
		return err
	}
	if r.next = newPosition(ids); len(ids) == 0 {
		r.next = old
	}
	for id, f := range r.pending {
		if _, named := r.names[id]; !named {
			r.names[id] = f
		}
		r.unread[id] = true
	}
	for id := range r.foreign {
		r.unread[id] = true
	}
	return nil
}

// readRevisions notes the records that revisions name which were not seen before. It returns the ids of the
// newest ones, and whether the newest one that was seen is among those listed.
func (r *run) readRevisions(ctx context.Context, old position) (ids []int64, met bool, err error) {
	for rev, err := range r.server.revisionsAfter(ctx, max(0, old.revision-revisionWindow)) {
		if errors.Is(err, imednet.ErrForbidden) {
			r.unrevised, r.report.Unrevised = true, true
			r.overlooked = r.nothingNew
			break
		}
		if err != nil {
			return nil, false, err
		}
		met = met || rev.RecordRevisionID == old.revision
		if ids = append(ids, rev.RecordRevisionID); len(ids) > 2*revisionWindow {
			ids = slices.Clone(ids[len(ids)-revisionWindow:])
		}
		if id, ok := rev.RecordID.Get(); ok && !old.has(rev.RecordRevisionID) {
			r.name(id, &rev)
		}
	}
	return ids, met, nil
}

// name notes what the newest revision of a record says, and whether the record must be read.
func (r *run) name(id int64, rev *imednet.RecordRevision) {
	created, known := rev.DateCreated.Get()
	if id > r.st.top {
		r.overlooked = r.overlooked || known && created.Before(r.ceiling)
		return // a later run's new row, unless it is overlooked
	}
	r.names[id] = deletionFlag(rev)
	if id <= r.oldTop || !known || !created.Before(r.ceiling.Add(-r.loader.cfg.overlap)) {
		r.unread[id] = true
	}
}

// walk reads the records that were named and that no other leg brought, page by page from one to
// the next: never more than one request for each, nor than a sweep. What is not returned is gone.
func (r *run) walk(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(r.unread))
	ids = ids[:upTo(ids, r.st.top)]
	var absent []int64
	for len(ids) > 0 {
		size, err := r.reach(ctx, ids)
		if err != nil {
			return err
		}
		page, err := r.server.page(ctx, imednet.Where("recordId", imednet.GreaterOrEqual, ids[0]), size)
		if err != nil {
			return err
		}
		if _, err := r.storePage(ctx, page.Records); err != nil {
			return err
		}
		covered := coverage(page, r.st.top)
		for ; len(ids) > 0 && ids[0] <= covered; ids = ids[1:] {
			if r.unread[ids[0]] {
				absent = append(absent, ids[0])
			}
		}
	}
	return r.loseListed(ctx, absent)
}

// coverage is the id up to which a page holds all that matches: its last one, or end when it holds
// everything.
func coverage(page imednet.RecordPage, end int64) int64 {
	if n := len(page.Records); int64(n) < page.Total {
		return page.Records[n-1].RecordID
	}
	return end
}

// loseListed adds those of the ids to what is gone that are held as listed.
func (r *run) loseListed(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	listed, err := r.loader.queryIDs(ctx, `SELECT record_id FROM imednet_record
		WHERE study = ? AND record_id IN (SELECT value FROM json_each(?)) AND state < 2`, r.st.id, idList(ids))
	for _, id := range listed {
		r.gone[id] = true
	}
	return err
}

// reach returns the size of a page that begins at the first id and brings as many of the others
// as one page can, and no rows beyond.
func (r *run) reach(ctx context.Context, ids []int64) (int, error) {
	if len(ids) == 1 {
		return 1, nil
	}
	held, err := r.loader.queryIDs(ctx, `SELECT record_id FROM imednet_record
		WHERE study = ? AND record_id >= ? AND state < 2 ORDER BY record_id LIMIT ?`, r.st.id, ids[0], pageRows)
	if err != nil || len(held) == 0 {
		return 1, err
	}
	last := ids[upTo(ids, held[len(held)-1])-1] // held begins at or after the first of ids
	size := upTo(held, last)
	return min(max(size, 1), pageRows), nil
}

// upTo returns how many of the ids, ascending, are at most x.
func upTo(ids []int64, x int64) int {
	i, _ := slices.BinarySearch(ids, x+1)
	return i
}
