package dictionary_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// askedExport asks, in this order, for a variable in use, one that the study does not have, a deleted and a disabled one.
// A rule warns where an answer is blank, one for each question.
func askedExport() export {
	rules := "Type,Name,Status,ID,Form,Sequence,Logic\n"
	for _, name := range []string{"LIVE", "NONE", "GONE", "OFF"} {
		rules += "Form,Needs " + name + ",Active,R" + name + ",F,10,<BusinessLogic><Conditions><blank><question>" + name + "</question></blank></Conditions>" +
			"<Actions><message><message>m</message><error_field>" + name + "</error_field><hard_edit/></message></Actions></BusinessLogic>\n"
	}
	return export{
		dictionary.FormsFile:     "Form Key,Form Name\nF,Form\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\nF,Text,LIVE,Hard\nF,Text,NONE,Hard\nF,Text,GONE,Hard\nF,Text,OFF,Hard\n",
		dictionary.ChoicesFile:   "Form,Variable Name,Choice Text\n",
		dictionary.RulesFile:     rules,
	}
}

func joinAsked(t *testing.T, d *dictionary.Dictionary) *dictionary.Joined {
	t.Helper()
	variable := func(id int64, name string) imednet.Variable {
		return imednet.Variable{VariableID: id, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), VariableName: imednet.Some(name), VariableType: imednet.Some("TEXT")}
	}
	variables := []imednet.Variable{variable(1, "LIVE"), variable(2, "GONE"), variable(3, "OFF")}
	variables[1].Deleted, variables[2].Disabled = imednet.Some(true), imednet.Some(true)
	joined, err := d.Join([]imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}}, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	return joined
}

// What a study cannot be told is not missing: the API says which variables there are.
func TestNoAnswerIsMissingThatTheStudyDoesNotAskFor(t *testing.T) {
	d := read(t, askedExport().dir(t), "S")
	joined := joinAsked(t, d)
	records := []imednet.Record{stored(t, 1, `{"LIVE":"x","NONE":"","GONE":null,"OFF":""}`), stored(t, 2, `{"GONE":"x","OFF":"x"}`)}
	survey, err := joined.Survey(t.Context(), checkerOf(t, d), listed(records...))
	require.NoError(t, err)
	require.Equal(t, []dictionary.QuestionSurvey{
		{Question: "LIVE", Required: "Hard", Answered: 1, Empty: 1, Missing: 1},
		{Question: "NONE", Required: "Hard", Empty: 2, Excused: 2},
		{Question: "GONE", Required: "Hard", Answered: 1, Empty: 1, Excused: 1},
		{Question: "OFF", Required: "Hard", Answered: 1, Empty: 1, Excused: 1},
	}, survey.Forms[0].Questions)

	for data, want := range map[string][]string{"x": nil, "": {"error F.LIVE: the answer is required"}} {
		problems, err := joined.CheckSubmission(checkerOf(t, d), &imednet.Submission{Kind: imednet.NewRecord, FormKey: "F", SubjectKey: "1", Data: map[string]any{"LIVE": data}})
		require.NoError(t, err)
		var errors []string
		for _, p := range problems {
			if !p.Warning {
				errors = append(errors, p.String())
			}
		}
		require.Equal(t, want, errors)
	}

	run := checkerOf(t, d).Study(t.Context(), joined, listed(records...), nil)
	acting := map[int64][]string{}
	for b, err := range run.Breaches() {
		require.NoError(t, err)
		acting[b.RecordID] = append(acting[b.RecordID], b.Outcome.RuleID)
	}
	require.Equal(t, map[int64][]string{2: {"RLIVE"}}, acting)
	require.Equal(t, map[string]int64{
		"RNONE: the study has no variable in use for NONE": 2, "RGONE: the study has no variable in use for GONE": 1, "ROFF: the study has no variable in use for OFF": 1,
	}, run.Report().Reasons)
}

// A form that the study has disabled asks for nothing: its blanks are not missing, its rules decide nothing, and a submission
// is not held against them.
func TestADisabledFormAsksForNothing(t *testing.T) {
	d := read(t, askedExport().dir(t), "S")
	variable := imednet.Variable{VariableID: 1, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), VariableName: imednet.Some("LIVE"), VariableType: imednet.Some("TEXT")}
	forms := []imednet.Form{{FormID: 1, FormKey: imednet.Some("F"), Disabled: imednet.Some(true)}}
	joined, err := d.Join(forms, []imednet.Variable{variable}, dictionary.JoinOptions{})
	require.NoError(t, err)
	records := []imednet.Record{stored(t, 1, `{"LIVE":"","NONE":"x"}`)}
	survey, err := joined.Survey(t.Context(), checkerOf(t, d), listed(records...))
	require.NoError(t, err)
	require.Equal(t, dictionary.QuestionSurvey{Question: "LIVE", Required: "Hard", Empty: 1, Excused: 1}, survey.Forms[0].Questions[0])

	run := checkerOf(t, d).Study(t.Context(), joined, listed(records...), nil)
	for b, err := range run.Breaches() {
		require.Fail(t, "a rule acts", "%v %v", b, err)
	}
	const why = ": the study has disabled its form"
	require.Equal(t, map[string]int64{"RLIVE" + why: 1, "RNONE" + why: 1, "RGONE" + why: 1, "ROFF" + why: 1}, run.Report().Reasons)
	require.Equal(t, dictionary.RuleOutside{RuleID: "RLIVE", Rule: "Needs LIVE", Form: "F", Questions: []string{}}, run.Report().Outside[0])

	problems, err := joined.CheckSubmission(checkerOf(t, d), &imednet.Submission{Kind: imednet.NewRecord, FormKey: "F", SubjectKey: "1", Data: map[string]any{}})
	require.NoError(t, err)
	require.Empty(t, problems)
}

// A question that the export has twice is one question, which its last row describes.
func TestARepeatedQuestionIsCountedOnce(t *testing.T) {
	d := read(t, askedExport().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,Required Field\nF,Text,LIVE,Soft\nF,Text,GONE,\nF,Text,LIVE,Hard\n").dir(t), "S")
	joined := joinAsked(t, d)
	records := []imednet.Record{stored(t, 1, `{"LIVE":""}`), stored(t, 2, `{"LIVE":"x"}`)}
	survey, err := joined.Survey(t.Context(), checkerOf(t, d), listed(records...))
	require.NoError(t, err)
	require.Equal(t, []dictionary.QuestionSurvey{
		{Question: "GONE", Empty: 2}, {Question: "LIVE", Required: "Hard", Answered: 1, Empty: 1, Missing: 1},
	}, survey.Forms[0].Questions)
	require.Empty(t, joined.OnlyInDictionary)
}

func stored(t *testing.T, id int64, object string) imednet.Record {
	t.Helper()
	data, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err)
	return imednet.Record{RecordID: id, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), RecordData: data}
}

func listed(records ...imednet.Record) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
