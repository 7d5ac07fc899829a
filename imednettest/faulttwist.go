package imednettest

import (
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// twists reports whether the fault changes what is listed before it is answered.
func (f *Fault) twists() bool {
	return f != nil && (f.ShiftRows != 0 || f.RefillRow || f.Stale != "" || f.IgnoreFilter || f.IgnoreSort)
}

// query answers a listing as the fault has it; a nil fault changes nothing.
func (f *scripted) query(study *Study, resource imednet.Resource, q query) (page result, now time.Time) {
	if f == nil {
		return study.query(resource, q)
	}
	asked := study
	if former := f.former[study.key]; former != nil {
		former.SetRights(study.currentRights())
		asked = former
	}
	page = f.run(func(q query) (page result) {
		page, now = asked.query(resource, q)
		return page
	}, q)
	if f.Stale == StaleReplica {
		now = study.Now()
	}
	return page, now
}

// run answers a query as the fault has it.
func (f *scripted) run(answer func(query) result, q query) result {
	if f == nil || !f.twists() {
		return answer(q)
	}
	q.offset = max(0, q.offset+f.ShiftRows)
	if f.IgnoreFilter {
		q.filter, q.dataFilter = filter{}, filter{}
	}
	if f.IgnoreSort {
		q.sort = []sortKey{{property: "studyKey"}} // in which all rows tie
	}
	if !f.RefillRow {
		return answer(q)
	}
	size := q.limit
	q.limit++
	page := answer(q)
	if rows := page.rows(); len(rows) > size {
		page.set(slices.Delete(rows, size/2, size/2+1))
	}
	return page
}
