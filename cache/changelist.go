package cache

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
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
}

// ChangeFilter selects changes. Empty fields select all.
type ChangeFilter struct {
	// Since selects changes that were saved at this time or later ([ChangeEntry.When]).
	Since time.Time
	// Site is a site's name; SubjectKey, FormKey, Variable and User are as in the rows.
	Site, SubjectKey, FormKey, Variable, User string
}

// ChangeList yields the changes of a study with the names of site, subject, form, visit and variable,
// in the order of [CachedRecordsLoader.Changes]. Every name must be one that the study has; the
// command checks it.
//
// Values are subject data.
func (l *CachedRecordsLoader) ChangeList(ctx context.Context, studyKey string, filter ChangeFilter) iter.Seq2[ChangeEntry, error] {
	return func(yield func(ChangeEntry, error) bool) {
		names, err := l.changeNames(ctx, studyKey)
		if err != nil {
			yield(ChangeEntry{}, wrap("changes", studyKey, err))
			return
		}
		since, err := l.versionBefore(ctx, studyKey, filter.Since)
		if err != nil {
			yield(ChangeEntry{}, wrap("changes", studyKey, err))
			return
		}
		for c, err := range l.Changes(ctx, studyKey, since) {
			if err != nil {
				yield(ChangeEntry{}, err)
				return
			}
			e, err := names.entry(ctx, c)
			if err != nil {
				yield(ChangeEntry{}, wrap("changes", studyKey, err))
				return
			}
			if filter.selects(&e) && !yield(e, nil) {
				return
			}
		}
	}
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
	return !e.When.Before(f.Since) && is(f.Site, e.Site) && is(f.SubjectKey, e.SubjectKey) && is(f.FormKey, e.FormKey) && is(f.Variable, e.Variable) &&
		(f.User == "" || slices.Contains(e.Users, f.User))
}

// changeNames are the names in a study by id, and the records that changes were of.
type changeNames struct {
	mirror    *CachedRecordsLoader
	study     string
	sites     map[int64]string
	intervals map[int64]string
	index     *imednet.FormIndex
	records   map[int64]*imednet.Record
}

func (l *CachedRecordsLoader) changeNames(ctx context.Context, studyKey string) (*changeNames, error) {
	view := l.Client()
	n := &changeNames{mirror: l, study: studyKey, sites: map[int64]string{}, intervals: map[int64]string{}, records: map[int64]*imednet.Record{}}
	for site, err := range view.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		n.sites[site.SiteID] = site.SiteName.Or("")
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

func (n *changeNames) entry(ctx context.Context, c Change) (ChangeEntry, error) {
	e := ChangeEntry{Change: c, When: c.SeenAt}
	for i := range c.Revisions {
		r := &c.Revisions[i]
		e.Users, e.Reasons = withText(e.Users, r.User), withText(e.Reasons, r.ReasonForChange)
		e.When = r.DateCreated.Or(imednet.NewTime(c.SeenAt)).Time
	}
	record, err := n.record(ctx, c.RecordID)
	if record == nil || err != nil {
		return e, err
	}
	e.Site, e.Visit, e.SubjectKey = n.sites[record.SiteID.Or(0)], n.intervals[record.IntervalID.Or(0)], record.SubjectKey.Or("")
	form, _ := n.index.OfRecord(record)
	if form == nil {
		e.FormKey = record.FormKey.Or("")
		return e, nil
	}
	e.FormKey, e.Label = form.Key(), labelOf(form, c.Variable)
	return e, nil
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

// ValueHistory yields the life of one answer of one subject's records of a form, which filter must
// name: the value with which each record was first seen, and every change since. Its entries are those
// of [CachedRecordsLoader.ChangeList] about the variable or the whole record. A record that is first
// seen has the value in New.
func (l *CachedRecordsLoader) ValueHistory(ctx context.Context, studyKey string, filter ChangeFilter) iter.Seq2[ChangeEntry, error] {
	variable := filter.Variable
	filter.Variable = ""
	return func(yield func(ChangeEntry, error) bool) {
		if filter.SubjectKey == "" || filter.FormKey == "" || variable == "" {
			yield(ChangeEntry{}, wrap("changes", studyKey, argument.Invalid("cache.CachedRecordsLoader.ValueHistory", "filter", "names no subject, form or variable")))
			return
		}
		names, err := l.changeNames(ctx, studyKey)
		if err != nil {
			yield(ChangeEntry{}, wrap("changes", studyKey, err))
			return
		}
		form, _ := names.index.Of(0, filter.FormKey)
		for e, err := range l.ChangeList(ctx, studyKey, filter) {
			switch {
			case err != nil:
				yield(e, err)
				return
			case e.Member != "" || e.Variable != "" && e.Variable != variable || e.Resource != imednet.Records:
				continue
			case e.Kind == ChangeAdded:
				e.Variable, e.Label = variable, labelOf(form, variable)
				if e.New, err = l.firstValue(ctx, studyKey, e.Change, variable); err != nil {
					yield(ChangeEntry{}, err)
					return
				}
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// firstValue is the answer with which a record was first seen.
func (l *CachedRecordsLoader) firstValue(ctx context.Context, studyKey string, added Change, variable string) (imednet.Value, error) {
	for v, err := range l.RecordHistory(ctx, studyKey, added.RecordID) {
		if err != nil {
			return imednet.Value{}, err
		}
		if v.Version == added.Version {
			value, _ := v.Record.RecordData.Lookup(variable)
			return value, nil
		}
	}
	return imednet.Value{}, nil
}
