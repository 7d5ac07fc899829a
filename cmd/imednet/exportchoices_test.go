package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// listed is a variable NAME:TYPE of form F with its choices TEXT=CODE.
type listed struct {
	variable string
	choices  []string
}

// choiceShell is a study OWN with records of a form F, and its design export in the directory design. The records of
// subject 2 are those whose answers come last; the last of all is deleted.
func choiceShell(t *testing.T, lists []listed, answers ...string) *shell {
	t.Helper()
	rows := map[string][]string{
		"studies": {`{"studyKey":"OWN","studyId":1}`}, "forms": {`{"studyKey":"OWN","formId":1,"formKey":"F"}`}, "sites": {`{"studyKey":"OWN","siteId":1,"siteName":"One"}`},
		"subjects": {`{"studyKey":"OWN","subjectId":1,"subjectKey":"S1","siteId":1}`, `{"studyKey":"OWN","subjectId":2,"subjectKey":"S2","siteId":1}`},
	}
	questions, choices := "Form,Variable Type,Variable Name\n", "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"
	for i, l := range lists {
		name, typ, _ := strings.Cut(l.variable, ":")
		rows["variables"] = append(rows["variables"], fmt.Sprintf(`{"studyKey":"OWN","variableId":%d,"formId":1,"formKey":"F","variableName":%q,"variableType":%q}`, i+1, name, typ))
		questions += "F,Radio," + name + "\n"
		for _, choice := range l.choices {
			text, code, _ := strings.Cut(choice, "=")
			choices += "F,Radio," + name + "," + text + "," + code + ",\n"
		}
	}
	for i, data := range answers {
		rows["records"] = append(rows["records"], fmt.Sprintf(`{"studyKey":"OWN","recordId":%d,"formId":1,"formKey":"F","siteId":1,"subjectId":%d,"subjectKey":"S%d","deleted":%t,"recordData":%s}`,
			i+1, 1+2*i/len(answers), 1+2*i/len(answers), i == len(answers)-1, data))
	}
	dir := t.TempDir()
	for resource, lines := range rows {
		require.NoError(t, os.WriteFile(filepath.Join(dir, resource+".ndjson"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	for name, text := range map[string]string{dictionary.FormsFile: "Form Key\nF\n", dictionary.QuestionsFile: questions, dictionary.ChoicesFile: choices, dictionary.RulesFile: "Type,Name\n"} {
		s.write("design/"+name, text)
	}
	return s
}

// shownCells exports with flags, and returns the cells of columns by record, the rejects as VARIABLE=VALUE: REASON, and
// what was warned of.
func (s *shell) shownCells(columns string, flags ...string) (cells, rejects []string, warned string) {
	s.t.Helper()
	dir := filepath.Join(s.t.TempDir(), "out")
	_, warned = s.run(exitOK, append([]string{"export", "OWN", "--dir", dir, "--format", "csv", "--no-formula-guard"}, flags...)...)
	files, err := filepath.Glob(filepath.Join(dir, "F", "*.csv"))
	require.NoError(s.t, err)
	require.Len(s.t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(s.t, err)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(s.t, err)
	for _, row := range rows[1:] {
		line := row[slices.Index(rows[0], "recordId")]
		for column := range strings.SplitSeq(columns, ",") {
			at := slices.Index(rows[0], column)
			require.NotEqual(s.t, -1, at, "%s in %v", column, rows[0])
			line += "," + row[at]
		}
		cells = append(cells, line)
	}
	text, _ = os.ReadFile(filepath.Join(dir, "_records_rejects.jsonl"))
	for line := range strings.Lines(string(text)) {
		var r struct{ Variable, Value, Reason string }
		require.NoError(s.t, json.Unmarshal([]byte(line), &r))
		rejects = append(rejects, r.Variable+"="+r.Value+": "+r.Reason)
	}
	return cells, rejects, warned
}

var severity = []listed{{"SEV:RADIO", []string{"Mild=1", "Severe=2"}}, {"T:RADIO", []string{"Other=7", "Other=9"}}}

// TestWhereSelectsAnswersAsTheyWereReceived: the dictionary changes what is shown, and not which records are.
func TestWhereSelectsAnswersAsTheyWereReceived(t *testing.T) {
	s := choiceShell(t, severity, `{"SEV":"1","T":"7"}`, `{"SEV":"Mild","T":"9"}`, `{"SEV":"2","T":"Other"}`, `{"SEV":"1","T":"7"}`)
	s.ok("sync", "OWN")
	for where, want := range map[string][]string{
		"SEV==1": {"1"}, "SEV==Mild": {"2"}, "SEV!=1": {"2", "3"}, "SEV==Severe": nil, "SEV=~^Mi": {"2"}, "T==7": {"1"}, "T==Other": {"3"}, "SEV is blank": nil,
	} {
		for _, shown := range [][]string{nil, {"--dictionary", "design"}, {"--dictionary", "design", "--choices", "code"}, {"--dictionary", "design", "--choices", "both", "--infer-types"}} {
			for _, from := range [][]string{nil, {"--cached"}} {
				cells, _, _ := s.shownCells("SEV", slices.Concat([]string{"--text", "--where", where}, shown, from)...)
				var ids []string
				for _, c := range cells {
					ids = append(ids, strings.Split(c, ",")[0])
				}
				require.Equal(t, want, ids, "%s %v %v", where, shown, from)
			}
		}
	}
	_, problem := s.run(exitNotFound, "export", "OWN", "--dir", "no", "--dictionary", "design", "--choices", "both", "--where", "SEV_CODE==1")
	require.Contains(t, problem, "SEV_CODE", "no record was received with a code")
	require.NoDirExists(t, filepath.Join(s.dir, "no"))
}

// TestOnlyAnswersOfTheExportAreCounted: a warning is about the rows that were written.
func TestOnlyAnswersOfTheExportAreCounted(t *testing.T) {
	s := choiceShell(t, severity, `{"SEV":"x","T":"7"}`, `{"SEV":"y","T":"9"}`, `{"SEV":"z","T":"9"}`, `{"SEV":"w","T":"7"}`)
	warning := func(sev, t int) string {
		return fmt.Sprintf("Warning: F.SEV: %d answers are not one choice of the dictionary and stay as they are\n"+
			"Warning: F.T: %d answers are choices that would be shown like others and stay as they are\n", sev, t)
	}
	for flags, want := range map[string]string{
		"": warning(3, 3), "--subject S2": warning(1, 1), "--include-deleted": warning(4, 4), "--where SEV==y": warning(1, 1), "--infer-types": warning(3, 3),
		"--extra-columns --site One": warning(3, 3), "--where SEV==none": "",
	} {
		_, _, warned := s.shownCells("SEV", append(strings.Fields(flags), "--dictionary", "design")...)
		require.Equal(t, want, warned, flags)
	}
}

// TestACodeIsThatOfTheAnswerBesideIt, and of no other key of the record.
func TestACodeIsThatOfTheAnswerBesideIt(t *testing.T) {
	s := choiceShell(t, severity[:1], `{"sev":"2","SEV":"1"}`, `{"SEV":"1","SEV_CODE":"junk"}`, `{"SEV_CODE":"2","SEV":"zz"}`, `{"sev_code":"2"}`, `{"SEV":"2","SEV":"1"}`, `{"sev":"1","Sev":"2"}`, `{}`)
	undeclared, several := "key that no variable of the form declares", "key that fits several variables, or several keys that fit one"
	for _, flags := range []string{"", "--infer-types", "--extra-columns"} {
		cells, rejects, _ := s.shownCells("SEV,SEV_CODE", append(strings.Fields(flags), "--dictionary", "design", "--choices", "both")...)
		require.Equal(t, []string{"1,Mild,1", "2,Mild,1", "3,zz,", "4,,", "5,Mild,1", "6,,"}, cells, flags)
		want := []string{"sev=2: " + undeclared, "SEV_CODE=junk: " + undeclared, "SEV_CODE=2: " + undeclared, "sev_code=2: " + undeclared,
			"SEV=2: key repeated later in the same record", "sev=1: " + several, "Sev=2: " + several}
		if flags == "--extra-columns" { // which have what was received, but for keys that are named as the codes are
			want = []string{want[1], want[2], want[3], want[4]}
		}
		require.Equal(t, want, rejects, flags)
	}
	cells, rejects, _ := s.shownCells("SEV,F.SEV_CODE#0#1", "--dictionary", "design", "--extra-columns")
	require.Equal(t, []string{"1,Mild,", "2,Mild,junk", "3,zz,2", "4,,", "5,Mild,", "6,,"}, cells, "of text the key is an undeclared one like any other")
	require.Equal(t, []string{"SEV=2: key repeated later in the same record"}, rejects)
}

// TestAListOverANumberIsTold: the column stays what the API says, with every answer.
func TestAListOverANumberIsTold(t *testing.T) {
	const differ = "The dictionary and the study differ: 1 other type; `imednet dictionary join` lists them\n"
	s := choiceShell(t, []listed{{"SIZE:NUMBER", []string{"small=1", "big=2"}}}, `{"SIZE":"1"}`, `{"SIZE":2}`, `{"SIZE":"3"}`, `{}`)
	for _, mode := range []string{"text", "both"} {
		cells, rejects, warned := s.shownCells("SIZE", "--dictionary", "design", "--choices", mode)
		require.Equal(t, []string{"1,1", "2,2", "3,3"}, cells, mode)
		require.Empty(t, rejects)
		require.Equal(t, differ+"Warning: F.SIZE type: NUMBER in the API, Radio in the dictionary; its answers stay as they are, because the type cannot hold what its choices are shown as\n", warned)
	}
	cells, _, warned := s.shownCells("SIZE", "--dictionary", "design", "--choices", "code")
	require.Equal(t, []string{"1,1", "2,2", "3,3"}, cells)
	require.Equal(t, differ+"Warning: F.SIZE: 1 answers are not one choice of the dictionary and stay as they are\n", warned)
}

// TestAPlanIsOfOneWayToShowAnswers: columns that were made for texts hold no codes, and are no codes.
func TestAPlanIsOfOneWayToShowAnswers(t *testing.T) {
	s := choiceShell(t, severity, `{"SEV":"1","T":"7"}`, `{"SEV":"2","T":"9"}`, `{}`)
	ways := map[string][]string{"they were received": nil, "text": {"--dictionary", "design"}, "code": {"--dictionary", "design", "--choices", "code"}, "text and code": {"--dictionary", "design", "--choices", "both"}}
	for made, flags := range ways {
		s.ok(append([]string{"export", "OWN", "--dir", made}, flags...)...)
	}
	for made := range ways {
		for used, flags := range ways {
			args := slices.Concat([]string{"export", "OWN", "--dir", "again", "--plan", filepath.Join(made, "_records_manifest.json")}, flags)
			if made == used {
				s.ok(args...)
				continue
			}
			_, problem := s.run(exitUsage, args...)
			require.Contains(t, problem, "--plan was made for answers shown as "+made+", and these are shown as "+used+": name the --dictionary and --choices of that export, or leave out --plan")
		}
	}
	s.write("design/"+dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,T,Other,7,\nF,Radio,SEV,Mild,,\n")
	s.ok("export", "OWN", "--dir", "again", "--plan", filepath.Join("text", "_records_manifest.json"), "--dictionary", "design")
	_, problem := s.run(exitUsage, append([]string{"export", "OWN", "--dir", "again", "--plan", filepath.Join("text and code", "_records_manifest.json")}, ways["text and code"]...)...)
	require.Contains(t, problem, "--plan was made with other lists of choices, such as that of F.SEV_CODE")
	s.write("design/"+dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,T,Other,7,\n")
	_, problem = s.run(exitUsage, "export", "OWN", "--dir", "again", "--plan", filepath.Join("text", "_records_manifest.json"), "--dictionary", "design")
	require.Contains(t, problem, "such as that of F.SEV: ")
}
