package submissions

import (
	"context"
	"errors"
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
}

// errCannotReadBack means that the client lacks an ability.
var errCannotReadBack = errors.New("the client cannot list records, their revisions, or the sites and intervals that they name, so nothing can be read back")

// earliest returns the lower bounds of all POSTs of the items.
func earliest(items []open) (at time.Time, serverTime bool) {
	serverTime = true
	for i := range items {
		if at.IsZero() || items[i].item.SentAt.Before(at) {
			at = items[i].item.SentAt
		}
		serverTime = serverTime && items[i].item.ServerTime
	}
	return at, serverTime
}

// revisions lists what was saved since the first POST of the items, by record.
func (s *settler) revisions(ctx context.Context, items []open) (map[int64][]revision, error) {
	reader, ok := s.u.client.(imednet.RevisionReader)
	if !ok {
		return nil, errCannotReadBack
	}
	at, serverTime := earliest(items)
	out := map[int64][]revision{}
	for r, err := range reader.RecordRevisions(ctx, s.study, imednet.ListOptions{Filter: since("dateCreated", at, serverTime)}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read revisions back", StudyKey: s.study, Err: err}
		}
		id := r.RecordID.Or(0)
		out[id] = append(out[id], revision{r.RecordRevisionID, r.DateCreated.Or(imednet.Time{}).Time, r.RecordRevision.Or(0) <= 1 && r.DataRevision.Or(0) <= 1})
	}
	return out, nil
}

// ownRevisions are those that the item's POST can have caused.
func ownRevisions(revisions []revision, item *Item) []revision {
	from := item.from()
	return slices.DeleteFunc(slices.Clone(revisions), func(r revision) bool { return r.id <= item.AfterRevision || r.at.Before(from) })
}

// startedAfter reports whether the item's POST certainly began after a moment of the server.
func (i *Item) startedAfter(at imednet.Time) bool {
	return i.ServerTime && !at.IsZero() && at.Before(i.from())
}

// noTime is a moment that the server did not tell.
var noTime imednet.Time

// from is the earliest moment, to the server's second, at which the item's POST can have had effects.
func (i *Item) from() time.Time {
	if i.ServerTime {
		return i.SentAt.Truncate(time.Second)
	}
	return i.SentAt.Add(-clockMargin).Truncate(time.Second)
}

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
	at, serverTime := earliest(items)
	for rec, err := range source.Records(ctx, s.study, imednet.ListOptions{Filter: since("dateModified", at, serverTime)}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read records back", StudyKey: s.study, Err: err}
		}
		if own := revisions[rec.RecordID]; len(own) > 0 {
			e.add(rec, own)
		}
	}
	if e.places, err = s.placesOf(ctx, items); err != nil {
		return nil, err
	}
	return e, s.markClaimed(ctx, e, items)
}

func (e *evidence) add(rec imednet.Record, revisions []revision) {
	index, _ := answers.NewIndex(rec.RecordData.Raw())
	form, _ := e.schema.index.OfRecord(&rec)
	c := &candidate{record: rec, form: form, answers: index, buckets: recordBuckets(&rec), revisions: revisions, claimed: map[string]bool{}}
	e.records = append(e.records, c)
	for _, key := range c.buckets {
		e.bySubject[key] = append(e.bySubject[key], c)
	}
}

// markClaimed notes which records and revisions other items have.
func (s *settler) markClaimed(ctx context.Context, e *evidence, items []open) error {
	contents := map[string]bool{}
	for i := range items {
		if !items[i].item.creates() {
			contents[items[i].item.ContentHash] = true
		}
	}
	var claims []string
	owner := map[string]*candidate{}
	ask := func(c *candidate, claim string) {
		claims = append(claims, claim)
		owner[claim] = c
	}
	for _, c := range e.records {
		ask(c, recordClaim(c.record.RecordID))
	}
	for i := range items {
		if item := &items[i].item; !item.creates() {
			for _, c := range e.of(item) {
				for _, r := range c.revisions {
					ask(c, revisionClaim(c.record.RecordID, r.id, item.ContentHash))
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
