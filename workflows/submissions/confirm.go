package submissions

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// Confirmation says which records of a submission stand on the server with the values that were
// sent.
type Confirmation struct {
	// RecordIDs holds, for each record of the submission in order, the id of the record on the
	// server that has its form, its subject and all of its values, or 0. No id is given twice.
	RecordIDs []int64
	// Missing are the places in the submission of those that were not found.
	Missing []int
}

// Complete reports whether every record was found.
func (c Confirmation) Complete() bool { return len(c.Missing) == 0 }

// Confirm reads records back: those that were changed since a moment, by the server's clock, and
// compares them with what was submitted. It needs a client that is an imednet.RecordSource. Text
// and booleans are compared as text, numbers by value, and null matches any missing answer. Records
// tell the ids of their site and interval, so where those were named the client must also list
// sites and intervals, as every imednet.Client does.
func (u *RecordUpdate) Confirm(ctx context.Context, studyKey string, records []imednet.Submission, since time.Time) (Confirmation, error) {
	source, ok := u.client.(imednet.RecordSource)
	if !ok {
		return Confirmation{}, &imednet.Error{Package: "submissions", Op: "confirm records", StudyKey: studyKey, Err: errors.New("the client cannot list records")}
	}
	named, err := u.namedPlaces(ctx, studyKey, records)
	if err != nil {
		return Confirmation{}, &imednet.Error{Package: "submissions", Op: "confirm records", StudyKey: studyKey, Err: err}
	}
	c := Confirmation{RecordIDs: make([]int64, len(records))}
	// The condition may be refused or too broad by a second; the rows are checked below.
	filter := imednet.Where("dateModified", imednet.GreaterOrEqual, since)
	for rec, err := range source.Records(ctx, studyKey, imednet.ListOptions{Filter: filter}) {
		if err != nil {
			return Confirmation{}, &imednet.Error{Package: "submissions", Op: "confirm records", StudyKey: studyKey, Err: err}
		}
		if rec.IsDeleted() || rec.DateModified.Or(imednet.Time{}).Before(since.Truncate(time.Second)) {
			continue
		}
		c.assign(records, &rec, since, named)
	}
	for i, id := range c.RecordIDs {
		if id == 0 {
			c.Missing = append(c.Missing, i)
		}
	}
	return c, nil
}

// assign gives a record to the first submitted one that it matches and that has none yet.
func (c *Confirmation) assign(records []imednet.Submission, rec *imednet.Record, since time.Time, named places) {
	for i := range records {
		if c.RecordIDs[i] == 0 && named.match(&records[i], rec) && stands(&records[i], rec, since) {
			c.RecordIDs[i] = rec.RecordID
			return
		}
	}
}

// places are the ids that sites and intervals have by name; several can share one.
type places struct{ sites, intervals map[string][]int64 }

// placeReader is what tells the ids of named sites and intervals.
type placeReader interface {
	imednet.SiteReader
	imednet.IntervalReader
}

// namedPlaces reads the sites and intervals of a study if a submission names any.
func (u *RecordUpdate) namedPlaces(ctx context.Context, studyKey string, records []imednet.Submission) (places, error) {
	p := places{map[string][]int64{}, map[string][]int64{}}
	if !slices.ContainsFunc(records, func(s imednet.Submission) bool { return s.SiteName != "" || s.IntervalName != "" }) {
		return p, nil
	}
	reader, ok := u.client.(placeReader)
	if !ok {
		return p, errors.New("the client cannot list the sites and intervals that the records name")
	}
	for site, err := range reader.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return p, err
		}
		name := site.SiteName.Or("")
		p.sites[name] = append(p.sites[name], site.SiteID)
	}
	for interval, err := range reader.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return p, err
		}
		name := interval.IntervalName.Or("")
		p.intervals[name] = append(p.intervals[name], interval.IntervalID)
	}
	return p, nil
}

// match reports whether a record stands at the site and interval that a submission names.
func (p places) match(s *imednet.Submission, rec *imednet.Record) bool {
	at := func(name string, ids map[string][]int64, id imednet.Opt[int64]) bool {
		name = strings.TrimSpace(name)
		return name == "" || slices.Contains(ids[name], id.Or(0))
	}
	return at(s.SiteName, p.sites, rec.SiteID) && at(s.IntervalName, p.intervals, rec.IntervalID)
}

// stands reports whether a record is what a submission asked for.
func stands(s *imednet.Submission, rec *imednet.Record, since time.Time) bool {
	same := sameKey(s.FormKey, rec.FormKey) && sameID(s.FormID, rec.FormID) &&
		sameKey(s.SubjectKey, rec.SubjectKey) && sameID(s.SubjectID, rec.SubjectID) && sameKey(s.SubjectOID, rec.SubjectOID) &&
		sameID(s.SiteID, rec.SiteID) && sameID(s.IntervalID, rec.IntervalID) &&
		sameKey(s.RecordOID, rec.RecordOID) && (s.RecordID == 0 || s.RecordID == rec.RecordID)
	if !same || createsRecord(s) && rec.DateCreated.Or(imednet.Time{}).Before(since.Truncate(time.Second)) {
		return false
	}
	for name, value := range s.Data {
		if !standsValue(value, rec.RecordData, name) {
			return false
		}
	}
	return true
}

// createsRecord reports whether the submission always makes a new record.
func createsRecord(s *imednet.Submission) bool {
	interval := s.IntervalName != "" || s.IntervalID != 0
	record := s.RecordID != 0 || s.RecordOID != ""
	return !interval && !record
}

func sameKey(want string, got imednet.Opt[string]) bool { return want == "" || want == got.Or("") }

func sameID(want int64, got imednet.Opt[int64]) bool { return want == 0 || want == got.Or(0) }

// standsValue compares one submitted value with the answer on the server.
func standsValue(value any, data imednet.RecordData, name string) bool {
	answer, n := data.Lookup(name)
	if n > 1 {
		return false
	}
	if value == nil {
		return answer.Missing()
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return false
	}
	want := imednet.NewValue(raw)
	return want.Text() == answer.Text() || equalDecimals(want.Text(), answer.Text())
}

func equalDecimals(a, b string) bool {
	const longest = 64 // no exponent of an honest number makes a larger one than this can write
	if len(a) > longest || len(b) > longest {
		return false
	}
	x, okX := new(big.Float).SetPrec(300).SetString(a)
	y, okY := new(big.Float).SetPrec(300).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}
