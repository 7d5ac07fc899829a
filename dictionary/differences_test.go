package dictionary_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// joinWithDifferences joins an export that differs from its study in every way, with a rule for each.
func joinWithDifferences(t *testing.T) *dictionary.Joined {
	t.Helper()
	logic := func(conditions string) string {
		return `"<BusinessLogic><Conditions>` + conditions + `</Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>"`
	}
	x := export{
		dictionary.FormsFile: "Form ID,Form Key,Form Name\n1,AE,Events\n2,dm,Demography\n3,VS,Vital\n4,ZZ,Gone\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Label\nAE,Text,AETERM,Term\nAE,Radio,aesev,Severity\nAE,Text,GONE,Gone\nAE,Text,OLD,Old\n" +
			"dm,Text,SEX,Sex\nVS,Number,PULSE,Pulse\nZZ,Text,Z,Z\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n",
		dictionary.RulesFile: "Type,Name,Status,ID,Form,Sequence,Logic\nForm,present,Active,1,AE,10," + logic("<blank><question>AETERM</question></blank>") +
			"\nForm,gone,Active,2,AE,10," + logic("<or><blank><question>GONE</question></blank><blank><question>OLD</question></blank><blank><question>GONE</question></blank></or>") +
			"\nForm,elsewhere,Active,3,AE,10," + logic("<blank><external><form>Gone</form><question>Z</question></external></blank>") +
			"\nForm,form,Active,4,ZZ,10," + logic("<true/>") + "\nForm,nowhere,Active,5,NONE,10," + logic("<true/>") +
			"\nForm,off,Disabled,6,ZZ,10," + logic("<true/>") + "\nForm,case,Active,7,AE,10," + logic("<blank><question>aesev</question></blank>") + "\n",
	}
	form := func(id int64, key, name string) imednet.Form {
		return imednet.Form{FormID: id, FormKey: imednet.Some(key), FormName: imednet.Some(name)}
	}
	variable := func(id, formID int64, key, name, kind, label string) imednet.Variable {
		return imednet.Variable{VariableID: id, FormID: imednet.Some(formID), FormKey: imednet.Some(key), VariableName: imednet.Some(name), VariableType: imednet.Some(kind), Label: imednet.Some(label)}
	}
	old := variable(4, 1, "AE", "OLD", "TEXT", "Old")
	old.Deleted = imednet.Some(true)
	joined, err := read(t, x.dir(t), "S").Join(
		[]imednet.Form{form(1, "AE", "Adverse Events"), form(2, "DM", "Demography"), form(3, "VITALS", "Vital"), form(5, "NEW", "New")},
		[]imednet.Variable{
			variable(1, 1, "AE", "AETERM", "TEXT", "Term of it"), variable(2, 1, "AE", "AESEV", "RADIO", "Severity"), variable(3, 1, "AE", "MORE", "TEXT", "More"), old,
			variable(5, 2, "DM", "SEX", "TEXT", "Sex"), variable(6, 3, "VITALS", "PULSE", "DATE", "Pulse"), variable(7, 5, "NEW", "N", "TEXT", "N"),
		}, dictionary.JoinOptions{})
	require.NoError(t, err)
	return joined
}

// Whatever differs is listed once, by its kind.
func TestEveryDifferenceIsListed(t *testing.T) {
	joined := joinWithDifferences(t)
	differences := joined.Differences()
	require.ElementsMatch(t, dictionary.Differences{
		{What: dictionary.OtherName, Form: "AE", API: "Adverse Events", Dictionary: "Events"},
		{What: dictionary.JoinedByCase, Form: "DM", API: "DM", Dictionary: "dm"},
		{What: dictionary.JoinedByID, Form: "VITALS", API: "VITALS", Dictionary: "VS"},
		{What: dictionary.OtherLabel, Form: "AE", Variable: "AETERM", API: "Term of it", Dictionary: "Term"},
		{What: dictionary.JoinedByCase, Form: "AE", Variable: "AESEV", API: "AESEV", Dictionary: "aesev"},
		{What: dictionary.OtherType, Form: "VITALS", Variable: "PULSE", API: "DATE", Dictionary: "Number"},
		{What: dictionary.OnlyInAPI, Form: "AE", Variable: "MORE"},
		{What: dictionary.OnlyInAPI, Form: "NEW"},
		{What: dictionary.OnlyInDictionary, Form: "AE", Variable: "GONE"},
		{What: dictionary.OnlyInDictionary, Form: "ZZ"},
	}, differences)
	require.Equal(t, "2 joined by another case, 1 joined by id alone, 1 other name, 1 other label, 1 other type, 2 only in the API, 2 only in the dictionary", differences.String())
	require.Equal(t, []string{"AE.MORE", "NEW"}, joined.OnlyInAPI)
	require.Equal(t, []string{"AE.GONE", "ZZ"}, joined.OnlyInDictionary)
	require.Equal(t, "none", dictionary.Differences{}.String())
}

// A form without a key, which is joined by its id, is a difference too.
func TestAFormWithoutAKeyIsJoinedByItsID(t *testing.T) {
	d := read(t, small().dir(t), "S")
	joined, err := d.Join([]imednet.Form{{FormID: 1}, {FormID: 2, FormKey: imednet.Some("DM")}}, nil, dictionary.JoinOptions{})
	require.NoError(t, err)
	require.Contains(t, joined.Differences(), dictionary.Difference{What: dictionary.JoinedByID, Form: "#1", Dictionary: "AE"})
}

// Active rules of forms and questions that the study lacks are told, whether there are records or not.
func TestRulesOutsideTheStudyAreTold(t *testing.T) {
	joined := joinWithDifferences(t)
	run := checkerOf(t, joined.Dictionary).Study(t.Context(), joined, listed(), nil)
	require.NoError(t, lastError(run))
	require.Equal(t, []dictionary.RuleOutside{
		{RuleID: "2", Rule: "gone", Form: "AE", Questions: []string{"GONE", "OLD"}},
		{RuleID: "5", Rule: "nowhere", Form: "NONE", Questions: []string{}},
		{RuleID: "4", Rule: "form", Form: "ZZ", Questions: []string{}},
	}, run.Report().Outside)
	require.Equal(t, "rule 2 is about AE.GONE, AE.OLD", run.Report().Outside[0].String())
	require.Equal(t, "rule 4 is of the form ZZ", run.Report().Outside[2].String())
}
