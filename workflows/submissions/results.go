package submissions

import (
	"cmp"
	"maps"
	"slices"

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

func (r *result) stored() bool { return imednet.ResultStatusOf(r.Status) == imednet.ResultStored }

func (r *result) refused() bool { return imednet.ResultStatusOf(r.Status) == imednet.ResultRefused }

// words are what the server says about the item, and no novel.
func (r *result) words() string {
	text, _ := r.Error.(string)
	return shorten(cmp.Or(r.Message, text))
}

// said is what a job's results say of a batch.
type said struct {
	places  map[int]*result // by place in the batch
	all     *result         // the same of every item
	partial bool            // something is listed, and not every item can be found in it
	stored  int             // how many are called stored, where it is not said which
	words   []string        // what is said of refused records, where it is not said of which
}

// readResults reads the results of a job. They count for an item only if they are about it and no
// other: by an index of its own, or because they say the same of all.
func readResults(results *imednet.JobResults, size int) said {
	raws, isList := results.Items()
	if !isList {
		return readTotals(results)
	}
	if len(raws) == 0 || size == 0 {
		return said{}
	}
	list := make([]result, len(raws))
	for i, raw := range raws {
		if json.Unmarshal(jsontext.Value(raw), &list[i]) != nil {
			return unassigned(list[:i])
		}
	}
	if list[0].Index == nil {
		return readCommon(list, size)
	}
	return readIndexed(list, size)
}

// readTotals reads results that are numbers alone; of anything else nothing is known.
func readTotals(results *imednet.JobResults) said {
	counts, _ := results.Counts()
	return said{stored: counts.Succeeded}
}

func readIndexed(list []result, size int) said {
	byIndex := map[int64]*result{}
	for i := range list {
		if list[i].Index == nil || byIndex[*list[i].Index] != nil {
			return unassigned(list)
		}
		byIndex[*list[i].Index] = &list[i]
	}
	first, ok := imednet.FirstResultIndex(maps.Keys(byIndex), size)
	if !ok {
		return unassigned(list)
	}
	out := said{places: map[int]*result{}, partial: true}
	for n, r := range byIndex {
		out.places[int(n-first)] = r
	}
	return out
}

// readCommon reads results without an index: which is whose they say only if they say the same of all.
func readCommon(list []result, size int) said {
	if len(list) != size {
		return unassigned(list)
	}
	if size == 1 {
		return said{all: &list[0]}
	}
	stored, refused := 0, 0
	for i := range list {
		switch {
		case list[i].Index != nil:
			return unassigned(list)
		case list[i].stored():
			stored++
		case list[i].refused():
			refused++
		}
	}
	switch size {
	case stored:
		return said{all: &result{Status: "SUCCESS"}}
	case refused:
		return allRefused(list)
	case stored + refused:
		return said{stored: stored, words: wordsOf(list)}
	}
	return unassigned(list)
}

// allRefused reads results that refuse every record. If they say the same of all they say it of each.
func allRefused(list []result) said {
	words := wordsOf(list)
	all := &result{Status: "FAILED"}
	if len(words) == 1 && !slices.ContainsFunc(list, func(r result) bool { return r.words() == "" }) {
		all.Message, words = words[0], nil
	}
	return said{all: all, words: words}
}

// unassigned are results of which it is not known whose they are.
func unassigned(list []result) said { return said{partial: true, words: wordsOf(list)} }

// wordsOf are the different words about refused records.
func wordsOf(list []result) []string {
	var out []string
	for i := range list {
		if text := list[i].words(); text != "" && list[i].refused() && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// of adds what the results say about an item.
func (s *said) of(o *open) {
	r := s.places[o.item.Position]
	if r == nil {
		r = s.all
	}
	if len(s.words) > 0 && (r == nil || r.refused()) {
		o.message = wordsOfOne(s.words)
	}
	switch {
	case r == nil && s.partial:
		o.word = unclear
	case r == nil:
		o.group, o.claimed = o.item.BatchID, s.stored
	case r.stored():
		o.word, o.named = stored, r.RecordID
	case r.refused():
		o.word, o.message = refused, cmp.Or(r.words(), o.message)
	default:
		o.word = unclear
	}
}
