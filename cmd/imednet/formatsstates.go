package main

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cdisc/datasets"
)

// states is the mirror's history as a source of records. Each state is a record of its own number,
// and what it is a state of stands in its record OID, which the tables carry along.
type states struct {
	*cache.CachedRecordsLoader
	trail *auditTrail
}

// Records yields every state, oldest first.
func (s states) Records(ctx context.Context, studyKey string, _ imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		places := recordPlaces{}
		var n int64
		for version, err := range s.ChangesSince(ctx, studyKey, 0) {
			if err != nil {
				yield(imednet.Record{}, err)
				return
			}
			for _, state := range places.states(version, s.trail.text) {
				n++
				record, err := s.numbered(state, n)
				if !yield(record, err) || err != nil {
					return
				}
			}
		}
	}
}

func (s states) numbered(seen seenState, n int64) (imednet.Record, error) {
	record := seen.Record
	state := datasets.State{Record: record.RecordID, OID: record.RecordOID.Or(""), Transaction: "Update"}
	if seen.State != imednet.RecordActive {
		state.Transaction = "Remove"
	}
	if state.Micros = microsOf(record.DateModified); seen.undated {
		state.Micros = seen.SeenAt.UnixMicro()
	} else if entry, found := s.trail.entry(record.RecordID, state.Micros, seen.SeenAt); found {
		state.User, state.Reason, state.Revision = entry.user, entry.reason, entry.revision
	}
	text, err := json.Marshal(state)
	record.RecordID, record.RecordOID = n, imednet.Some(string(text))
	return record, err
}

// seenState is a state of a record. An undated one has no time of its own: its row does not say when the
// record was last saved, or says when the state before arose.
type seenState struct {
	imednet.RecordVersion
	undated bool
}

// recordPlace is where a record stands in the file, and when it was last saved.
type recordPlace struct {
	subjectID, siteID, intervalID, visitID, formID int64
	subjectKey, formKey                            string
	modified                                       int64 // in microseconds; 0 for no date
	live                                           bool
}

// recordPlaces are the places of the newest states of records.
type recordPlaces map[int64]recordPlace

// states are what a version is. The file groups records by subject and form: a record that changed either is
// removed where it was before it is inserted where it is, and one that is not there any more is removed where
// it was last. keep holds equal texts once.
func (p recordPlaces) states(version imednet.RecordVersion, keep func(string) string) []seenState {
	r := version.Record
	before, known := p[r.RecordID]
	now := recordPlace{
		r.SubjectID.Or(0), r.SiteID.Or(0), r.IntervalID.Or(0), r.VisitID.Or(0), r.FormID.Or(0),
		keep(r.SubjectKey.Or("")), keep(r.FormKey.Or("")), microsOf(r.DateModified), version.State == imednet.RecordActive,
	}
	undated := version.State == imednet.RecordVanished || now.modified == 0 || now.modified == before.modified
	state, left := seenState{version, undated}, seenState{before.removal(version), undated}
	list, moved := []seenState{state}, known && !before.groupedWith(now)
	switch {
	case moved && !now.live:
		before.modified, before.live = now.modified, false
		now, list = before, []seenState{left}
	case moved && before.live:
		list = []seenState{left, state}
	}
	p[r.RecordID] = now
	return list
}

// groupedWith reports whether the file has records of both places in one group. A form whose key changed is
// the same form.
func (p recordPlace) groupedWith(o recordPlace) bool {
	return p.subjectKey == o.subjectKey && p.formID == o.formID && (p.formID != 0 || p.formKey == o.formKey)
}

// removal is the removal from the place that a newer version brought about.
func (p recordPlace) removal(newer imednet.RecordVersion) imednet.RecordVersion {
	newer.State = imednet.RecordDeleted
	r := &newer.Record
	r.SubjectID, r.SiteID, r.IntervalID, r.VisitID, r.FormID = given(p.subjectID), given(p.siteID), given(p.intervalID), given(p.visitID), given(p.formID)
	r.SubjectKey, r.FormKey = given(p.subjectKey), given(p.formKey)
	r.RecordData = imednet.RecordData{}
	return newer
}

// microsOf is a time in microseconds since 1970; 0 for none.
func microsOf(o imednet.Opt[imednet.Time]) int64 {
	at, ok := o.Get()
	if !ok {
		return 0
	}
	return at.UnixMicro()
}

// given is a value that is set unless it is zero.
func given[T int64 | string](v T) (o imednet.Opt[T]) {
	var none T
	if v == none {
		return o
	}
	return imednet.Some(v)
}
