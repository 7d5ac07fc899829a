package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestStatesOfARecordThatMoves follows a record from subject to subject and form to form, as the file will:
// what is inserted somewhere is removed there before it is anywhere else.
func TestStatesOfARecordThatMoves(t *testing.T) {
	type row struct {
		subject, form string
		state         imednet.RecordState
		day           int // of dateModified; 0 for none
	}
	const active, deleted, vanished = imednet.RecordActive, imednet.RecordDeleted, imednet.RecordVanished
	cases := map[string]struct {
		rows []row
		want []string
	}{
		"another subject":          {[]row{{"A", "AE", active, 1}, {"B", "AE", active, 2}}, []string{"A AE +1", "A AE -2", "B AE +2"}},
		"there and back":           {[]row{{"A", "AE", active, 1}, {"B", "AE", active, 2}, {"A", "AE", active, 3}}, []string{"A AE +1", "A AE -2", "B AE +2", "B AE -3", "A AE +3"}},
		"a subject at last":        {[]row{{"", "AE", active, 1}, {"B", "AE", active, 2}}, []string{" AE +1", " AE -2", "B AE +2"}},
		"no subject any more":      {[]row{{"A", "AE", active, 1}, {"", "AE", active, 2}}, []string{"A AE +1", "A AE -2", " AE +2"}},
		"another form":             {[]row{{"A", "AE", active, 1}, {"A", "CM", active, 2}}, []string{"A AE +1", "A AE -2", "A CM +2"}},
		"moved and deleted":        {[]row{{"A", "AE", active, 1}, {"B", "AE", deleted, 2}}, []string{"A AE +1", "A AE -2"}},
		"deleted, then moved":      {[]row{{"A", "AE", active, 1}, {"A", "AE", deleted, 2}, {"B", "AE", active, 3}}, []string{"A AE +1", "A AE -2", "B AE +3"}},
		"deleted, renamed, gone":   {[]row{{"A", "AE", active, 1}, {"A", "AE", deleted, 2}, {"B", "AE", deleted, 2}, {"B", "AE", vanished, 2}}, []string{"A AE +1", "A AE -2", "A AE -seen", "A AE -seen"}},
		"moved, deleted, restored": {[]row{{"A", "AE", active, 1}, {"B", "AE", deleted, 2}, {"B", "AE", active, 3}}, []string{"A AE +1", "A AE -2", "B AE +3"}},
		"renamed without a date":   {[]row{{"A", "AE", active, 1}, {"B", "AE", active, 1}, {"B", "AE", active, 2}}, []string{"A AE +1", "A AE -seen", "B AE +seen", "B AE +2"}},
		"deleted without a date":   {[]row{{"A", "AE", active, 1}, {"A", "AE", deleted, 1}, {"A", "AE", active, 1}}, []string{"A AE +1", "A AE -seen", "A AE +seen"}},
		"gone":                     {[]row{{"A", "AE", active, 1}, {"A", "AE", vanished, 1}}, []string{"A AE +1", "A AE -seen"}},
		"first seen when deleted":  {[]row{{"A", "AE", deleted, 1}}, []string{"A AE -1"}},
		"never dated":              {[]row{{"A", "AE", active, 0}, {"A", "AE", active, 0}, {"A", "AE", deleted, 0}}, []string{"A AE +seen", "A AE +seen", "A AE -seen"}},
		"dated at last":            {[]row{{"A", "AE", active, 0}, {"A", "AE", active, 2}, {"A", "AE", active, 0}}, []string{"A AE +seen", "A AE +2", "A AE +seen"}},
		"moved without any date":   {[]row{{"A", "AE", active, 0}, {"B", "AE", active, 0}}, []string{"A AE +seen", "A AE -seen", "B AE +seen"}},
		"saved where it is":        {[]row{{"A", "AE", active, 1}, {"A", "AE", active, 2}}, []string{"A AE +1", "A AE +2"}},
		"renamed, gone afterwards": {[]row{{"A", "AE", active, 1}, {"B", "AE", active, 1}, {"B", "AE", vanished, 1}}, []string{"A AE +1", "A AE -seen", "B AE +seen", "B AE -seen"}},
	}
	for name, c := range cases {
		places := recordPlaces{}
		var got []string
		for _, r := range c.rows {
			record := imednet.Record{RecordID: 7, SubjectKey: given(r.subject), FormKey: given(r.form)}
			if r.day > 0 {
				record.DateModified = imednet.Some(imednet.NewTime(time.Date(2024, 1, r.day, 0, 0, 0, 0, time.UTC)))
			}
			for _, s := range places.states(imednet.RecordVersion{State: r.state, Record: record}, func(s string) string { return s }) {
				text := s.Record.SubjectKey.Or("") + " " + s.Record.FormKey.Or("") + " "
				text += map[bool]string{true: "+", false: "-"}[s.State == active]
				at, _ := s.Record.DateModified.Get()
				text += map[bool]string{true: "seen", false: at.Format("2")}[s.undated]
				got = append(got, text)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

// TestAFormWithAnotherKeyIsTheSame has a record whose form has another key, and one that has another form.
func TestAFormWithAnotherKeyIsTheSame(t *testing.T) {
	for id, want := range map[int64]int{10: 1, 11: 2} {
		places := recordPlaces{}
		keep := func(s string) string { return s }
		version := imednet.RecordVersion{State: imednet.RecordActive, Record: imednet.Record{RecordID: 7, FormID: given[int64](10), FormKey: given("AE")}}
		require.Len(t, places.states(version, keep), 1)
		version.Record.FormID, version.Record.FormKey = given(id), given("AEX")
		require.Len(t, places.states(version, keep), want)
	}
}
