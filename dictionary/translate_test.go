package dictionary_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

func TestAnswersAreShownByTheirChoices(t *testing.T) {
	x := export{
		dictionary.FormsFile:     "Form Key,Form Name\nF,Form\nG,Other\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Label\nF,Radio,R,\"<b>Severity</b>&nbsp;now\"\nF,Radio,P,Plain\nF,Text,T,Text\nG,Radio,R,Other\nF,Radio,R_CODE,Taken\nF,Dropdown,OPEN,Open\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R,Mild,01,1\nF,Radio,R,Severe,2,2\nF,Radio,R,2,3,3\nF,Radio,R,None,,4\n" +
			"F,Radio,P,Yes,,1\nF,Radio,P,No,,2\nG,Radio,R,Left,1,1\n",
		dictionary.RulesFile: "Type,Name\n",
	}
	d := read(t, x.dir(t), "S")
	forms := []imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}, {FormID: 2, FormKey: imednet.Some("G")}}
	var variables []imednet.Variable
	for _, f := range d.Forms {
		for _, q := range f.Questions {
			variables = append(variables, imednet.Variable{VariableID: int64(len(variables) + 1), FormKey: imednet.Some(f.Key), VariableName: imednet.Some(q.Name), VariableType: imednet.Some(q.Type), Label: imednet.Some(q.Label)})
		}
	}
	joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	for _, c := range []struct {
		mode     dictionary.ChoiceMode
		form     string
		in, want string
	}{
		{"text", "F", `{"R":"01","T":"01"}`, `{"R":"Mild","T":"01"}`},
		{"text", "F", `{"r":" severe "}`, `{"r":"Severe"}`},
		{"text", "F", `{"R":"Mild", "T":1.50}`, `{"R":"Mild", "T":1.50}`},
		{"text", "F", `{"R":"other"}`, `{"R":"other"}`},
		{"text", "F", `{"R":"2"}`, `{"R":"2"}`}, // the text of one and the code of another: not touched
		{"text", "F", `{"R":null,"OPEN":"x"}`, `{"R":null,"OPEN":"x"}`},
		{"text", "G", `{"R":"1"}`, `{"R":"Left"}`},
		{"text", "NONE", `{"R":"01"}`, `{"R":"01"}`},
		{"code", "F", `{"R":"Mild","P":"Yes"}`, `{"R":"01","P":"Yes"}`},
		{"code", "F", `{"R":"None"}`, `{"R":"None"}`},
		{"code", "F", `{"R":3}`, `{"R":3}`},
		{"both", "F", `{"R":"01","P":"yes"}`, `{"R":"Mild","R_CODE2":"01","P":"Yes"}`},
		{"both", "F", `{"R":"None"}`, `{"R":"None","R_CODE2":null}`},
		{"both", "G", `{"R":"Left"}`, `{"R":"Left","R_CODE":"1"}`},
	} {
		translator, err := joined.Translator(c.mode)
		require.NoError(t, err)
		data, err := imednet.NewRecordData([]byte(c.in))
		require.NoError(t, err)
		got := translator.Record(imednet.Record{RecordID: 1, FormKey: imednet.Some(c.form), RecordData: data})
		require.Equal(t, c.want, string(got.RecordData.Raw()), "%s %s", c.mode, c.in)
	}

	translator, err := joined.Translator(dictionary.ChoicesAsBoth)
	require.NoError(t, err)
	for i, in := range []string{`{"R":"other"}`, `{"R":"2"}`, `{"R":"Mild"}`} {
		data, _ := imednet.NewRecordData([]byte(in))
		for range 2 {
			translator.Record(imednet.Record{RecordID: int64(i), FormKey: imednet.Some("F"), RecordData: data})
		}
	}
	require.Equal(t, map[string]int64{"F.R": 2}, translator.Kept())
	var shown []string
	ids := map[int64]bool{}
	for v, err := range translator.Variables(func(yield func(imednet.Variable, error) bool) {
		for _, v := range variables {
			if !yield(v, nil) {
				return
			}
		}
	}) {
		require.NoError(t, err)
		require.False(t, ids[v.VariableID])
		ids[v.VariableID] = true
		shown = append(shown, v.FormKey.Or("")+"."+v.VariableName.Or("")+" "+v.Label.Or(""))
	}
	require.Equal(t, "F.R Severity now", shown[0])
	require.Equal(t, []string{"F.R_CODE2 Severity now (code)", "G.R_CODE Other (code)"}, slices.Clip(shown[len(shown)-2:]))

	_, err = joined.Translator("")
	require.ErrorContains(t, err, "none of text, code and both")
}
