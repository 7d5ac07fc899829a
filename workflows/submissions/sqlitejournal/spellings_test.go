package sqlitejournal_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// content is what a record says, however it is spelled: what the server and the journal are compared by.
type content string

// spellings are the ids of what a record can also name otherwise.
type spellings struct{ forms, sites, intervals, subjects map[string]int64 }

func newSpellings(t *testing.T, client *imednettest.Client) spellings {
	s := spellings{map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}}
	for f, err := range client.Forms(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		s.forms[f.FormKey.Or("")] = f.FormID
	}
	for x, err := range client.Sites(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		s.sites[x.SiteName.Or("")] = x.SiteID
	}
	for i, err := range client.Intervals(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		s.intervals[i.IntervalName.Or("")] = i.IntervalID
	}
	for x, err := range client.Subjects(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		s.subjects[x.SubjectKey.Or("")] = x.SubjectID
	}
	return s
}

// respelled says the same in other words, now and then.
func (w *world) respelled(s imednet.Submission) imednet.Submission {
	if w.random.IntN(3) > 0 {
		return s
	}
	w.tally["in other words"]++
	byID := func(name *string, ids map[string]int64, to *int64) {
		if id := ids[*name]; id != 0 && w.random.IntN(2) == 0 {
			*name, *to = "", id
		}
	}
	byID(&s.FormKey, w.named.forms, &s.FormID)
	byID(&s.SiteName, w.named.sites, &s.SiteID)
	byID(&s.IntervalName, w.named.intervals, &s.IntervalID)
	byID(&s.SubjectKey, w.named.subjects, &s.SubjectID)
	for name, value := range s.Data {
		if n, isNumber := value.(int); isNumber {
			s.Data[name] = jsontext.Value(strconv.Itoa(n) + []string{".0", "e0", "00e-2"}[w.random.IntN(3)])
		}
	}
	return s
}

// contentOf is what a payload says.
func (w *world) contentOf(payload []byte) content {
	var s map[string]any
	require.NoError(w, json.Unmarshal(payload, &s))
	for name, ids := range map[string]struct {
		id  string
		ids map[string]int64
	}{
		"formKey": {"formId", w.named.forms}, "siteName": {"siteId", w.named.sites}, "intervalName": {"intervalId", w.named.intervals}, "subjectKey": {"subjectId", w.named.subjects},
	} {
		if key, ok := s[name].(string); ok && ids.ids[key] != 0 {
			delete(s, name)
			s[ids.id] = float64(ids.ids[key])
		}
	}
	text, err := json.Marshal(s) // numbers are equal by their value, and members are in order
	require.NoError(w, err)
	return content(text)
}
