package submissions

import (
	"context"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// intervals are the intervals of a study, as records can name them.
type intervals struct {
	names []string
	ids   []int64
}

// intervalsOf returns the intervals of a study if the source can list them and a record names one, and
// otherwise nil. They are listed once more for an interval that is not in the cache.
func (c *SchemaCache) intervalsOf(ctx context.Context, studyKey string, items []imednet.Submission) (*intervals, error) {
	reader, ok := c.src.(imednet.IntervalReader)
	if !ok || !slices.ContainsFunc(items, func(s imednet.Submission) bool { return s.IntervalName != "" || s.IntervalID != 0 }) {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.intervals[studyKey]; known != nil && len(known.problems(items)) == 0 {
		return known, nil
	}
	listed := &intervals{}
	for row, err := range reader.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "list the intervals", StudyKey: studyKey, Err: err}
		}
		listed.names = append(listed.names, row.IntervalName.Or(""))
		listed.ids = append(listed.ids, row.IntervalID)
	}
	c.intervals[studyKey] = listed
	return listed, nil
}

// problems finds the records that name an interval which the study does not have. A blank name is a problem of
// its own.
func (l *intervals) problems(items []imednet.Submission) []RecordProblem {
	if l == nil {
		return nil
	}
	var problems []RecordProblem
	for i := range items {
		item := &items[i]
		p := RecordProblem{Index: i, Line: item.Line}
		if name := item.IntervalName; !imednet.IsBlank(name) && !slices.Contains(l.names, name) {
			p.Place, p.Reason, p.Unknown = "intervalName", "interval not found"+shown.DidYouMean(name, l.names), name
			problems = append(problems, p)
		}
		if id := item.IntervalID; id > 0 && !slices.Contains(l.ids, id) {
			p.Place, p.Reason, p.Unknown = "intervalId", "interval id not found", strconv.FormatInt(id, 10)
			problems = append(problems, p)
		}
	}
	return problems
}
