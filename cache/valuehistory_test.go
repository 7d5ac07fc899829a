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

// TestTheLifeOfARenamedVariable begins under its former name, and no change of it is lost or told twice.
func TestTheLifeOfARenamedVariable(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 40})
	server := imednettest.NewServer(study)
	ids := map[string]int64{}
	for v, err := range server.Client().Variables(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}) {
		require.NoError(t, err)
		ids[v.VariableName.Or("")] = v.VariableID
	}
	data, err := imednet.NewRecordData([]byte(`{"AETERM":"a","AESEV":"Mild"}`))
	require.NoError(t, err)
	subject := aSubject(t, study)
	id := study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: imednet.Some(subject), RecordData: data})
	l := open(t, server.Client())
	edit := func(name, value string) {
		study.Advance(time.Hour)
		require.NoError(t, study.EditRecord(id, name, value))
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
	}
	rename := func(name, to string) {
		study.Advance(time.Hour)
		require.NoError(t, study.EditRow(imednet.Variables, ids[name], "variableName", to))
		syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: true})
	}
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	since := study.Now().Add(time.Minute)
	edit("AETERM", "b")
	rename("AETERM", "AENAME")
	edit("AENAME", "b") // as it was
	edit("AENAME", "c")
	rename("AETERM", "AECALLED")
	edit("AECALLED", "d")

	type step struct{ variable, before, now string }
	life := func(name string) (steps []step) {
		for e, err := range l.ValueHistory(t.Context(), study.Key(), cache.ChangeFilter{SubjectKey: subject, FormKey: "AE", Variable: name}) {
			require.NoError(t, err)
			if e.RecordID == id {
				steps = append(steps, step{e.Variable, e.Old.Text(), e.New.Text()})
			}
		}
		return steps
	}
	whole := []step{{"AECALLED", "", "a"}, {"AECALLED", "a", "b"}, {"AECALLED", "b", "c"}, {"AECALLED", "c", "d"}}
	for _, name := range []string{"AECALLED", "AENAME", "AETERM", "aeterm"} {
		require.Equal(t, whole, life(name), name)
		var keys []string
		for e, err := range l.ChangeList(t.Context(), study.Key(), cache.ChangeFilter{Since: since, SubjectKey: subject, Variable: name}) {
			require.NoError(t, err)
			require.NotEmpty(t, e.Label, "of the variable as it is now")
			keys = append(keys, e.Variable+" "+e.New.Text())
		}
		require.Equal(t, []string{"AETERM b", "AENAME b", "AENAME c", "AECALLED d"}, keys, name)
	}
	require.Equal(t, []step{{"AESEV", "", "Mild"}}, life("AESEV"))

	rename("AESEV", "AETERM") // another variable's former name
	require.Equal(t, []step{{"AETERM", "", "a"}, {"AETERM", "a", "b"}}, life("AETERM"), "what stands under the name of now is the answer")
	require.Equal(t, []step{{"AECALLED", "", ""}, {"AECALLED", "", "b"}, {"AECALLED", "b", "c"}, {"AECALLED", "c", "d"}}, life("AECALLED"), "and of nobody else")
}
