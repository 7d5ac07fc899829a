package cache

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/whose"
)

// ChangeEntry is a [Change] as people read it: with the names of what it is about, and who made it.
type ChangeEntry struct {
	Change
	// When is the time of the last save that the change can come from or, if the mirror knows none, the
	// server time at which a sync saw it.
	When time.Time
	// Users and Reasons are those of all saves that the change can come from, each once. If Revisions
	// has one element, that save made the change.
	Users, Reasons []string
	// What the row is about: a record, and what names one, by the newest state of the record; subjects, visits,
	// queries and codings without one by their subject as the study has it now; a site by its name. The design and
	// users are about none of them.
	Site, SubjectKey, FormKey, Visit string
	// Label is the label of Variable.
	Label string

	form *imednet.IndexedForm // of the record; nil if no form is known
}

// ChangeFilter selects changes. Empty fields select all.
type ChangeFilter struct {
	// Since selects changes that were saved at this time or later ([ChangeEntry.When]).
	Since time.Time
	// Site is a site's name; SubjectKey, FormKey and User are as in the rows. Variable is the name of a
	// variable of the form, now or before it was renamed, and selects every key of recordData that belongs to it.
	Site, SubjectKey, FormKey, Variable, User string
}

// ChangeList yields the changes of a study with the names of site, subject, form, visit and variable,
// in the order of [CachedRecordsLoader.Changes]. The mirror must hold sites, subjects, intervals and
// the design. A name that the study does not have selects nothing.
//
// Values are subject data.
func (l *CachedRecordsLoader) ChangeList(ctx context.Context, studyKey string, filter ChangeFilter) iter.Seq2[ChangeEntry, error] {
	return func(yield func(ChangeEntry, error) bool) {
		names, err := l.changeNames(ctx, studyKey)
		if err == nil {
			err = l.eachEntry(ctx, names, filter, func(e ChangeEntry) bool { return yield(e, nil) })
		}
		if err != nil {
			yield(ChangeEntry{}, wrap("changes", studyKey, err))
		}
	}
}

func (l *CachedRecordsLoader) eachEntry(ctx context.Context, names *changeNames, filter ChangeFilter, yield func(ChangeEntry) bool) error {
	since, err := l.versionBefore(ctx, names.study, filter.Since)
	if err != nil {
		return err
	}
	wanted := func(ctx context.Context, row changingRow) (bool, error) { return names.wanted(ctx, row, filter) }
	var failed error
	err = l.eachChange(ctx, names.study, since, wanted, func(c Change, row changingRow) bool {
		var e ChangeEntry
		e, failed = names.entry(ctx, c, row)
		return failed == nil && (!filter.selects(&e, names.former) || yield(e))
	})
	if failed != nil {
		return failed
	}
	return err
}

// versionBefore is the newest version that was stored before a time: what is saved later is in a later
// one.
func (l *CachedRecordsLoader) versionBefore(ctx context.Context, studyKey string, at time.Time) (imednet.MirrorVersion, error) {
	if at.IsZero() {
		return 0, nil
	}
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return 0, err
	}
	var version sql.NullInt64
	err = l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT max(version) FROM imednet_version WHERE study = ? AND seen_at < ?`, st.id, at.UnixMicro()).Scan(&version)
	})
	return imednet.MirrorVersion(version.Int64), err
}

// selects reports whether a change of a wanted row is wanted.
func (f ChangeFilter) selects(e *ChangeEntry, former formerNames) bool {
	return !e.When.Before(f.Since) &&
		(f.Variable == "" || e.Variable != "" && former.belongs(e.form, e.Variable, f.Variable)) &&
		(f.User == "" || slices.Contains(e.Users, f.User))
}

// changeNames are the names in a study, and the records that changes were of.
type changeNames struct {
	mirror    *CachedRecordsLoader
	study     string
	finder    *whose.Finder
	intervals map[int64]string
	index     *imednet.FormIndex
	former    formerNames
	records   map[int64]*imednet.Record
}

func (l *CachedRecordsLoader) changeNames(ctx context.Context, studyKey string) (n *changeNames, err error) {
	view := l.Client()
	n = &changeNames{mirror: l, study: studyKey, intervals: map[int64]string{}, records: map[int64]*imednet.Record{}}
	if n.finder, err = whose.Read(ctx, view, studyKey); err != nil {
		return nil, err
	}
	for interval, err := range view.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		n.intervals[interval.IntervalID] = interval.IntervalName.Or("")
	}
	forms, err := listing.Collect(view.Forms(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	variables, err := listing.Collect(view.Variables(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	n.index = imednet.NewFormIndex(forms, variables)
	n.former, err = readFormerNames(ctx, view, studyKey)
	return n, err
}

// wanted reports whether a row is about the wanted site, subject and form, before its changes are looked for.
func (n *changeNames) wanted(ctx context.Context, row changingRow, filter ChangeFilter) (bool, error) {
	if filter.Site == "" && filter.SubjectKey == "" && filter.FormKey == "" {
		return true, nil
	}
	about, err := n.about(ctx, row)
	if about == nil || err != nil {
		return false, err
	}
	_, key := n.formOf(about)
	return n.finder.Selects(about, filter.Site, filter.SubjectKey) && (filter.FormKey == "" || filter.FormKey == key), nil
}

// about is the record that a row is or belongs to or, if there is none, one with the same subject, site and visit;
// nil for rows that are about none of them.
func (n *changeNames) about(ctx context.Context, row changingRow) (*imednet.Record, error) {
	record, err := n.record(ctx, row.record)
	if record != nil || err != nil {
		return record, err
	}
	return placeOf(row)
}

// formOf is the form of a record, nil if none is known, and its key.
func (n *changeNames) formOf(record *imednet.Record) (*imednet.IndexedForm, string) {
	if form, _ := n.index.OfRecord(record); form != nil {
		return form, form.Key()
	}
	return nil, record.FormKey.Or("")
}

// entry names a change.
func (n *changeNames) entry(ctx context.Context, c Change, row changingRow) (ChangeEntry, error) {
	e := ChangeEntry{Change: c, When: c.SeenAt}
	for i := range c.Revisions {
		r := &c.Revisions[i]
		e.Users, e.Reasons = withText(e.Users, r.User), withText(e.Reasons, r.ReasonForChange)
		e.When = r.DateCreated.Or(imednet.NewTime(c.SeenAt)).Time
	}
	about, err := n.about(ctx, row)
	if about == nil || err != nil {
		return e, err
	}
	e.Site, e.Visit, e.SubjectKey = n.finder.Site(about), n.intervals[about.IntervalID.Or(0)], n.finder.SubjectKey(about)
	e.form, e.FormKey = n.formOf(about)
	e.Label = n.former.label(e.form, c.Variable)
	return e, nil
}

// record is the newest known state of a record; nil for none.
func (n *changeNames) record(ctx context.Context, id int64) (*imednet.Record, error) {
	if r, known := n.records[id]; known || id == 0 {
		return r, nil
	}
	var newest *imednet.Record
	for v, err := range n.mirror.RecordHistory(ctx, n.study, id) {
		if err != nil {
			return nil, err
		}
		newest = &v.Record
	}
	if newest != nil {
		newest.Raw, newest.RecordData = nil, imednet.RecordData{}
	}
	n.records[id] = newest
	return newest, nil
}

// withText adds a text that is not in the list yet.
func withText(list []string, o imednet.Opt[string]) []string {
	if text := o.Or(""); text != "" && !slices.Contains(list, text) {
		return append(list, text)
	}
	return list
}
