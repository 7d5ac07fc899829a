package report

import (
	"cmp"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/crowd"
)

// Defaults of [Options].
const (
	DefaultGroupSize   = crowd.DefaultSize
	DefaultMaxRows     = 5000
	DefaultLateDays    = 7
	DefaultOverdueDays = 30
)

// Options configures [StudyReport.Build]. The zero value reports counts only.
type Options struct {
	// ShowValues adds subject keys, dates, query texts and answers to the rows, and shows every
	// median. These are subject data. Answers to blinded variables are never listed.
	ShowValues bool
	// GroupSize is the number of subjects that must lie on either side of a median or percentile for
	// it to be shown without ShowValues; 0 means [DefaultGroupSize]. Counts are always shown.
	GroupSize int
	// MaxRows is the number of rows kept behind the numbers, per table; 0 means [DefaultMaxRows]. What
	// needs attention most is kept, and the rest is counted in [Table.NotListed].
	MaxRows int
	// LateDays is the number of days after the visit from which on a form is late: it is if it was
	// entered on a later day than that; 0 means [DefaultLateDays].
	LateDays int
	// OverdueDays is the age in days from which on an open query is overdue; 0 means
	// [DefaultOverdueDays].
	OverdueDays int
	// AdverseEvents names the forms that hold adverse events. Without any, the report says that it
	// does not know them.
	AdverseEvents []AdverseEventForm
	// Requirements, if set, says which questions must be answered. Without it the report counts
	// blank answers to all questions.
	Requirements Requirements
	// Review, if set, lists the items of a review queue.
	Review iter.Seq2[ReviewItem, error]
	// DesignChanges, if set, lists what changed in the study's design.
	DesignChanges iter.Seq2[DesignChange, error]
	// Absent, if set, reports whether an error means that the source does not hold a resource, such as
	// cache.ErrNotSynced of the mirror. A report without visits, queries or intervals then says so
	// instead of failing.
	Absent func(error) bool
}

// Requirements says which questions must be answered, as a data dictionary does: [imednet.Unknown] for
// one that it does not tell about.
type Requirements interface {
	Required(formKey, variable string) imednet.YesNo
}

func (o Options) checked() (Options, error) {
	var problems []imednet.Problem
	for _, size := range []struct {
		name  string
		value int
	}{{"GroupSize", o.GroupSize}, {"MaxRows", o.MaxRows}, {"LateDays", o.LateDays}, {"OverdueDays", o.OverdueDays}} {
		if size.value < 0 {
			problems = append(problems, imednet.Problem{Path: size.name, Message: fmt.Sprintf("%d is negative", size.value)})
		}
	}
	if len(problems) > 0 {
		return o, &imednet.ValidationError{What: "report options", Problems: problems}
	}
	o.GroupSize = cmp.Or(o.GroupSize, DefaultGroupSize)
	o.MaxRows = cmp.Or(o.MaxRows, DefaultMaxRows)
	o.LateDays = cmp.Or(o.LateDays, DefaultLateDays)
	o.OverdueDays = cmp.Or(o.OverdueDays, DefaultOverdueDays)
	if o.Absent == nil {
		o.Absent = func(error) bool { return false }
	}
	return o, nil
}
