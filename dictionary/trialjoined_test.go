package dictionary_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// editedDesign reads the design export of a study after its files were changed.
func editedDesign(t *testing.T, study *imednettest.Study, edit func(files map[string]string)) *dictionary.Dictionary {
	t.Helper()
	files := map[string]string{}
	for name, data := range study.DesignExport() {
		files[name] = string(data)
	}
	edit(files)
	changed := map[string][]byte{}
	for name, text := range files {
		changed[name] = []byte(text)
	}
	d, err := dictionary.ReadFiles(changed, dictionary.ReadOptions{StudyKey: study.Key()})
	require.NoError(t, err)
	return d
}

// designedRule is a row of the rules of a design export.
func designedRule(id, form, condition, actions string) string {
	return "Form,Rule " + id + ",Active," + id + "," + form + ",10,,,,<BusinessLogic><Conditions>" + condition + "</Conditions><Actions>" + actions + "</Actions></BusinessLogic>\n"
}

const (
	refuses = "<message><message>No.</message><error_field>SYSBP</error_field><hard_edit/></message>"
	sets    = "<set_keyword><keyword>hint</keyword><target><record/></target></set_keyword>"
)

// Hard edits that no change of one answer calms are passed by changing several at once.
func TestATrialPassesHardEditsTogether(t *testing.T) {
	study, _, opts := testStudy(t)
	compare := func(name, question, value string) string {
		return "<" + name + "><question>" + question + "</question><value>" + value + "</value></" + name + ">"
	}
	d := editedDesign(t, study, func(files map[string]string) {
		header, _, _ := strings.Cut(files[dictionary.RulesFile], "\n")
		files[dictionary.RulesFile] = header + "\n" +
			designedRule("1", "VS", "<or>"+compare("lte", "TEMP", "35")+compare("gte", "SYSBP", "200")+"</or>", refuses) +
			designedRule("2", "VS", "<or>"+compare("lte", "SYSBP", "90")+"<not>"+compare("equals", "VSPOS", "Standing")+"</not></or>", refuses) +
			designedRule("3", "VS", "<not><gt><sub><question>SYSBP</question><question>DIABP</question></sub><value>20</value></gt></not>", refuses) +
			designedRule("4", "VS", compare("gt", "PULSE", "100"), sets)
	})
	study.EnforceChecks(checkerOf(t, d))
	trial := try(t, study, d, opts)
	require.Empty(t, trial.Untried)
	require.Empty(t, trial.Refused)
	require.True(t, trial.Passed())
	tried := map[string]bool{}
	for _, r := range trial.Results {
		tried[r.RuleID] = true
	}
	require.Equal(t, map[string]bool{"1": true, "2": true, "3": true, "4": true}, tried)
}

// Records are sent by the keys and names of the study, without answers to what it does not use, and that is said.
func TestATrialSendsWhatTheStudyHas(t *testing.T) {
	study, built, opts := testStudy(t)
	study.EnforceChecks(checkerOf(t, built))
	expected := map[string]bool{}
	for _, r := range try(t, study, built, opts).Results {
		expected[r.RuleID] = true
	}
	d := editedDesign(t, study, func(files map[string]string) {
		files[dictionary.FormsFile] = strings.Replace(files[dictionary.FormsFile], ",AE,", ",ae,", 1)
		for _, name := range []string{dictionary.QuestionsFile, dictionary.ChoicesFile} {
			files[name] = strings.NewReplacer("\nAE,", "\nae,").Replace(files[name])
		}
		files[dictionary.RulesFile] = strings.ReplaceAll(files[dictionary.RulesFile], ",AE,", ",ae,")
		files[dictionary.FormsFile] = strings.Replace(files[dictionary.FormsFile], ",LB,", ",LABS,", 1) // joined by its id
		for _, name := range []string{dictionary.QuestionsFile, dictionary.ChoicesFile} {
			files[name] = strings.ReplaceAll(files[name], "\nLB,", "\nLABS,")
		}
		files[dictionary.RulesFile] = strings.ReplaceAll(files[dictionary.RulesFile], ",LB,", ",LABS,")
		for name := range files {
			files[name] = strings.ReplaceAll(files[name], "AETERM", "AeTerm")
		}
		files[dictionary.FormsFile] += "99,NEW,Subject,New,New,,\n"
		files[dictionary.FormsFile] += "98,OLD,Subject,Retired Form,Retired Form,,\n"
		files[dictionary.QuestionsFile] += "VS,Text,VSOLD,Machine,90,Hard,,,\nNEW,Text,NEWTXT,Text,10,Optional,,,\nOLD,Text,OLDTXT,Old text,10,Optional,,,\n"
		files[dictionary.RulesFile] += designedRule("91", "VS", "<blank><question>VSOLD</question></blank>", refuses) +
			designedRule("92", "NEW", "<blank><question>NEWTXT</question></blank>", sets) + designedRule("93", "OLD", "<blank><question>OLDTXT</question></blank>", sets) +
			designedRule("94", "VS", "<gt><question>PULSE</question><value>123</value></gt>", "<open_query><query_field><question>VSOLD</question></query_field><query_text>Why?</query_text></open_query>")
	})
	trial := try(t, study, d, opts)
	require.Empty(t, trial.Refused)
	require.Empty(t, trial.Failed())
	tried, untried := map[string]bool{}, map[string]string{}
	for _, r := range trial.Results {
		tried[r.RuleID] = true
	}
	for _, u := range trial.Untried {
		untried[u.RuleID] = u.Why
	}
	require.Equal(t, expected, tried)
	require.Equal(t, "the study has no variable in use for VSOLD", untried["91"])
	require.Equal(t, "the test study has no such form", untried["92"])
	require.Equal(t, "the test study has disabled its form", untried["93"])
	require.Equal(t, "the study has no variable in use for what it queries or clears", untried["94"])
}
