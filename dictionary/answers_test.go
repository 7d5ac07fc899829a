package dictionary_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// twinExport is a form with the questions AESER and aeser, and a rule for each that acts where it is blank.
func twinExport(questions ...string) export {
	x := export{
		dictionary.FormsFile:     "Form Key,Form Name\nAE,Event\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\n",
		dictionary.ChoicesFile:   "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n",
		dictionary.RulesFile:     "Type,Name,Status,ID,Form,Sequence,Logic\n",
	}
	for _, q := range questions {
		x[dictionary.QuestionsFile] += "AE,Text," + q + ",Hard\n"
		x[dictionary.RulesFile] += "Form," + q + ",Active," + q + ",AE,10,<BusinessLogic><Conditions><blank><question>" + q + "</question></blank></Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>\n"
	}
	return x
}

func twinVariables(names ...string) []imednet.Variable {
	var variables []imednet.Variable
	for i, name := range names {
		variables = append(variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), VariableName: imednet.Some(name), VariableType: imednet.Some("TEXT")})
	}
	return variables
}

var eventForm = []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}}

func event(t *testing.T, object string) imednet.Record {
	t.Helper()
	data, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err)
	return imednet.Record{RecordID: 1, FormID: imednet.Some(int64(1)), RecordData: data}
}

func one(r imednet.Record) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) { yield(r, nil) }
}

// TestTwinsOfADictionaryMeanWhatTheTableSays: rules and counts read of questions that differ only in case each
// its own answer; of one that is unclear rules decide nothing, and it is not counted as missing.
func TestTwinsOfADictionaryMeanWhatTheTableSays(t *testing.T) {
	d := read(t, twinExport("AESER", "aeser").dir(t), "S")
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
	require.NoError(t, err)
	joined, err := d.Join(eventForm, twinVariables("AESER", "aeser"), dictionary.JoinOptions{})
	require.NoError(t, err)
	for _, e := range examples.Twins() {
		r := event(t, e.Object)
		run := checker.Study(t.Context(), joined, one(r), nil)
		var breaches []string
		for b, err := range run.Breaches() {
			require.NoError(t, err)
			breaches = append(breaches, b.Outcome.RuleID)
		}
		survey, err := joined.Survey(t.Context(), checker, one(r))
		require.NoError(t, err)
		for i, want := range []struct {
			name, raw string
			unclear   bool
		}{{"AESER", e.Upper, e.UpperUnclear}, {"aeser", e.Lower, e.LowerUnclear}} {
			missing := answers.Missing([]byte(want.raw))
			acts := imednet.YesNoOf(missing)
			if want.unclear {
				acts = imednet.Unknown
			}
			for _, outcome := range [][]dictionary.Outcome{checker.Check(d.Forms[0], &r), checker.CheckData(d.Forms[0], r.RecordData)} {
				require.Equal(t, acts, outcome[i].Acts, "%s %s", want.name, e.Object)
			}
			require.Equal(t, acts == imednet.Yes, slices.Contains(breaches, want.name), "%s %s", want.name, e.Object)
			q := survey.Forms[0].Questions[i]
			require.Equal(t, [4]int64{count(!missing), count(missing && !want.unclear), count(missing && !want.unclear), count(want.unclear)},
				[4]int64{q.Answered, q.Empty, q.Missing, q.Unclear}, "%s %s", want.name, e.Object)
		}
	}
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TestAVariableJoinsTheQuestionOfItsName: what differs from it only in case is no second one of it.
func TestAVariableJoinsTheQuestionOfItsName(t *testing.T) {
	for _, c := range []struct {
		questions, variables     []string
		onlyInAPI, onlyInExport  []string
		object                   string
		question                 string
		answered, empty, unclear int64
	}{
		{[]string{"AESER"}, []string{"AESER", "aeser"}, []string{"AE.aeser"}, nil, `{"aeser":"Y"}`, "AESER", 0, 1, 0},
		{[]string{"AESER"}, []string{"aeser", "AESER"}, []string{"AE.aeser"}, nil, `{"Aeser":"Y"}`, "AESER", 0, 0, 1},
		{[]string{"AESER", "aeser"}, []string{"AESER"}, nil, []string{"AE.aeser"}, `{"AESER":"Y"}`, "aeser", 0, 1, 0},
		{[]string{"AESER"}, []string{"Aeser"}, nil, nil, `{"aeser":"N","Aeser":"Y"}`, "AESER", 1, 0, 0},
		{[]string{"AESER"}, nil, nil, []string{"AE.AESER"}, `{"aeser":"N"}`, "AESER", 1, 0, 0},
	} {
		d := read(t, twinExport(c.questions...).dir(t), "S")
		checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
		require.NoError(t, err)
		joined, err := d.Join(eventForm, twinVariables(c.variables...), dictionary.JoinOptions{})
		require.NoError(t, err)
		require.Equal(t, c.onlyInAPI, joined.OnlyInAPI, "%v", c)
		require.Equal(t, c.onlyInExport, joined.OnlyInDictionary, "%v", c)
		survey, err := joined.Survey(t.Context(), checker, one(event(t, c.object)))
		require.NoError(t, err)
		at := slices.Index(c.questions, c.question)
		q := survey.Forms[0].Questions[at]
		require.Equal(t, [3]int64{c.answered, c.empty, c.unclear}, [3]int64{q.Answered, q.Empty, q.Unclear}, "%v", c)
	}
}
