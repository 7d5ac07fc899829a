package dictionary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// formsExport is an export of forms ID:KEY, each with a question that says which form it is of.
func formsExport(forms ...string) export {
	x := export{
		dictionary.FormsFile: "Form ID,Form Key\n", dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Label\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n", dictionary.RulesFile: "Type,Name\n",
	}
	for _, f := range forms {
		id, key, _ := strings.Cut(f, ":")
		x[dictionary.FormsFile] += id + "," + key + "\n"
		x[dictionary.QuestionsFile] += key + ",Text,X,of " + key + " " + id + "\n"
	}
	return x
}

// studyOf are the forms ID:KEY of a study, each with a variable X.
func studyOf(forms ...string) (listed []imednet.Form, variables []imednet.Variable) {
	for _, f := range forms {
		id, key, _ := strings.Cut(f, ":")
		var n int64
		_, _ = fmt.Sscan(id, &n)
		listed = append(listed, imednet.Form{FormID: n, FormKey: imednet.Some(key)})
		variables = append(variables, imednet.Variable{VariableID: n, FormID: imednet.Some(n), VariableName: imednet.Some("X"), VariableType: imednet.Some("TEXT")})
	}
	return listed, variables
}

// TestAFormIsJoinedWithTheOneOfItsKey: what fits less well takes no form from what fits better, in whichever order
// the two are listed, and what fits several is joined with none.
func TestAFormIsJoinedWithTheOneOfItsKey(t *testing.T) {
	for _, c := range []struct {
		study, export []string
		joined        []string // label of the question that the form of an id has, or none
	}{
		{[]string{"10:OLD", "20:AE", "21:DM"}, []string{"10:AE", "11:DM"}, []string{"10 none", "20 of AE 10", "21 of DM 11"}},
		{[]string{"5:ae", "20:AE", "21:DM"}, []string{"10:AE", "11:DM"}, []string{"5 none", "20 of AE 10", "21 of DM 11"}},
		{[]string{"5:AE", "20:ae", "21:DM"}, []string{"10:ae", "11:DM"}, []string{"5 none", "20 of ae 10", "21 of DM 11"}},
		{[]string{"10:OLD", "20:Ae"}, []string{"10:AE"}, []string{"10 none", "20 of AE 10"}}, // case before id
		{[]string{"10:NEW", "20:AE"}, []string{"10:OLD", "11:AE"}, []string{"10 of OLD 10", "20 of AE 11"}},
		{[]string{"10:AE", "20:Ae"}, []string{"1:AE", "2:ae"}, []string{"10 of AE 1", "20 of ae 2"}},
		{[]string{"7:Ae", "8:aE", "21:DM"}, []string{"8:AE", "11:DM"}, []string{"7 none", "8 of AE 8", "21 of DM 11"}}, // the id tells them apart
		{[]string{"7:Ae", "8:aE", "21:DM"}, []string{"9:AE", "11:DM"}, []string{"7 none", "8 none", "21 of DM 11"}},
		{[]string{"7:Ae", "21:DM"}, []string{"1:AE", "2:ae", "11:DM"}, nil},
		{[]string{"7:Ae", "21:DM", "22:LB"}, []string{"1:AE", "2:ae", "11:DM", "12:LB"}, []string{"7 none", "21 of DM 11", "22 of LB 12"}},
		{[]string{"9:NEW", "21:DM"}, []string{"9:ONE", "9:TWO", "11:DM", "12:NEW"}, []string{"9 of NEW 12", "21 of DM 11"}},
		{[]string{"4:AE", "5:AE", "21:DM"}, []string{"5:AE", "11:DM"}, []string{"4 none", "5 of AE 5", "21 of DM 11"}}, // a key that two forms have
		{[]string{"20:AE"}, []string{"1:AE", "2:AE"}, []string{"20 of AE 2"}},                                          // the last one of a key
	} {
		for range 2 {
			forms, variables := studyOf(c.study...)
			joined, err := read(t, formsExport(c.export...).dir(t), "").Join(forms, variables, dictionary.JoinOptions{})
			if c.joined == nil {
				require.ErrorIs(t, err, dictionary.ErrOtherStudy)
				continue
			}
			require.NoError(t, err, c)
			var got []string
			for _, f := range forms {
				label := "none"
				if form, ok := joined.Form(&imednet.Record{FormID: imednet.Some(f.FormID)}); ok {
					label = form.Questions[len(form.Questions)-1].Label
				}
				got = append(got, fmt.Sprint(f.FormID, " ", label))
			}
			slices.Sort(got)
			require.Equal(t, slices.Sorted(slices.Values(c.joined)), got, "%v with %v", c.study, c.export)
			slices.Reverse(c.study)
			slices.Reverse(c.export)
			if c.export[0] == "2:AE" {
				break // of the forms of one key the last counts
			}
		}
	}
}

// TestAnIDShowsNoStudy: ids are numbers that studies share, so that only keys show whose dictionary it is.
func TestAnIDShowsNoStudy(t *testing.T) {
	for _, c := range []struct {
		study, export []string
		own           bool
	}{
		{[]string{"10:A", "11:B"}, []string{"10:P", "11:Q", "912:R"}, false},
		{[]string{"10:A", "11:B"}, []string{"10:P", "11:Q"}, false},
		{[]string{"10:A", "11:B"}, []string{"10:a", "11:Q"}, true},
		{[]string{"10:A", "11:B"}, []string{"10:P", "99:b"}, true},
		{[]string{"10:A", "11:B"}, []string{"1:A", "2:A", "3:A", "11:Q"}, true}, // a key that is repeated is one
		{[]string{"10:A", "11:B"}, []string{"1:A", "2:P", "3:P", "3:P"}, true},
		{[]string{"10:A", "11:B"}, []string{"1:A", "2:P", "11:Q"}, false},
	} {
		forms, variables := studyOf(c.study...)
		d := read(t, formsExport(c.export...).dir(t), "")
		_, err := d.Join(forms, variables, dictionary.JoinOptions{})
		require.Equal(t, !c.own, err != nil, c)
		if !c.own {
			require.ErrorIs(t, err, dictionary.ErrOtherStudy)
		}
		_, err = d.Join(forms, variables, dictionary.JoinOptions{AnyStudy: true})
		require.NoError(t, err)
	}
}

// TestAQuestionIsJoinedWithTheVariableOfItsName: as forms are with those of their keys. Rules and counts read the answers of the variable.
func TestAQuestionIsJoinedWithTheVariableOfItsName(t *testing.T) {
	for _, c := range []struct {
		variables, questions []string
		joined               []string
	}{
		{[]string{"sev", "SEV"}, []string{"SEV"}, []string{"sev none", "SEV SEV"}},
		{[]string{"SEV", "sev"}, []string{"sev"}, []string{"SEV none", "sev sev"}},
		{[]string{"Sev", "SEV"}, []string{"SEV", "sev"}, []string{"Sev sev", "SEV SEV"}},
		{[]string{"Sev", "sEV"}, []string{"SEV"}, []string{"Sev none", "sEV none"}},
		{[]string{"Sev"}, []string{"SEV", "sev"}, []string{"Sev none"}},
		{[]string{"Sev"}, []string{"SEV", "SEV"}, []string{"Sev SEV"}},
		{[]string{"SEV", "SEV"}, []string{"sev"}, []string{"SEV sev", "SEV sev"}},
	} {
		d := read(t, twinExport(c.questions...).dir(t), "")
		joined, err := d.Join(eventForm, twinVariables(c.variables...), dictionary.JoinOptions{})
		require.NoError(t, err)
		var got []string
		for _, name := range c.variables {
			q, ok := joined.Question("AE", name)
			if !ok {
				q = &dictionary.Question{Name: "none"}
			}
			got = append(got, name+" "+q.Name)
		}
		require.Equal(t, c.joined, got, c)
	}
}
