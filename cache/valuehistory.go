package cache

import (
	"bytes"
	"context"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// ValueHistory yields the life of one answer of one subject's records of a form, which filter must
// name: the value with which each record was first seen, in New, and every change since. Its entries
// are those of [CachedRecordsLoader.ChangeList] about the variable or the whole record, with the
// answer as [imednet.IndexedForm.Answer] finds it before and after: a key that was only spelled
// differently, or that an exact spelling overrides, is no change. Where a record gives several
// spellings of which none is exact there is no such answer, and the entries are those of the keys as
// spelled. A variable that was renamed has the answers under its former names as well, where a record has
// none under the name of now.
func (l *CachedRecordsLoader) ValueHistory(ctx context.Context, studyKey string, filter ChangeFilter) iter.Seq2[ChangeEntry, error] {
	return func(yield func(ChangeEntry, error) bool) {
		if err := l.eachValue(ctx, studyKey, filter, func(e ChangeEntry) bool { return yield(e, nil) }); err != nil {
			yield(ChangeEntry{}, wrap("changes", studyKey, err))
		}
	}
}

func (l *CachedRecordsLoader) eachValue(ctx context.Context, studyKey string, filter ChangeFilter, yield func(ChangeEntry) bool) error {
	if filter.SubjectKey == "" || filter.FormKey == "" || filter.Variable == "" {
		return argument.Invalid("cache.CachedRecordsLoader.ValueHistory", "filter", "names no subject, form or variable")
	}
	names, err := l.changeNames(ctx, studyKey)
	if err != nil {
		return err
	}
	life := lifeOfValue{mirror: l, study: studyKey, variable: filter.Variable, former: names.former}
	filter.Variable = ""
	var failed error
	err = l.eachEntry(ctx, names, filter, func(e ChangeEntry) bool {
		if e.Resource != imednet.Records || e.Member != "" || e.Variable != "" && !names.former.belongs(e.form, e.Variable, life.variable) {
			return true
		}
		var entries []ChangeEntry
		if entries, failed = life.entries(ctx, e); failed != nil {
			return false
		}
		for _, e := range entries {
			if !yield(e) {
				return false
			}
		}
		return true
	})
	if failed != nil {
		return failed
	}
	return err
}

// lifeOfValue follows the answers to one variable.
type lifeOfValue struct {
	mirror          *CachedRecordsLoader
	study, variable string
	former          formerNames
	shown           stateAt // whose change was told as a whole
}

type stateAt struct {
	record  int64
	version imednet.MirrorVersion
}

// entries are what the change of a record, or of one key, did to the answer. The keys of one state come
// one after another, and the first of them tells of all.
func (f *lifeOfValue) entries(ctx context.Context, e ChangeEntry) ([]ChangeEntry, error) {
	at := stateAt{e.RecordID, e.Version}
	if e.Kind == ChangeGone || at == f.shown {
		if e.Variable != "" {
			return nil, nil
		}
		return []ChangeEntry{e}, nil
	}
	before, after, err := f.states(ctx, at)
	if err != nil {
		return nil, err
	}
	variable := f.variable
	if v := f.former.variable(e.form, variable); v != nil {
		variable = v.VariableName.Or("")
	}
	old, spelledBefore := f.former.answer(e.form, before, variable)
	now, spelled := f.former.answer(e.form, after, variable)
	switch {
	case spelled > 1 && e.Kind == ChangeAdded:
		return f.spellings(e, after), nil
	case spelled > 1 || spelledBefore > 1 && e.Kind != ChangeAdded:
		return []ChangeEntry{e}, nil
	}
	f.shown = at
	if e.Kind == ChangeAdded {
		old = imednet.Value{}
	} else if bytes.Equal(old.Raw(), now.Raw()) {
		return nil, nil
	}
	e.Variable, e.Label, e.Old, e.New = variable, f.former.label(e.form, variable), old, now
	return []ChangeEntry{e}, nil
}

// spellings has an entry for each key of a new record that belongs to the variable.
func (f *lifeOfValue) spellings(added ChangeEntry, data imednet.RecordData) (entries []ChangeEntry) {
	for key, v := range data.All() {
		if f.former.belongs(added.form, key, f.variable) {
			e := added
			e.Variable, e.Label, e.New = key, f.former.label(added.form, key), v
			entries = append(entries, e)
		}
	}
	return entries
}

// states are the answers of a record in a state, and in the one before it.
func (f *lifeOfValue) states(ctx context.Context, at stateAt) (before, after imednet.RecordData, err error) {
	for v, err := range f.mirror.RecordHistory(ctx, f.study, at.record) {
		if err != nil {
			return before, after, err
		}
		if v.Version >= at.version {
			return before, v.Record.RecordData, nil
		}
		before = v.Record.RecordData
	}
	return before, after, nil
}
