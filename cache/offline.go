package cache

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// Sites yields the study's sites from the file, as of the last sync of its resources. Filters are
// applied locally, and the only order is ascending by id. The error is [ErrNotSynced] before the
// first such sync.
func (l *CachedRecordsLoader) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return rowsOf(ctx, l, studyKey, imednet.Sites, 0, opts, imednet.Decode[imednet.Site])
}

// Forms yields the study's forms from the file. See [CachedRecordsLoader.Sites].
func (l *CachedRecordsLoader) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return rowsOf(ctx, l, studyKey, imednet.Forms, 0, opts, imednet.Decode[imednet.Form])
}

// Intervals yields the study's intervals from the file. See [CachedRecordsLoader.Sites].
func (l *CachedRecordsLoader) Intervals(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return rowsOf(ctx, l, studyKey, imednet.Intervals, 0, opts, imednet.Decode[imednet.Interval])
}

// Variables yields the study's variables from the file. See [CachedRecordsLoader.Sites].
func (l *CachedRecordsLoader) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return rowsOf(ctx, l, studyKey, imednet.Variables, 0, opts, imednet.Decode[imednet.Variable])
}

// Subjects yields the study's subjects from the file. See [CachedRecordsLoader.Sites].
func (l *CachedRecordsLoader) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return rowsOf(ctx, l, studyKey, imednet.Subjects, 0, opts, imednet.Decode[imednet.Subject])
}

// Visits yields the study's visits from the file. See [CachedRecordsLoader.Sites].
func (l *CachedRecordsLoader) Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return rowsOf(ctx, l, studyKey, imednet.Visits, 0, opts, imednet.Decode[imednet.Visit])
}
