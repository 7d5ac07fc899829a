package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// addResults adds what the results of an ended job say. Results that are not to be had, and records that
// they do not call stored, are an error.
func (j *jobJSON) addResults(status imednet.JobStatus) error {
	counts, known := status.Results.Counts()
	switch {
	case status.ResultsErr != nil:
		return j.noResults("cannot be read: " + status.ResultsErr.Error())
	case status.Results == nil:
		return j.noResults("are not offered by the server")
	case !known:
		return j.noResults("have no known shape")
	}
	j.Results, j.Refused = &counts, refusedPlaces(status)
	if counts.Failed == 0 && counts.Unknown == 0 {
		return nil
	}
	text := fmt.Sprintf("the server rejected %d of %d records of batch %s", counts.Failed, counts.Total, j.BatchID)
	if counts.Unknown > 0 {
		text += fmt.Sprintf(", and gave %d a status that is not known", counts.Unknown)
	}
	return &invalidError{text}
}

func (j *jobJSON) noResults(why string) error {
	return &invalidError{fmt.Sprintf("the results of batch %s %s; how many of its records were accepted is not known", j.BatchID, why)}
}

// refusedPlaces are the records of a batch that its results call refused, counted from 1, where these
// say which: by an index, or because they refuse all.
func refusedPlaces(status imednet.JobStatus) []int {
	type result struct {
		Status string
		Index  *int64
	}
	raws, _ := status.Results.Items()
	refused := map[int64]bool{}
	numbered := 0
	for i, raw := range raws {
		item := result{}
		if json.Unmarshal(raw, &item) != nil {
			return nil
		}
		place := int64(i)
		if item.Index != nil {
			place = *item.Index
			numbered++
		}
		if _, twice := refused[place]; twice {
			return nil
		}
		refused[place] = imednet.ResultStatusOf(item.Status) == imednet.ResultRefused
	}
	first, ok := imednet.FirstResultIndex(maps.Keys(refused), len(raws))
	if all := status.Counts().Failed == len(raws); !ok || numbered != len(raws) && (numbered > 0 || !all) {
		return nil
	}
	var out []int
	for _, place := range slices.Sorted(maps.Keys(refused)) {
		if refused[place] {
			out = append(out, int(place-first)+1)
		}
	}
	return out
}
