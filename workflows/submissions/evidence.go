package submissions

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// revision is one saved change of a record.
type revision struct {
	id    int64
	at    time.Time
	first bool // of its record
}

// candidate is a record that was changed since the POSTs in question.
type candidate struct {
	record    imednet.Record
	form      *imednet.IndexedForm
	answers   *answers.Index
	buckets   []string
	revisions []revision // in ascending id
	claimed   map[string]bool
	used      bool // by an item of this reading; of a record that somebody created
}

// evidence is what a study shows of a time.
type evidence struct {
	schema    *StudySchema
	places    places
	records   []*candidate
	bySubject map[string][]*candidate
	halves    []*candidate // of which only the record is listed, or only revisions
}

// errCannotReadBack means that the client lacks an ability.
var errCannotReadBack = errors.New("the client cannot list records, their revisions, or the sites and intervals that they name, so nothing can be read back")

// earliest is when the first effect of the items' POSTs can be dated. The first look at what a job has
// done does not allow for clocks that differ: where it finds nothing, another one follows.
func earliest(items []open) (at time.Time) {
	for i := range items {
		from := items[i].item.from()
		if items[i].ended && !items[i].again && !items[i].gone() && items[i].item.ServerTime {
			from = items[i].item.began()
		}
		if at.IsZero() || from.Before(at) {
			at = from
		}
	}
	return at
}

// revisions lists what was saved since the first POST of the items, by record.
func (s *settler) revisions(ctx context.Context, items []open) (map[int64]*candidate, error) {
	reader, ok := s.u.client.(imednet.RevisionReader)
	if !ok {
		return nil, errCannotReadBack
	}
	out := map[int64]*candidate{}
	for r, err := range reader.RecordRevisions(ctx, s.study, imednet.ListOptions{Filter: since("dateCreated", earliest(items))}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read revisions back", StudyKey: s.study, Err: err}
		}
		id := r.RecordID.Or(0)
		if out[id] == nil {
			out[id] = &candidate{record: recordOf(&r)}
		}
		out[id].revisions = append(out[id].revisions, revision{r.RecordRevisionID, r.DateCreated.Or(imednet.Time{}).Time, r.RecordRevision.Or(0) <= 1 && r.DataRevision.Or(0) <= 1})
	}
	return out, nil
}

// recordOf is what a revision says of its record.
func recordOf(r *imednet.RecordRevision) imednet.Record {
	return imednet.Record{
		RecordID: r.RecordID.Or(0), RecordOID: r.RecordOID, DateCreated: r.DateCreated, FormKey: r.FormKey, SiteID: r.SiteID, IntervalID: r.IntervalID,
		SubjectID: r.SubjectID, SubjectKey: r.SubjectKey, SubjectOID: r.SubjectOID,
	}
}

// ownRevisions are those that the item's POST can have caused.
func ownRevisions(revisions []revision, item *Item) []revision {
	from := item.from()
	return slices.DeleteFunc(slices.Clone(revisions), func(r revision) bool { return r.id <= item.AfterRevision || r.at.Before(from) })
}

// startedAfter reports whether the item's POST seems to have begun after a moment of the server.
func (i *Item) startedAfter(at imednet.Time) bool {
	return i.ServerTime && !at.IsZero() && at.Before(i.began())
}

// noTime is a moment that the server did not tell.
var noTime imednet.Time

// began is when the item's POST began, to the server's second.
func (i *Item) began() time.Time { return i.SentAt.Truncate(time.Second) }

// from is the earliest moment, to the server's second, to which an effect of the item's POST can be dated.
func (i *Item) from() time.Time { return i.SentAt.Add(-clockMargin).Truncate(time.Second) }

// gather reads what can be evidence of items.
func (s *settler) gather(ctx context.Context, items []open) (*evidence, error) {
	source, ok := s.u.client.(imednet.RecordSource)
	if !ok {
		return nil, errCannotReadBack
	}
	revisions, err := s.revisions(ctx, items)
	if err != nil {
		return nil, err
	}
	schema, err := s.u.schemas.Study(ctx, s.study)
	if err != nil {
		return nil, err
	}
	e := &evidence{schema: schema, bySubject: map[string][]*candidate{}}
	for rec, err := range source.Records(ctx, s.study, imednet.ListOptions{Filter: since("dateModified", earliest(items))}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read records back", StudyKey: s.study, Err: err}
		}
		if own := revisions[rec.RecordID]; own != nil {
			e.add(rec, own.revisions)
			delete(revisions, rec.RecordID)
			continue
		}
		e.halves = append(e.halves, e.candidate(rec, nil))
	}
	for _, id := range slices.Sorted(maps.Keys(revisions)) {
		e.halves = append(e.halves, e.candidate(revisions[id].record, revisions[id].revisions))
	}
	if e.places, err = s.placesOf(ctx, items); err != nil {
		return nil, err
	}
	return e, s.markClaimed(ctx, e, items)
}

func (e *evidence) candidate(rec imednet.Record, revisions []revision) *candidate {
	index, _ := answers.NewIndex(rec.RecordData.Raw())
	form, _ := e.schema.index.OfRecord(&rec)
	if index != nil && form != nil {
		index.Declared = answers.Declare(form.VariableNames())
	}
	return &candidate{record: rec, form: form, answers: index, buckets: recordBuckets(&rec), revisions: revisions, claimed: map[string]bool{}}
}

func (e *evidence) add(rec imednet.Record, revisions []revision) {
	c := e.candidate(rec, revisions)
	e.records = append(e.records, c)
	for _, key := range c.buckets {
		e.bySubject[key] = append(e.bySubject[key], c)
	}
}

// markClaimed notes which records and revisions other items have.
func (s *settler) markClaimed(ctx context.Context, e *evidence, items []open) error {
	names := e.naming()
	var claims []string
	owner := map[string]*candidate{}
	ask := func(c *candidate, claim string) {
		claims = append(claims, claim)
		owner[claim] = c
	}
	for _, c := range slices.Concat(e.records, e.halves) {
		ask(c, recordClaim(c.record.RecordID))
	}
	for i := range items {
		if item := &items[i].item; !item.creates() {
			contents := names.hashesOf(item)
			for _, c := range e.of(item) {
				for _, r := range c.revisions {
					for _, content := range contents {
						ask(c, revisionClaim(c.record.RecordID, r.id, content))
					}
				}
			}
		}
	}
	have, err := s.journal.Claims(ctx, s.study, claims)
	for claim := range have {
		owner[claim].claimed[claim] = true
	}
	return err
}

// places are the ids that sites and intervals have by name; several can share one.
type places struct{ sites, intervals map[string][]int64 }

// placesOf reads the sites and intervals of a study if an item names any, once for all batches of a
// submission.
func (s *settler) placesOf(ctx context.Context, items []open) (places, error) {
	p := s.places
	for i := range items {
		asked, err := decodeItems([]Item{items[i].item})
		if err != nil {
			return p, err
		}
		if asked[0].SiteName != "" && p.sites == nil {
			if p.sites, err = s.readSites(ctx); err != nil {
				return p, err
			}
		}
		if asked[0].IntervalName != "" && p.intervals == nil {
			if p.intervals, err = s.readIntervals(ctx); err != nil {
				return p, err
			}
		}
		s.places = p
	}
	return p, nil
}

func (s *settler) readSites(ctx context.Context) (map[string][]int64, error) {
	reader, ok := s.u.client.(imednet.SiteReader)
	if !ok {
		return nil, errCannotReadBack
	}
	out := map[string][]int64{}
	for site, err := range reader.Sites(ctx, s.study, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read sites back", StudyKey: s.study, Err: err}
		}
		name := answers.TrimSpace(site.SiteName.Or(""))
		out[name] = append(out[name], site.SiteID)
	}
	return out, nil
}

func (s *settler) readIntervals(ctx context.Context) (map[string][]int64, error) {
	reader, ok := s.u.client.(imednet.IntervalReader)
	if !ok {
		return nil, errCannotReadBack
	}
	out := map[string][]int64{}
	for interval, err := range reader.Intervals(ctx, s.study, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read intervals back", StudyKey: s.study, Err: err}
		}
		name := answers.TrimSpace(interval.IntervalName.Or(""))
		out[name] = append(out[name], interval.IntervalID)
	}
	return out, nil
}
