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
	text := fmt.Sprintf("the server rejected %d of the %d records in the results of batch %s", counts.Failed, counts.Total, j.BatchID)
	if counts.Unknown > 0 {
		text += fmt.Sprintf(", and gave %d a status that is not known", counts.Unknown)
	}
	return &invalidError{text}
}

func (j *jobJSON) noResults(why string) error {
	return &invalidError{fmt.Sprintf("the results of batch %s %s; how many of its records were accepted is not known", j.BatchID, why)}
}

// refusedPlaces are the records of a batch that its results call refused, counted from 1, where these say
// which. A list can leave records out, and how many the batch has is not known here: only indexes that count
// from 0 say which record is meant.
func refusedPlaces(status imednet.JobStatus) []int {
	raws, _ := status.Results.Items()
	refused := map[int64]bool{}
	for _, raw := range raws {
		var item struct {
			Status string
			Index  *int64
		}
		if json.Unmarshal(raw, &item) != nil || item.Index == nil || *item.Index < 0 {
			return nil
		}
		if _, twice := refused[*item.Index]; twice {
			return nil
		}
		refused[*item.Index] = imednet.ResultStatusOf(item.Status) == imednet.ResultRefused
	}
	if _, fromZero := refused[0]; !fromZero {
		return nil
	}
	var out []int
	for _, place := range slices.Sorted(maps.Keys(refused)) {
		if refused[place] {
			out = append(out, int(place)+1)
		}
	}
	return out
}
