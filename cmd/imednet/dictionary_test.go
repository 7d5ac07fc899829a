package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// writeExport writes an export of the demo study's forms: what the API says, a choice list and a rule.
func writeExport(s *shell, dir, study string) {
	s.t.Helper()
	var forms []struct {
		Form struct {
			FormKey, FormName string
			FormID            int64
		}
		Variables []struct{ VariableName, VariableType, Label string }
	}
	var design struct {
		Forms *[]struct {
			Form struct {
				FormKey, FormName string
				FormID            int64
			}
			Variables []struct{ VariableName, VariableType, Label string }
		}
	}
	design.Forms = &forms
	s.json(&design, "structure", "show", study)
	cell := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	formRows, questionRows := "Form ID,Form Key,Form Type,Form Name\n", "Form,Variable Type,Variable Name,Label,Sequence,Required Field\n"
	for _, f := range forms {
		formRows += fmt.Sprintf("%d,%s,Patient,%s\n", f.Form.FormID, f.Form.FormKey, cell(f.Form.FormName))
		for i, v := range f.Variables {
			questionRows += fmt.Sprintf("%s,%s,%s,%s,%d,Soft\n", f.Form.FormKey, v.VariableType, v.VariableName, cell(v.Label), 10*(i+1))
		}
	}
	rule := "<BusinessLogic><Conditions><blank><question>AETERM</question></blank></Conditions><Actions><open_query><query_field><question>AETERM</question></query_field></open_query></Actions></BusinessLogic>"
	require.NoError(s.t, os.MkdirAll(filepath.Join(s.dir, dir), 0o700))
	for name, text := range map[string]string{
		dictionary.FormsFile: formRows, dictionary.QuestionsFile: questionRows,
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,RADIO,AESEV,Mild,1,1\n",
		dictionary.RulesFile:   "Type,Name,Status,ID,Form,Sequence,Logic\nForm,No term,Active,7,AE,10,\"" + rule + "\"\n",
	} {
		require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, dir, name), []byte(text), 0o600))
	}
}

func TestDictionary(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	require.Contains(t, s.ok("dictionary", "list", "export", "--form", "AE"), "1=Mild")
	var rows []codebookRow
	s.json(&rows, "dictionary", "list", "export")
	require.NotEmpty(t, rows)
	require.Contains(t, s.ok("dictionary", "validate", "export"), "1 choices, 1 rules")
	var findings []dictionary.Finding
	s.json(&findings, "dictionary", "validate", "export")
	require.Contains(t, s.ok("dictionary", "read", "export"), `"key": "AE"`)
	s.json(new(any), "dictionary", "read", "export", "--toolkit", "--study", "DEMO")

	require.Equal(t, string(dictionary.ToolkitSchema()), s.ok("dictionary", "schema"))

	toolkit := s.ok("dictionary", "read", "export", "--toolkit", "--study", "DEMO")
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "toolkit.json"), []byte(toolkit), 0o600))
	require.Equal(t, toolkit, s.ok("dictionary", "read", "toolkit.json", "--toolkit"), "a document that is read is written as it was")
	require.Equal(t, "No changes.\n", s.ok("dictionary", "diff", "export", "export"))
	require.NotContains(t, s.ok("dictionary", "diff", "export", "toolkit.json"), "questions[AESEV].choices")

	rules := filepath.Join(s.dir, "export", dictionary.RulesFile)
	text, err := os.ReadFile(rules)
	require.NoError(t, err)
	writeExport(s, "later", "DEMO")
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "later", dictionary.RulesFile), []byte(strings.Replace(string(text), "Active", "Disabled", 1)), 0o600))
	require.Equal(t, "modified (extending) rules[7].status: Active → Disabled\n", s.ok("dictionary", "diff", "export", "later"))
	var changes []dictionary.Change
	s.json(&changes, "dictionary", "diff", "export", "later")
	require.Len(t, changes, 1)
	s.run(exitDiffers, "dictionary", "diff", "export", "later", "--exit-code")
	require.Contains(t, s.ok("dictionary", "diff", "export", "later", "--format", "html"), "<table>")
	require.Contains(t, s.ok("dictionary", "diff", "export", "later", "--format", "md"), "| modified | extending |")

	require.Contains(t, s.ok("dictionary", "uat", "export"), "0 with different results; 0 checks not covered")
	var tried dictionary.Acceptance
	s.json(&tried, "dictionary", "uat", "export", "--against", "toolkit.json")
	require.Zero(t, tried.Failed)
	require.Empty(t, tried.Differences)
	require.NotEmpty(t, tried.Cases)
	out, _ := s.run(exitInvalid, "dictionary", "uat", "export", "--against", "later")
	require.Regexp(t, `(?m)^7 +AE +missing +open_query\(`, out, "a check that is disabled does nothing")
}

func TestDictionaryOverAStudy(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	var checked checkJSON
	s.json(&checked, "dictionary", "check", "DEMO", "--dictionary", "export")
	require.Equal(t, checked.Report.Evaluated, checked.Report.Acting+checked.Report.Quiet+checked.Report.Undecided)
	require.Len(t, checked.Breaches, int(checked.Report.Acting))
	require.Contains(t, s.ok("dictionary", "check", "DEMO", "--dictionary", "export"), fmt.Sprintf("%d act", checked.Report.Acting))
	var survey surveyJSON
	s.json(&survey, "dictionary", "survey", "DEMO", "--dictionary", "export")
	require.Empty(t, survey.OnlyInAPI)
	require.Contains(t, s.ok("dictionary", "survey", "DEMO", "--dictionary", "export"), "answers missing")

	s.write("none.json", `{"studyKey": "DEMO", "mappings": []}`)
	for _, args := range [][]string{{"dictionary", "check", "DEMO"}, {"dictionary", "survey", "DEMO"}, {"export", "DEMO", "--dir", "never"}, {"profile", "DEMO"}} {
		out, problem := s.run(exitInvalid, append(args, "--dictionary", "none.json")...)
		require.Empty(t, out, args)
		require.Contains(t, problem, "the dictionary has no forms", args)
	}
	other := filepath.Join(s.dir, "other")
	writeExport(s, "other", "DEMO")
	require.NoError(t, os.WriteFile(filepath.Join(other, dictionary.FormsFile), []byte("Form Key\nX1\nX2\nX3\nX4\nX5\nX6\nX7\nX8\nX9\nY1\nY2\nY3\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(other, dictionary.QuestionsFile), []byte("Form,Variable Name\n"), 0o600))
	_, problem := s.run(exitInvalid, "dictionary", "check", "DEMO", "--dictionary", "other")
	require.Contains(t, problem, "the dictionary belongs to another study")
	require.NoError(t, os.Remove(filepath.Join(other, dictionary.RulesFile)))
	_, problem = s.run(exitInvalid, "dictionary", "read", "other")
	require.Contains(t, problem, "BUSINESS_LOGIC.csv: the export has no such file")
}

// Checks about the subject's other records are evaluated on those of the study, and those about the user if the role is
// given.
func TestChecksBeyondTheRecord(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	exported, err := os.ReadFile(filepath.Join(s.dir, "export", dictionary.FormsFile))
	require.NoError(t, err)
	name := ""
	for _, line := range strings.Split(string(exported), "\n") {
		if cells := strings.Split(line, ","); len(cells) == 4 && cells[1] == "AE" {
			name = strings.Trim(cells[3], `"`)
		}
	}
	rule := func(id, condition string) string {
		return "Form,Rule,Active," + id + `,AE,10,"<BusinessLogic><Conditions>` + condition + `</Conditions><Actions><message><message>m</message><error_field>AETERM</error_field></message></Actions></BusinessLogic>"` + "\n"
	}
	s.write("export/"+dictionary.RulesFile, "Type,Name,Status,ID,Form,Sequence,Logic\n"+
		rule("1", "<equals><number_of_child_log_records><form>"+name+"</form></number_of_child_log_records><value>0</value></equals>")+
		rule("2", "<equals><user_role/><value>Monitor</value></equals>"))
	var checked checkJSON
	s.json(&checked, "dictionary", "check", "DEMO", "--dictionary", "export")
	require.NotZero(t, checked.Report.Evaluated)
	require.Equal(t, checked.Report.Evaluated, 2*checked.Report.Acting, "no event has children")
	require.Equal(t, map[string]int64{"2: user_role needs the role of the user": checked.Report.Evaluated / 2}, checked.Report.Reasons)
	s.json(&checked, "dictionary", "check", "DEMO", "--dictionary", "export", "--role", "Monitor")
	require.Equal(t, checked.Report.Evaluated, checked.Report.Acting)
	checked = checkJSON{}
	s.json(&checked, "dictionary", "check", "DEMO", "--dictionary", "export", "--role", "Investigator")
	require.Equal(t, checked.Report.Evaluated, checked.Report.Acting+checked.Report.Quiet)
	require.Equal(t, checked.Report.Acting, checked.Report.Quiet)
}

// A profile has what a survey counts, field by field.
func TestProfileByDictionary(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	var survey surveyJSON
	s.json(&survey, "dictionary", "survey", "DEMO", "--dictionary", "export")
	var profile, plain profiles.StudyProfile
	s.json(&profile, "profile", "DEMO", "--dictionary", "export")
	s.json(&plain, "profile", "DEMO")
	compared := 0
	for _, f := range survey.Forms {
		form, ok := profile.Form(f.Form)
		require.True(t, ok, f.Form)
		for _, q := range f.Questions {
			field, ok := form.Field(q.Question)
			require.True(t, ok, q.Question)
			require.NotNil(t, field.Design, q.Question)
			require.Equal(t, "Soft", field.Design.Required)
			require.Equal(t, []int64{q.Missing, q.Excused, q.Undecided, q.Unlisted}, []int64{field.Design.Missing, field.Design.Excused, field.Design.Undecided, field.Design.Outside}, q.Question)
			if q.Question == "AESEV" {
				require.Equal(t, []string{"Mild"}, field.Design.Choices)
				require.NotZero(t, field.Design.Outside)
			}
			compared++
		}
	}
	require.NotZero(t, compared)
	for _, form := range plain.Forms {
		for _, field := range form.Fields {
			require.Nil(t, field.Design)
		}
	}
	require.Contains(t, s.ok("profile", "DEMO", "--dictionary", "export"), "REQUIRED")
	require.Contains(t, s.ok("profile", "DEMO", "--dictionary", "export", "--html"), "required: Soft")
}
