package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// oneAnswer is what a consumer shows of a record's answer.
type oneAnswer struct {
	Text    string // "" for a missing one
	Unclear bool
}

// twinShell is a study with the variables AESER and aeser, and a record for each of the shared examples, all
// of subjects of their own.
func twinShell(t *testing.T) *shell {
	t.Helper()
	s, _ := twinStudy(t, func(e examples.Twin) string { return e.Object })
	return s
}

// twinStudy is that study with other answers, in a mirror.
func twinStudy(t *testing.T, answersOf func(examples.Twin) string) (*shell, *imednettest.Study) {
	t.Helper()
	dir := t.TempDir()
	rows := map[string][]string{
		"studies":   {`{"studyKey":"TWIN","studyId":1}`},
		"forms":     {`{"studyKey":"TWIN","formId":1,"formKey":"AE"}`},
		"sites":     {`{"studyKey":"TWIN","siteId":1,"siteName":"One"}`},
		"variables": {},
	}
	for i, name := range []string{"AESER", "aeser"} {
		rows["variables"] = append(rows["variables"], fmt.Sprintf(`{"studyKey":"TWIN","variableId":%d,"formId":1,"formKey":"AE","variableName":%q,"variableType":"TEXT"}`, i+1, name))
	}
	for i, e := range examples.Twins() {
		rows["subjects"] = append(rows["subjects"], fmt.Sprintf(`{"studyKey":"TWIN","subjectId":%d,"subjectKey":"S%d","siteId":1}`, i+1, i+1))
		rows["records"] = append(rows["records"], fmt.Sprintf(`{"studyKey":"TWIN","recordId":%d,"formId":1,"formKey":"AE","subjectId":%d,"subjectKey":"S%d","recordData":%s}`, i+1, i+1, i+1, answersOf(e)))
	}
	for resource, lines := range rows {
		require.NoError(t, os.WriteFile(filepath.Join(dir, resource+".ndjson"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	s.ok("sync", "TWIN")
	return s, study
}

// TestEveryConsumerGivesEachOfTwoVariablesItsOwnAnswer: whatever reads answers says the same of variables that
// differ only in case.
func TestEveryConsumerGivesEachOfTwoVariablesItsOwnAnswer(t *testing.T) {
	s := twinShell(t)
	want := map[string][2]oneAnswer{}
	for i, e := range examples.Twins() {
		want[number(i+1)] = [2]oneAnswer{{unquoted(e.Upper), e.UpperUnclear}, {unquoted(e.Lower), e.LowerUnclear}}
	}
	// A table leaves an unclear answer empty, and puts it among the rejects.
	cleared := map[string][2]oneAnswer{}
	for id, pair := range want {
		cleared[id] = [2]oneAnswer{{Text: pair[0].Text}, {Text: pair[1].Text}}
	}
	for name, consumer := range map[string]struct {
		read func(*shell) map[string][2]oneAnswer
		want map[string][2]oneAnswer
	}{
		"records list":    {(*shell).listedTwins, want},
		"who":             {(*shell).whoseTwins, want},
		"export parquet":  {exportedTwins("parquet", "forms"), cleared},
		"export csv":      {exportedTwins("csv", "forms"), cleared},
		"export ndjson":   {exportedTwins("ndjson", "forms"), cleared},
		"export wide":     {exportedTwins("parquet", "wide"), cleared},
		"export hive":     {exportedTwins("parquet", "hive"), cleared},
		"extract":         {(*shell).canonicalTwins, want},
		"changes":         {(*shell).changedTwins, want},
		"records extract": {(*shell).matchedTwins, cleared},
	} {
		require.Equal(t, consumer.want, consumer.read(s), name)
	}
	blank := [2][]string{}
	counted := [2]map[string]int{{}, {}}
	selected := [2]map[string][]string{{}, {}}
	for i := range examples.Twins() {
		for at, a := range want[number(i+1)] {
			switch {
			case a.Unclear:
				counted[at]["unclear"]++
			case a.Text == "":
				counted[at]["blank"]++
				blank[at] = append(blank[at], number(i+1))
			default:
				counted[at]["answered"]++
				selected[at][a.Text] = append(selected[at][a.Text], number(i+1))
			}
		}
	}
	for name, read := range map[string]func(*shell) [2]map[string]int{
		"report": (*shell).reportedTwins, "profile": (*shell).profiledTwins, "dictionary survey": (*shell).surveyedTwins,
	} {
		require.Equal(t, counted, read(s), name)
	}
	require.Equal(t, blank, s.checkedTwins())
	for at, name := range []string{"AESER", "aeser"} {
		for text, ids := range selected[at] {
			condition := name + "==" + text
			require.Equal(t, ids, cellsUnder(s.csv("records", "list", "TWIN", "--form", "AE", "--where", condition, "--columns", "record"), "record"), condition)
			s.ok("export", "TWIN", "--dir", condition, "--format", "ndjson", "--where", condition)
			require.Len(t, s.tableTwins(filepath.Join(s.dir, condition, "AE", "*.ndjson"), "read_json_auto"), len(ids), condition)
		}
	}
}

func unquoted(raw string) string {
	text, _ := answers.Unquote([]byte(raw), nil)
	if raw == "" || raw == "null" {
		return ""
	}
	return string(text)
}

func cellsUnder(rows []map[string]string, name string) (cells []string) {
	for _, row := range rows {
		cells = append(cells, row[name])
	}
	return cells
}

func (s *shell) listedTwins() map[string][2]oneAnswer {
	all := map[string][2]oneAnswer{}
	shown := func(text string) oneAnswer {
		if text == ambiguous {
			return oneAnswer{Unclear: true}
		}
		return oneAnswer{Text: text}
	}
	for _, row := range s.csv("records", "list", "TWIN", "--form", "AE", "--columns", "record,AESER,aeser") {
		all[row["record"]] = [2]oneAnswer{shown(row["AESER"]), shown(row["aeser"])}
	}
	return all
}

// whoseTwins reads the first state of an answer: where it is unclear, the keys as they are spelled.
func (s *shell) whoseTwins() map[string][2]oneAnswer {
	all := map[string][2]oneAnswer{}
	for i := range examples.Twins() {
		var pair [2]oneAnswer
		for at, name := range []string{"AESER", "aeser"} {
			for _, row := range s.csv("who", "TWIN", "--subject", fmt.Sprintf("S%d", i+1), "--form", "AE", "--variable", name, "--columns", "variable,new") {
				pair[at] = oneAnswer{Text: row["new"]}
				if row["variable"] != name {
					pair[at] = oneAnswer{Unclear: true}
				}
			}
		}
		all[number(i+1)] = pair
	}
	return all
}

// changedTwins enters the answers into empty records, key by key, and reads the changes: an unclear answer has
// only those of keys that are the name of no variable.
func (s *shell) changedTwins() map[string][2]oneAnswer {
	s, study := twinStudy(s.t, func(examples.Twin) string { return "{}" })
	all := map[string][2]oneAnswer{}
	for i, e := range examples.Twins() {
		all[number(i+1)] = [2]oneAnswer{}
		data, err := imednet.NewRecordData([]byte(e.Object))
		require.NoError(s.t, err)
		for key, v := range data.All() {
			require.NoError(s.t, study.EditRecord(int64(i+1), key, v.Raw()))
		}
	}
	s.ok("sync", "TWIN")
	for at, name := range []string{"AESER", "aeser"} {
		named := map[string]bool{}
		for _, row := range s.csv("changes", "TWIN", "--variable", name, "--columns", "id,variable,new") {
			require.NotEqual(s.t, []string{"aeser", "AESER"}[at], row["variable"], "an answer to the other variable")
			pair, id := all[row["id"]], row["id"]
			named[id] = named[id] || row["variable"] == name
			switch {
			case row["variable"] == name:
				pair[at] = oneAnswer{Text: row["new"]}
			case !named[id]:
				pair[at] = oneAnswer{Unclear: true}
			}
			all[id] = pair
		}
	}
	return all
}

// matchedTwins finds answers by conditions that cannot be sent, because of the quote: Y is greater than the
// bound, and N less.
func (s *shell) matchedTwins() map[string][2]oneAnswer {
	all := map[string][2]oneAnswer{}
	for i := range examples.Twins() {
		all[number(i+1)] = [2]oneAnswer{}
	}
	for at, name := range []string{"AESER", "aeser"} {
		for text, operator := range map[string]string{"Y": ">", "N": "<"} {
			for _, row := range s.csv("records", "extract", "TWIN", "--data-filter", name+operator+`N"`, "--columns", "record") {
				pair := all[row["record"]]
				pair[at].Text = text
				all[row["record"]] = pair
			}
		}
	}
	return all
}

func exportedTwins(format, layout string) func(*shell) map[string][2]oneAnswer {
	return func(s *shell) map[string][2]oneAnswer {
		dir := format + layout
		s.ok("export", "TWIN", "--dir", dir, "--format", format, "--layout", layout)
		reader := map[string]string{"parquet": "read_parquet", "csv": "read_csv_auto", "ndjson": "read_json_auto"}[format]
		var files string
		require.NoError(s.t, filepath.WalkDir(filepath.Join(s.dir, dir), func(path string, _ os.DirEntry, err error) error {
			if filepath.Ext(path) == "."+format && !strings.Contains(path, "reject") {
				files = path
			}
			return err
		}))
		return s.tableTwins(files, reader)
	}
}

// tableTwins reads the two columns of the variables in their order.
func (s *shell) tableTwins(files, reader string) map[string][2]oneAnswer {
	s.t.Helper()
	db, err := sql.Open("duckdb", "")
	require.NoError(s.t, err)
	defer db.Close()
	from := fmt.Sprintf(" FROM %s('%s')", reader, files)
	var names []string
	rows, err := db.QueryContext(s.t.Context(), "SELECT column_name FROM (DESCRIBE SELECT *"+from+")")
	require.NoError(s.t, err)
	for rows.Next() {
		var name string
		require.NoError(s.t, rows.Scan(&name))
		if strings.Contains(strings.ToLower(name), "aeser") {
			names = append(names, fmt.Sprintf(`coalesce("%s"::VARCHAR, '')`, name))
		}
	}
	require.NoError(s.t, rows.Err())
	require.Len(s.t, names, 2, files)
	rows, err = db.QueryContext(s.t.Context(), "SELECT recordId::VARCHAR, "+strings.Join(names, ", ")+from)
	require.NoError(s.t, err)
	all := map[string][2]oneAnswer{}
	for rows.Next() {
		var id string
		var pair [2]oneAnswer
		require.NoError(s.t, rows.Scan(&id, &pair[0].Text, &pair[1].Text))
		all[id] = pair
	}
	require.NoError(s.t, rows.Err())
	return all
}

// canonicalTwins extracts each variable by itself, because an unclear answer rejects the row.
func (s *shell) canonicalTwins() map[string][2]oneAnswer {
	all := map[string][2]oneAnswer{}
	for at, name := range []string{"AESER", "aeser"} {
		s.write("twin.json", fmt.Sprintf(`{"studyKey":"TWIN","version":"1","mappings":[{"domain":"ADSL","targetField":"SEX","sourceFormKey":"AE","sourceVariableName":%q}]}`, name))
		var result struct {
			ADSLRecords, ValidationErrors []struct {
				SubjectKey string
				Sex        string
			}
		}
		s.jsonInvalid(&result, "extract", "--configuration", "twin.json")
		for _, row := range result.ADSLRecords {
			pair := all[strings.TrimPrefix(row.SubjectKey, "S")]
			pair[at].Text = row.Sex
			all[strings.TrimPrefix(row.SubjectKey, "S")] = pair
		}
		for _, row := range result.ValidationErrors {
			pair := all[strings.TrimPrefix(row.SubjectKey, "S")]
			pair[at].Unclear = true
			all[strings.TrimPrefix(row.SubjectKey, "S")] = pair
		}
	}
	return all
}

func (s *shell) reportedTwins() (counts [2]map[string]int) {
	var report struct {
		Missing []struct {
			ByVariable []struct {
				Variable                 string
				Answered, Blank, Unclear int
			}
		}
	}
	s.json(&report, "report", "TWIN")
	require.Len(s.t, report.Missing, 1)
	for i, v := range report.Missing[0].ByVariable {
		require.Equal(s.t, []string{"AESER", "aeser"}[i], v.Variable)
		counts[i] = map[string]int{"answered": v.Answered, "blank": v.Blank, "unclear": v.Unclear}
	}
	return counts
}

func (s *shell) profiledTwins() (counts [2]map[string]int) {
	var profile struct {
		Forms []struct {
			Fields []struct {
				Variable  string
				Declared  bool
				Populated int
				Missing   map[string]int
			}
		}
	}
	text := s.ok("profile", "TWIN", "--json")
	require.NoError(s.t, json.Unmarshal([]byte(text), &profile))
	at := 0
	for _, f := range profile.Forms[0].Fields {
		if f.Variable != "AESER" && f.Variable != "aeser" {
			continue
		}
		counts[at] = map[string]int{"answered": f.Populated, "unclear": f.Missing["ambiguous"], "blank": 0}
		for reason, n := range f.Missing {
			if reason != "ambiguous" {
				counts[at]["blank"] += n
			}
		}
		at++
	}
	return counts
}

// twinDesign is an export with the questions AESER and aeser, and for each a rule that fires where it is blank.
func (s *shell) twinDesign() string {
	rule := func(question string) string {
		return "Form," + question + ",Active," + question + ",AE,10,<BusinessLogic><Conditions><blank><question>" + question +
			"</question></blank></Conditions><Actions><message><message>m</message></message></Actions></BusinessLogic>\n"
	}
	for name, text := range map[string]string{
		dictionary.FormsFile: "Form Key,Form Name\nAE,Event\n", dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field\nAE,Text,AESER,Hard\nAE,Text,aeser,Hard\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n", dictionary.RulesFile: "Type,Name,Status,ID,Form,Sequence,Logic\n" + rule("AESER") + rule("aeser"),
	} {
		s.write(filepath.Join("design", name), text)
	}
	return "design"
}

// checkedTwins are the records whose answers the rules find blank; an unclear one is undecided.
func (s *shell) checkedTwins() (blank [2][]string) {
	var check checkJSON
	s.json(&check, "dictionary", "check", "TWIN", "--dictionary", s.twinDesign())
	for _, b := range check.Breaches {
		at := map[string]int{"AESER": 0, "aeser": 1}[b.Outcome.RuleID]
		blank[at] = append(blank[at], number(b.RecordID))
	}
	return blank
}

func (s *shell) surveyedTwins() (counts [2]map[string]int) {
	var survey surveyJSON
	s.json(&survey, "dictionary", "survey", "TWIN", "--dictionary", s.twinDesign())
	for i, q := range survey.Forms[0].Questions {
		require.Equal(s.t, []string{"AESER", "aeser"}[i], q.Question)
		require.Equal(s.t, q.Empty, q.Missing)
		counts[i] = map[string]int{"answered": int(q.Answered), "blank": int(q.Empty), "unclear": int(q.Unclear)}
	}
	return counts
}
