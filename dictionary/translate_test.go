package dictionary_test

import (
	"maps"
	"slices"
	"strings"
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
		{"both", "F", `{"R":"01","P":"yes"}`, `{"R":"Mild","P":"Yes","R_CODE2":"01"}`},
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

// shownStudy is a form F whose variables NAME:TYPE have lists, joined with an export of them. A choice is TEXT=CODE.
func shownStudy(t *testing.T, lists map[string][]string) *dictionary.Joined {
	t.Helper()
	x := export{
		dictionary.FormsFile: "Form Key\nF\n", dictionary.QuestionsFile: "Form,Variable Type,Variable Name\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n", dictionary.RulesFile: "Type,Name\n",
	}
	var variables []imednet.Variable
	for _, variable := range slices.Sorted(maps.Keys(lists)) {
		name, typ, _ := strings.Cut(variable, ":")
		x[dictionary.QuestionsFile] += "F,Radio," + name + "\n"
		for _, choice := range lists[variable] {
			text, code, _ := strings.Cut(choice, "=")
			x[dictionary.ChoicesFile] += "F,Radio," + name + "," + text + "," + code + ",\n"
		}
		variables = append(variables, imednet.Variable{VariableID: int64(len(variables) + 1), FormKey: imednet.Some("F"), VariableName: imednet.Some(name), VariableType: imednet.Some(typ)})
	}
	joined, err := read(t, x.dir(t), "").Join([]imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}}, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	return joined
}

// shownAs is how a translator shows what a record of F holds.
func shownAs(t *testing.T, translator *dictionary.Translator, id int64, object string) string {
	t.Helper()
	data, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err)
	return string(translator.Record(imednet.Record{RecordID: id, FormKey: imednet.Some("F"), RecordData: data}).RecordData.Raw())
}

// TestTheAnswerIsShownAndNoOtherKey: which key is the answer is the rule of every other reading, and what stands under
// others is as it was received.
func TestTheAnswerIsShownAndNoOtherKey(t *testing.T) {
	joined := shownStudy(t, map[string][]string{"SEV:RADIO": {"Mild=1", "Severe=2"}})
	for _, c := range []struct{ mode, in, want string }{
		{"both", `{"sev":"2","SEV":"1"}`, `{"sev":"2","SEV":"Mild","SEV_CODE":"1"}`},
		{"both", `{"SEV":"1","sev":"2"}`, `{"SEV":"Mild","sev":"2","SEV_CODE":"1"}`},
		{"both", `{"sev":"zz","SEV":"1"}`, `{"sev":"zz","SEV":"Mild","SEV_CODE":"1"}`},
		{"both", `{"sev":"2"}`, `{"sev":"Severe","SEV_CODE":"2"}`},
		{"both", `{"SEV":"2","SEV":"1"}`, `{"SEV":"2","SEV":"Mild","SEV_CODE":"1"}`}, // of one spelling the last
		{"both", `{"SEV":"1","SEV":""}`, `{"SEV":"1","SEV":""}`},
		{"both", `{"sev":"1","Sev":"2"}`, `{"sev":"1","Sev":"2"}`}, // none can be chosen
		{"text", `{"sev":"2","SEV":"1","X":"1"}`, `{"sev":"2","SEV":"Mild","X":"1"}`},
		{"code", `{"sev":"Severe","SEV":"Mild"}`, `{"sev":"Severe","SEV":"1"}`},
		{"text", `{"S\u0045V" : "1" , "X":1.50}`, `{"S\u0045V" : "Mild" , "X":1.50}`},
		{"both", `{"SEV":"1" }`, `{"SEV":"Mild" ,"SEV_CODE":"1"}`},
		{"text", `{"\ud800":"1","SEV":"1"}`, `{"\ud800":"1","SEV":"Mild"}`},
		// A key that the record has itself is no code.
		{"both", `{"SEV":"1","SEV_CODE":"junk"}`, `{"SEV":"Mild","SEV_CODE":"junk","SEV_CODE":"1"}`},
		{"both", `{"SEV_CODE":"junk","SEV":"1"}`, `{"SEV_CODE":"junk","SEV":"Mild","SEV_CODE":"1"}`},
		{"both", `{"SEV":"zz","SEV_CODE":"2"}`, `{"SEV":"zz","SEV_CODE":"2","SEV_CODE":null}`},
		{"both", `{"sev_code":"2"}`, `{"sev_code":"2","SEV_CODE":null}`},
		{"text", `{"SEV":"1","SEV_CODE":"2"}`, `{"SEV":"Mild","SEV_CODE":"2"}`},
	} {
		translator, err := joined.Translator(dictionary.ChoiceMode(c.mode))
		require.NoError(t, err)
		require.Equal(t, c.want, shownAs(t, translator, 1, c.in), "%s %s", c.mode, c.in)
		counted := map[string]int64{}
		if strings.Contains(c.in, `"SEV":"zz"`) {
			counted["F.SEV"] = 1
		}
		require.Equal(t, counted, translator.Kept(), "%s %s", c.mode, c.in)
		require.Empty(t, translator.Alike())
		codes := map[string]string{}
		if c.mode == "both" {
			codes["F.SEV_CODE"] = "SEV"
		}
		require.Equal(t, codes, translator.Codes())
	}
}

// TestChoicesThatWouldBeShownAlikeAreKeptApart: what is shown denotes one choice. Otherwise the answers stay, and are
// counted.
func TestChoicesThatWouldBeShownAlikeAreKeptApart(t *testing.T) {
	joined := shownStudy(t, map[string][]string{
		"T:RADIO": {"Other=7", "Other=9", "None=0"},
		"C:RADIO": {"Alpha=1", "Beta=1", "Gamma=Alpha", "Delta=4"},
		"M:RADIO": {"1=", "Yes=1", "No=2"},
		"B:RADIO": {"=5", "Six=6"},
	})
	for _, c := range []struct {
		mode, name    string
		shown         map[string]string
		alike, kept   int64
		listed, codes []string
	}{
		{"text", "T", map[string]string{"7": "7", "9": "9", "0": "None", "Other": "Other"}, 2, 1, []string{"7", "9", "None"}, nil},
		{"code", "T", map[string]string{"7": "7", "9": "9", "None": "0", "Other": "Other"}, 0, 1, []string{"7", "9", "0"}, nil},
		{"both", "T", map[string]string{"7": "7+7", "9": "9+9", "0": "None+0"}, 2, 0, []string{"7", "9", "None"}, []string{"7", "9", "0"}},
		{"text", "C", map[string]string{"alpha": "alpha", "Beta": "Beta", "4": "Delta", "1": "1"}, 0, 2, []string{"Alpha", "Beta", "Gamma", "Delta"}, nil},
		{"code", "C", map[string]string{"Beta": "Beta", "Gamma": "Gamma", "Delta": "4", "1": "1"}, 2, 1, []string{"Alpha", "Beta", "Gamma", "4"}, nil},
		{"both", "C", map[string]string{"Beta": "Beta+1", "Delta": "Delta+4"}, 0, 0, []string{"Alpha", "Beta", "Gamma", "Delta"}, []string{"1", "1", "Alpha", "4"}},
		{"code", "M", map[string]string{"1": "1", "Yes": "Yes", "No": "2"}, 1, 1, []string{"1", "Yes", "2"}, nil},
		{"text", "M", map[string]string{"Yes": "Yes", "2": "No"}, 0, 0, []string{"1", "Yes", "No"}, nil},
		{"text", "B", map[string]string{"5": "5", "6": "Six"}, 0, 0, []string{"5", "Six"}, nil}, // a text that is blank is no answer
	} {
		translator, err := joined.Translator(dictionary.ChoiceMode(c.mode))
		require.NoError(t, err)
		id := int64(0)
		for answer, want := range c.shown {
			value, code, coded := strings.Cut(want, "+")
			want = `{"` + c.name + `":"` + value + `"`
			if coded {
				want += `,"` + c.name + `_CODE":"` + code + `"`
			}
			id++
			require.Equal(t, want+"}", shownAs(t, translator, id, `{"`+c.name+`":"`+answer+`"}`), "%s %v", c.mode, answer)
		}
		require.Equal(t, c.alike, translator.Alike()["F."+c.name], "%v", c)
		require.Equal(t, c.kept, translator.Kept()["F."+c.name], "%v", c)
		values := func(name string) (list []string) {
			for _, choice := range translator.Lists()[name] {
				list = append(list, choice.Value)
			}
			return list
		}
		require.Equal(t, c.listed, values("F."+c.name), "%v", c)
		require.Equal(t, c.codes, values("F."+c.name+"_CODE"), "%v", c)
	}
}

// TestAVariableThatCannotHoldWhatIsShownStays: the API says what the data are.
func TestAVariableThatCannotHoldWhatIsShownStays(t *testing.T) {
	joined := shownStudy(t, map[string][]string{
		"WORDS:NUMBER": {"small=1", "big=2"}, "DIGITS:NUMBER": {"1=10", "2=20"}, "DAYS:DATE": {"today=1", "2024-01-02=2"},
		"BOX:CHECKBOX": {"Mild=1", "Severe=2"}, "SURE:CHECKBOX": {"Yes=1", "No=0"}, "FREE:TEXT": {"small=1", "big=2"}, "NEW:HOLOGRAM": {"small=1", "big=2"},
	})
	in := `{"BOX":"1","DAYS":"1","DIGITS":"10","FREE":"1","NEW":"1","SURE":"1","WORDS":"1"}`
	for mode, want := range map[string]struct {
		out       string
		conflicts []string
	}{
		"text": {`{"BOX":"1","DAYS":"1","DIGITS":"1","FREE":"small","NEW":"small","SURE":"Yes","WORDS":"1"}`, []string{"BOX", "DAYS", "WORDS"}},
		"code": {`{"BOX":"1","DAYS":"1","DIGITS":"10","FREE":"1","NEW":"1","SURE":"1","WORDS":"1"}`, []string{"BOX", "DAYS"}},
	} {
		translator, err := joined.Translator(dictionary.ChoiceMode(mode))
		require.NoError(t, err)
		require.Equal(t, want.out, shownAs(t, translator, 1, in), mode)
		var told []string
		for _, c := range translator.Conflicts() {
			told = append(told, c.Variable)
			require.Contains(t, joined.Conflicts, c, "a survey counts it")
			require.NotContains(t, translator.Lists(), "F."+c.Variable)
		}
		require.Equal(t, want.conflicts, told, mode)
		require.Empty(t, translator.Kept())
	}
	translator, err := joined.Translator(dictionary.ChoicesAsBoth)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"F.DIGITS_CODE": "DIGITS", "F.FREE_CODE": "FREE", "F.NEW_CODE": "NEW", "F.SURE_CODE": "SURE"}, translator.Codes())
	shown := shownAs(t, translator, 1, in)
	require.True(t, strings.HasPrefix(shown, strings.TrimSuffix(`{"BOX":"1","DAYS":"1","DIGITS":"1","FREE":"small","NEW":"small","SURE":"Yes","WORDS":"1"}`, "}")), shown)
}
