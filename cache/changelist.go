package cache

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
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
	// What the record belongs to by its newest state; empty for changes of other rows.
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
	// variable of the form, and selects every key of recordData that belongs to it.
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
	for c, err := range l.Changes(ctx, names.study, since) {
		if err != nil {
			return err
		}
		e, ofWhom, err := names.entry(ctx, c, filter)
		if err != nil {
			return err
		}
		if ofWhom && filter.selects(&e) && !yield(e) {
			return nil
		}
	}
	return nil
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
	err = l.db.Reader().QueryRowContext(ctx, `SELECT max(version) FROM imednet_version WHERE study = ? AND seen_at < ?`, st.id, at.UnixMicro()).Scan(&version)
	return imednet.MirrorVersion(version.Int64), err
}

func (f ChangeFilter) selects(e *ChangeEntry) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return !e.When.Before(f.Since) && is(f.FormKey, e.FormKey) &&
		(f.Variable == "" || e.Variable != "" && belongs(e.form, e.Variable, f.Variable)) &&
		(f.User == "" || slices.Contains(e.Users, f.User))
}

// changeNames are the names in a study, and the records that changes were of.
type changeNames struct {
	mirror    *CachedRecordsLoader
	study     string
	finder    *whose.Finder
	intervals map[int64]string
	index     *imednet.FormIndex
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
	n.index = imednet.NewFormIndex(forms, variables)
	return n, err
}

// entry names a change, and reports whether it is of the wanted site and subject.
func (n *changeNames) entry(ctx context.Context, c Change, filter ChangeFilter) (ChangeEntry, bool, error) {
	e := ChangeEntry{Change: c, When: c.SeenAt}
	for i := range c.Revisions {
		r := &c.Revisions[i]
		e.Users, e.Reasons = withText(e.Users, r.User), withText(e.Reasons, r.ReasonForChange)
		e.When = r.DateCreated.Or(imednet.NewTime(c.SeenAt)).Time
	}
	record, err := n.record(ctx, c.RecordID)
	if record == nil || err != nil {
		return e, filter.Site == "" && filter.SubjectKey == "", err
	}
	e.Site, e.Visit, e.SubjectKey = n.finder.Site(record), n.intervals[record.IntervalID.Or(0)], n.finder.SubjectKey(record)
	e.FormKey = record.FormKey.Or("")
	if form, _ := n.index.OfRecord(record); form != nil {
		e.form, e.FormKey, e.Label = form, form.Key(), labelOf(form, c.Variable)
	}
	return e, n.finder.Selects(record, filter.Site, filter.SubjectKey), nil
}

func labelOf(form *imednet.IndexedForm, variable string) string {
	if form == nil {
		return ""
	}
	v, n := form.Variable(variable)
	if n != 1 {
		return ""
	}
	return v.Label.Or("")
}

// belongs reports whether a key of recordData can be an answer to a variable: it is its name, ignoring
// case, and not that of another variable of the form.
func belongs(form *imednet.IndexedForm, key, variable string) bool {
	if form != nil {
		if v, n := form.Variable(key); n == 1 {
			return v.VariableName.Or("") == variable
		}
	}
	return answers.Same(key, variable)
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
