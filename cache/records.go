package cache

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// Records yields the records that the server lists, in ascending order of id, with soft-deleted
// records included and marked, as of the moment when the iteration began. These are the same rows
// as those of the client's Records, read only from the file. See [imednet.RecordSource] for the
// supported conditions.
//
// Errors, in an *[imednet.Error]: [ErrNotSynced] until a sync of the study is complete,
// [imednet.ErrUnsupportedFilter], *[imednet.ValidationError] and [ErrPurged].
func (l *CachedRecordsLoader) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return l.listing(ctx, studyKey, opts, false, 0)
}

// RecordsBySubject yields the records of [CachedRecordsLoader.Records] subject by subject, in
// ascending order of subjectId (records without a subject first) and then of id.
func (l *CachedRecordsLoader) RecordsBySubject(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return l.listing(ctx, studyKey, opts, true, 0)
}

func (l *CachedRecordsLoader) listing(ctx context.Context, studyKey string, opts imednet.ListOptions, bySubject bool, at imednet.MirrorVersion) iter.Seq2[imednet.Record, error] {
	sel, err := selectionOf(opts)
	if err != nil {
		return func(yield func(imednet.Record, error) bool) { yield(imednet.Record{}, wrap("read", studyKey, err)) }
	}
	sel.bySubject, sel.at = bySubject, at
	return l.records(ctx, studyKey, sel)
}

// filterColumns are the attributes that the mirror can select by, and their columns.
var filterColumns = map[string]string{
	"recordId": "record_id", "formId": "form_id", "formKey": "form_key", "siteId": "site_id", "intervalId": "interval_id",
	"visitId": "visit_id", "subjectId": "subject_id", "subjectKey": "subject_key", "dateModified": "modified",
}

// selectionOf checks the options and narrows the rows down by SQL as far as that is certain. What
// it lets through is matched again by the filter itself, the one definition of what matches.
func selectionOf(opts imednet.ListOptions) (selection, error) {
	sel := selection{states: listedStates, filter: opts.Filter}
	if err := opts.Validate(imednet.Records); err != nil {
		return sel, err
	}
	if !opts.RecordDataFilter.IsZero() {
		return sel, fmt.Errorf("%w: the mirror does not filter by recordData", imednet.ErrUnsupportedFilter)
	}
	var terms []string
	for _, c := range opts.Filter.Conditions() {
		column, known := filterColumns[c.Attribute]
		if !known {
			return sel, fmt.Errorf("%w: the mirror does not filter by %s", imednet.ErrUnsupportedFilter, c.Attribute)
		}
		value, comparable := columnValue(column, c.Value)
		switch {
		case comparable && c.Operator == imednet.NotEqual:
			terms = append(terms, "(§."+column+" <> ? OR §."+column+" IS NULL)")
		case comparable:
			terms = append(terms, "§."+column+" "+sqlOperator(c.Operator)+" ?")
		case opts.Filter.IsOr():
			return sel, nil // one of several that cannot be judged here: any row may match
		default:
			continue
		}
		sel.args = append(sel.args, value)
		sel.oneSubject = sel.oneSubject || column == "subject_id" && c.Operator == imednet.Equal && !opts.Filter.IsOr()
	}
	if len(terms) > 0 {
		connector := " AND "
		if opts.Filter.IsOr() {
			connector = " OR "
		}
		sel.where = "(" + strings.Join(terms, connector) + ")"
	}
	return sel, nil
}

// sqlOperator is an operator of filters in SQL.
func sqlOperator(o imednet.Operator) string {
	if o == imednet.Equal {
		return "="
	}
	return string(o)
}

// columnValue returns a condition's value as the column holds it, and whether SQL compares the
// two as the filter does.
func columnValue(column string, v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, (column == "form_key" || column == "subject_key") && utf8.ValidString(v)
	case int:
		return int64(v), strings.HasSuffix(column, "_id")
	case int64:
		return v, strings.HasSuffix(column, "_id")
	case time.Time:
		return v.Truncate(time.Second).UnixMicro(), column == "modified"
	case imednet.Time:
		return v.Truncate(time.Second).UnixMicro(), column == "modified"
	case imednet.Date:
		return v.Time().UnixMicro(), column == "modified"
	}
	return nil, false
}
