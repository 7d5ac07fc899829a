package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestTheLifeOfAnAnswerWhateverItsKeyIsSpelled: the changes of an answer are those of every key that
// belongs to its variable, and its life is what a reader of the record would have seen.
func TestTheLifeOfAnAnswerWhateverItsKeyIsSpelled(t *testing.T) {
	type step struct{ variable, before, now string }
	for name, test := range map[string]struct {
		entered, key, value string // the answers at first, and the key that is set
		life                []step
		changes             int // of keys that belong to the variable
	}{
		"in another case":       {`{"aeterm":"a"}`, "aeterm", "b", []step{{"AETERM", "", "a"}, {"AETERM", "a", "b"}}, 1},
		"exactly":               {`{"AETERM":"a"}`, "AETERM", "b", []step{{"AETERM", "", "a"}, {"AETERM", "a", "b"}}, 1},
		"overridden":            {`{"AETERM":"a","aeterm":"x"}`, "aeterm", "y", []step{{"AETERM", "", "a"}}, 1},
		"exact beside another":  {`{"aeterm":"a"}`, "AETERM", "a", []step{{"AETERM", "", "a"}}, 1},
		"of another variable":   {`{"AETERM":"a","aesev":"1"}`, "aesev", "2", []step{{"AETERM", "", "a"}}, 0},
		"ambiguous from then":   {`{"aeterm":"a"}`, "Aeterm", "b", []step{{"AETERM", "", "a"}, {"Aeterm", "", "b"}}, 1},
		"ambiguous from before": {`{"aeterm":"a","Aeterm":"b"}`, "aeterm", "c", []step{{"aeterm", "", "a"}, {"Aeterm", "", "b"}, {"aeterm", "a", "c"}}, 1},
		"no more ambiguous":     {`{"aeterm":"a","Aeterm":"b"}`, "AETERM", "c", []step{{"aeterm", "", "a"}, {"Aeterm", "", "b"}, {"AETERM", "", "c"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 40})
			data, err := imednet.NewRecordData([]byte(test.entered))
			require.NoError(t, err)
			subject := aSubject(t, study)
			id := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: imednet.Some(subject), RecordData: data})
			l := open(t, imednettest.NewServer(study).Client())
			syncStudy(t, l, study.Key(), cache.SyncOptions{})
			study.Advance(time.Hour)
			edited := study.Now()
			require.NoError(t, study.EditRecord(id, test.key, test.value))
			syncStudy(t, l, study.Key(), cache.SyncOptions{})

			var life []step
			for e, err := range l.ValueHistory(t.Context(), study.Key(), cache.ChangeFilter{SubjectKey: subject, FormKey: "AE", Variable: "AETERM"}) {
				require.NoError(t, err)
				if e.RecordID == id {
					life = append(life, step{e.Variable, e.Old.Text(), e.New.Text()})
				}
			}
			require.Equal(t, test.life, life)

			changes := 0
			for e, err := range l.ChangeList(t.Context(), study.Key(), cache.ChangeFilter{Since: edited, SubjectKey: subject, Variable: "AETERM"}) {
				require.NoError(t, err)
				require.Equal(t, []string{test.key, test.value}, []string{e.Variable, e.New.Text()})
				changes++
			}
			require.Equal(t, test.changes, changes)
		})
	}
}

// TestTheLifeOfARepeatedAnswer: of a key that is repeated the last occurrence counts, before and after.
func TestTheLifeOfARepeatedAnswer(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 40})
	data, err := imednet.NewRecordData([]byte(`{"AETERM":"a","AETERM":"b"}`))
	require.NoError(t, err)
	subject := aSubject(t, study)
	id := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: imednet.Some(subject), RecordData: data})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	var life []string
	for e, err := range l.ValueHistory(t.Context(), study.Key(), cache.ChangeFilter{SubjectKey: subject, FormKey: "AE", Variable: "AETERM"}) {
		require.NoError(t, err)
		if e.RecordID == id {
			life = append(life, e.New.Text())
		}
	}
	require.Equal(t, []string{"b"}, life)
}

func aSubject(t *testing.T, study *imednettest.Study) string {
	for _, id := range study.RecordIDs() {
		if r, _ := study.Record(id); !r.IsDeleted() && r.SubjectKey.Or("") != "" {
			return r.SubjectKey.Or("")
		}
	}
	require.Fail(t, "the study has no subject")
	return ""
}
