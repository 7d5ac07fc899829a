package report

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// Report is a study at a glance, as of one moment. What is deleted is left out: subjects, visits and
// records by their own flags, and the visits of deleted subjects.
type Report struct {
	StudyKey string         `json:"studyKey"`
	Origin   imednet.Origin `json:"origin,omitzero"` // the state that was read
	AsOf     time.Time      `json:"asOf"`            // the moment to which ages are counted
	MadeAt   time.Time      `json:"madeAt"`
	Program  string         `json:"program"` // what made it

	ShowValues  bool `json:"showValues"`
	GroupSize   int  `json:"groupSize"`
	MaxRows     int  `json:"maxRows"`
	LateDays    int  `json:"lateDays"`
	OverdueDays int  `json:"overdueDays"`

	// Absent lists the resources that the source does not hold. What they would have shown is zero.
	Absent []imednet.Resource `json:"absent"`

	Records        int64 `json:"records"`
	DeletedRecords int64 `json:"deletedRecords"`
	// Contradictions counts the records that contradict the study's forms ([imednet.FormIndex]).
	Contradictions int64 `json:"contradictions"`

	Enrolment     Enrolment      `json:"enrolment"`
	Sites         []Site         `json:"sites"`         // by name
	Visits        VisitCounts    `json:"visits"`        // the sum of those of the sites
	Intervals     []Interval     `json:"intervals"`     // in the study's order
	Queries       QueryCounts    `json:"queries"`       // all
	QueryForms    []QueryGroup   `json:"queryForms"`    // by form key
	QueryVars     []QueryGroup   `json:"queryVars"`     // by form key and variable
	Entry         []FormEntry    `json:"entry"`         // in the order of the forms
	Missing       []FormMissing  `json:"missing"`       // in the order of the forms
	RequiredKnown bool           `json:"requiredKnown"` // Requirements were given
	AdverseEvents *AdverseEvents `json:"adverseEvents"` // nil if nothing says which form holds them
	Review        *Review        `json:"review"`        // nil if no review queue was given
	DesignChanges *DesignChanges `json:"designChanges"` // nil if none were given

	// Tables hold the rows behind the numbers.
	Tables []*Table `json:"tables"`
}

// String returns one line of counts, such as "120 subjects at 5 sites, 1042 visits, 26 open queries, 4800
// records".
func (r Report) String() string {
	return fmt.Sprintf("%d subjects at %d sites, %d visits, %d open queries, %d records", r.Enrolment.Subjects, r.sites(), r.Visits.Total(), r.Queries.Open, r.Records)
}

// sites is the number of sites that the study has.
func (r *Report) sites() int {
	n := 0
	for i := range r.Sites {
		if r.Sites[i].SiteID != 0 {
			n++
		}
	}
	return n
}

// LogValue returns what String returns.
func (r Report) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r Report) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// finish turns what was counted into a report.
func (x *run) finish() *Report {
	x.finishSites()
	x.finishSubjects()
	x.finishVisits()
	x.finishQueries()
	x.finishEntry()
	x.finishMissing()
	x.finishEvents()
	x.finishChanges()
	return x.report
}

// keep adds a table behind the numbers.
func (x *run) keep(t *Table) { x.report.Tables = append(x.report.Tables, t) }
