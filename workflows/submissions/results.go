package submissions

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// result is what a job's results say about one item. The API documents no shape; these members have
// been met.
type result struct {
	Index    *int64 `json:"index"`
	Status   string `json:"status"`
	RecordID int64  `json:"recordId"`
	Message  string `json:"message"`
	Error    any    `json:"error"`
}

func (r *result) stored() bool {
	switch strings.ToUpper(strings.TrimSpace(r.Status)) {
	case "PASS", "SUCCESS", "COMPLETED":
		return true
	}
	return false
}

func (r *result) refused() bool {
	switch strings.ToUpper(strings.TrimSpace(r.Status)) {
	case "FAIL", "FAILED", "ERROR":
		return true
	}
	return false
}

// words are what the server says about the item, and no novel.
func (r *result) words() string {
	text, _ := r.Error.(string)
	return shorten(cmp.Or(r.Message, text))
}

// byResults says what a job's results say about an item, if they say it of this item and no other:
// by an index of its own, or because they say the same of all. An item that was stored without a
// record id is looked for instead.
func byResults(item *Item, status imednet.JobStatus) (Change, bool) {
	r, ok := resultOf(item, status)
	if !ok {
		return Change{}, false
	}
	switch {
	case r.stored() && r.RecordID > 0:
		c := item.change(Standing, "")
		c.JobState, c.RecordID, c.Close = status.State.Or(""), r.RecordID, true
		return c, true
	case r.refused():
		c := item.change(Refused, "the server refused the record")
		c.JobState, c.ServerMessage = status.State.Or(""), r.words()
		return c, true
	}
	return Change{}, false
}

func resultOf(item *Item, status imednet.JobStatus) (result, bool) {
	raws, isList := status.Results.Items()
	if !isList || len(raws) == 0 || item.BatchSize == 0 {
		return result{}, false
	}
	list := make([]result, len(raws))
	for i, raw := range raws {
		if json.Unmarshal(jsontext.Value(raw), &list[i]) != nil {
			return result{}, false
		}
	}
	if list[0].Index == nil {
		return commonResult(list, item.BatchSize)
	}
	byIndex := map[int64]*result{}
	for i := range list {
		if list[i].Index == nil || byIndex[*list[i].Index] != nil {
			return result{}, false
		}
		byIndex[*list[i].Index] = &list[i]
	}
	first, ok := firstIndex(byIndex, int64(item.BatchSize))
	if r := byIndex[first+int64(item.Position)]; ok && r != nil {
		return *r, true
	}
	return result{}, false
}

// firstIndex finds out whether indexes count from 0 or from 1.
func firstIndex(byIndex map[int64]*result, size int64) (first int64, ok bool) {
	for n := range byIndex {
		if n < 0 || n > size {
			return 0, false
		}
	}
	zero, last := byIndex[0] != nil, byIndex[size] != nil
	if zero == last {
		return 0, false
	}
	if zero {
		return 0, true
	}
	return 1, true
}

// commonResult is what results without an index say of every item: that all were refused. Which
// record is whose they do not say.
func commonResult(list []result, size int) (result, bool) {
	if len(list) != size {
		return result{}, false
	}
	if size == 1 {
		return list[0], true
	}
	for i := range list {
		if list[i].Index != nil || !list[i].refused() {
			return result{}, false
		}
	}
	return result{Status: "FAILED"}, true
}

// checkNamed completes what results say of stored items by their revisions: a record that shows no
// revision since the POST is not taken for granted.
func (s *settler) checkNamed(ctx context.Context, items []Item, changes []Change) ([]Change, error) {
	var wanted []open
	for i := range changes {
		if changes[i].To == Standing {
			wanted = append(wanted, open{item: items[indexOf(items, changes[i])]})
		}
	}
	if _, ok := s.u.client.(imednet.RevisionReader); len(wanted) == 0 || !ok {
		return changes, nil
	}
	revisions, err := s.revisions(ctx, wanted)
	if err != nil {
		return refusals(changes), err
	}
	taken := map[string]bool{}
	for i := range changes {
		c := &changes[i]
		if c.To != Standing {
			continue
		}
		item := &items[indexOf(items, *c)]
		own := ownRevisions(revisions[c.RecordID], item)
		if len(own) == 0 {
			state, record := c.JobState, c.RecordID
			*c = item.change(Unknown, fmt.Sprintf("the job's results name record %d, which shows no revision since", record))
			c.JobState = state
			continue
		}
		c.RevisionID = item.ownRevision(c.RecordID, own, taken)
	}
	return changes, nil
}

// ownRevision picks the revision of an item: of a record that it made the latest, of an update the
// first one that no equal item has, or 0.
func (i *Item) ownRevision(record int64, own []revision, taken map[string]bool) int64 {
	if i.creates() {
		return own[len(own)-1].id
	}
	for _, r := range own {
		if claim := revisionClaim(record, r.id, i.ContentHash); !taken[claim] {
			taken[claim] = true
			return r.id
		}
	}
	return 0
}

func indexOf(items []Item, c Change) int {
	for i := range items {
		if items[i].Index == c.Index && items[i].SubmissionID == c.SubmissionID {
			return i
		}
	}
	return -1
}

func refusals(changes []Change) []Change {
	var out []Change
	for _, c := range changes {
		if c.To == Refused {
			out = append(out, c)
		}
	}
	return out
}
