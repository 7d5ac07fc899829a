package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	lists "github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/rest"
)

// TestRecordsListShowsTheAnswers compares the list with the API's own rows.
func TestRecordsListShowsTheAnswers(t *testing.T) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(demoURL))
	require.NoError(t, err)
	all, err := lists.Collect(client.Records(t.Context(), "DEMO", imednet.ListOptions{}))
	require.NoError(t, err)
	want := map[string]imednet.Record{}
	severe, deleted := 0, 0
	for _, r := range all {
		if v, _ := r.RecordData.Lookup("AESEV"); r.FormKey.Or("") == "AE" && r.IsDeleted() && v.Text() == "Severe" {
			deleted++
		}
		if r.FormKey.Or("") == "AE" && !r.IsDeleted() {
			want[number(r.RecordID)] = r
			if v, _ := r.RecordData.Lookup("AESEV"); v.Text() == "Severe" {
				severe++
			}
		}
	}
	require.NotEmpty(t, want)

	s := newShell(t)
	rows, err := csv.NewReader(strings.NewReader(s.ok("records", "list", "DEMO", "--form", "AE", "--columns", "record,subject,AETERM,AESEV", "--format", "csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(want)+1)
	for _, row := range rows[1:] {
		r, ok := want[row[0]]
		require.True(t, ok, row[0])
		term, _ := r.RecordData.Lookup("AETERM")
		severity, _ := r.RecordData.Lookup("AESEV")
		require.Equal(t, []string{r.SubjectKey.Or(""), term.Text(), severity.Text()}, row[1:])
	}
	require.Contains(t, s.ok("records", "list", "DEMO", "--form", "AE", "--where", "AESEV==Severe"), fmt.Sprintf("%d records; %d deleted ones left out\n", severe, deleted))
	require.NotZero(t, deleted)
	require.Contains(t, s.ok("records", "list", "DEMO", "--form", "AE", "--where", "AESEV==Severe", "--include-deleted"), number(severe+deleted)+" records\n")
	filter := []string{"records", "list", "DEMO", "--form", "AE", "--where", "AESEV==Severe"}
	for _, format := range [][]string{{"--format", "csv"}, {"--format", "ndjson"}, {"--format", "json"}, {"--format", "vertical"}, {"--json"}} {
		out, note := s.run(exitOK, append(filter, format...)...)
		require.Equal(t, fmt.Sprintf("%d deleted records left out; --include-deleted lists them\n", deleted), note, format)
		require.NotContains(t, out, "left out", format)
		_, note = s.run(exitOK, append(append(filter, "--include-deleted"), format...)...)
		require.Empty(t, note, format)
	}
	require.Contains(t, s.ok("records", "list", "DEMO", "--form", "AE", "--labels", "--format", "csv", "--columns", "AETERM"), "\n")
	require.NotContains(t, strings.SplitN(s.ok("records", "list", "DEMO", "--form", "AE", "--labels", "--format", "csv", "--columns", "AETERM"), "\n", 2)[0], "AETERM")
}

func TestNamesThatAreNotThereAreSuggested(t *testing.T) {
	s := newShell(t)
	for _, c := range []struct {
		args []string
		hint string
	}{
		{[]string{"records", "list", "DEMO", "--form", "AEE"}, "did you mean AE?"},
		{[]string{"records", "list", "DEMO", "--form", "ae"}, "did you mean AE?"},
		{[]string{"records", "list", "DEMO", "--form", "AE", "--site", "site 1"}, "did you mean Site 0"},
		{[]string{"records", "list", "DEMO", "--form", "AE", "--where", "AESEVV==x"}, "did you mean AESEV"},
		{[]string{"records", "list", "DEMO", "--form", "AE", "--where", "AESEVV is blank"}, "did you mean AESEV"},
		{[]string{"records", "list", "DEMO", "--form", "AE", "--where", "SEX!=M"}, "SEX: there is no such variable"},
		{[]string{"records", "extract", "DEMO", "--data-filter", "AESEVV is blank"}, "did you mean AESEV"},
		{[]string{"records", "extract", "DEMO", "--data-filter", "AESEVV=x", "--json"}, "did you mean AESEV"},
		{[]string{"records", "extract", "DEMO", "--record-filter", "formKey=AE", "--data-filter", "SEX is not blank"}, "SEX: there is no such variable"},
		{[]string{"workflows", "extract-records", "DEMO", "--data-filter", "AESEVV!=x"}, "did you mean AESEV"},
		{[]string{"export", "DEMO", "--dir", "never", "--where", "AESEVV!=x"}, "did you mean AESEV"},
		{[]string{"export", "DEMO", "--dir", "never", "--where", "AESEVV is blank", "--layout", "wide"}, "did you mean AESEV"},
		{[]string{"export", "DEMO", "--dir", "never", "--forms", "VX"}, "did you mean VS?"},
		{[]string{"export", "DEMO", "--dir", "never", "--forms", "AE", "--where", "SEX=M"}, "SEX: there is no such variable"},
		{[]string{"export", "DEMO", "--dir", "never", "--variables", "AE.AESEVV"}, "did you mean AE.AESEV"},
	} {
		_, problem := s.run(exitNotFound, c.args...)
		require.Contains(t, problem, c.hint, c.args)
	}
	require.NoDirExists(t, filepath.Join(s.dir, "never"))
	for wrong, right := range map[string]string{"queris": "queries", "expotr": "export", "dictionnary": "dictionary"} {
		_, problem := s.run(exitUsage, wrong)
		require.Contains(t, problem, "did you mean "+right+"?")
	}
	_, problem := s.run(exitUsage, "queries", "lst", "DEMO")
	require.Contains(t, problem, "did you mean list?")
}

// A text that is no Unicode, which an export rejects, is shown as such by every command, never with another
// character in its place.
func TestNoCommandShowsAReplacedCharacter(t *testing.T) {
	d := newDesk(t)
	id := d.study.RecordIDs()[0]
	r, _ := d.study.Record(id)
	form, subject := r.FormKey.Or(""), r.SubjectKey.Or("")
	d.ok("sync", "OWN")
	for _, name := range []string{"DMNOTE", "UNDECLARED"} {
		require.NoError(t, d.study.EditRecord(id, name, jsontext.Value(`"x\ud800"`)))
	}
	d.ok("sync", "OWN")
	for _, args := range [][]string{
		{"records", "list", "OWN", "--form", form}, {"records", "list", "OWN", "--form", form, "--cached", "--format", "csv"},
		{"records", "list", "OWN", "--form", form, "--cached", "--format", "json"}, {"subject", "OWN", subject}, {"subject", "OWN", subject, "--cached"},
		{"changes", "OWN", "--form", form}, {"who", "OWN", "--subject", subject, "--form", form, "--variable", "DMNOTE"},
	} {
		out := d.ok(args...)
		require.NotContains(t, out, "\ufffd", "%v", args)
		require.NotContains(t, out, `\ufffd`, "%v", args)
		require.Contains(t, out, shown.NotUnicode, "%v", args)
	}
}

// TestRecordsListComparesDecimals: the bound of a condition is a number as the answers are.
func TestRecordsListComparesDecimals(t *testing.T) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(demoURL))
	require.NoError(t, err)
	variables, err := lists.Collect(client.Variables(t.Context(), "DEMO", imednet.ListOptions{}))
	require.NoError(t, err)
	s, compared := newShell(t), 0
	for _, v := range variables {
		if !v.Kind().IsNumber() || v.FormKey.Or("") != "VS" {
			continue
		}
		form, name := v.FormKey.Or(""), v.VariableName.Or("")
		for _, bound := range []string{"9.5", "99.5", "-0.5", "1e2"} {
			want := []string{}
			for r, err := range client.Records(t.Context(), "DEMO", imednet.ListOptions{}) {
				require.NoError(t, err)
				answer, _ := r.RecordData.Lookup(name)
				if n, ok := answer.Number(); ok && r.FormKey.Or("") == form && !r.IsDeleted() && n.Compare(decimal(bound)) > 0 {
					want = append(want, number(r.RecordID))
				}
			}
			got := []string{}
			for _, row := range s.csv("records", "list", "DEMO", "--form", form, "--columns", "record", "--where", name+">"+bound) {
				got = append(got, row["record"])
			}
			require.Equal(t, want, got, name+">"+bound)
			compared += len(got)
		}
	}
	require.NotZero(t, compared)

	found := s.csv("records", "list", "DEMO", "--form", "VS", "--columns", "record,TEMP", "--where", "TEMP=~37")
	require.NotEmpty(t, found, "an expression of digits is text")
	for _, row := range found {
		require.Contains(t, row["TEMP"], "37")
	}
	for _, args := range [][]string{{"records", "list", "DEMO", "--form", "VS"}, {"export", "DEMO", "--dir", t.TempDir()}} {
		_, problem := s.run(exitInvalid, append(args, "--where", "TEMP=~(")...)
		require.Contains(t, problem, "TEMP: the value is no regular expression")
	}
}

// TestARangeOfAnswers: a variable can have two bounds, on the server and out of the mirror.
func TestARangeOfAnswers(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	list := func(flags ...string) []map[string]string {
		return s.csv(append([]string{"records", "list", "DEMO", "--form", "DM", "--columns", "record,AGE"}, flags...)...)
	}
	var want []map[string]string
	for _, row := range list() {
		if age, err := strconv.ParseFloat(row["AGE"], 64); err == nil && age >= 40 && age < 60 {
			want = append(want, row)
		}
	}
	require.NotEmpty(t, want)
	require.Equal(t, want, list("--where", "AGE>=40", "--where", "AGE<60"))
	require.Equal(t, want, list("--where", "AGE>=40", "--where", "AGE<60", "--cached"))
}

// TestOperatorsOfOtherLanguages are refused: they would compare with a text that begins with a sign.
func TestOperatorsOfOtherLanguages(t *testing.T) {
	for arg, meant := range map[string]string{"A<>1": "!=", "A=>1": ">=", "A=<1": "<=", "A=!1": "!="} {
		_, err := parseDataFilter([]string{arg}, false)
		require.ErrorContains(t, err, "Did you mean "+meant+"?", arg)
	}
	for arg, want := range map[string]imednet.Filter{
		"A==>1": imednet.Where("A", imednet.Equal, ">1"), "A===1": imednet.Where("A", imednet.Equal, "=1"),
		"A<=1": imednet.Where("A", imednet.LessOrEqual, int64(1)), "A=~>": imednet.Where("A", imednet.Contains, ">"),
	} {
		filter, err := parseDataFilter([]string{arg}, false)
		require.NoError(t, err, arg)
		require.Equal(t, want, filter, arg)
	}
}

// TestConditionsOnNoValue: records without an answer can be asked for, and those with one.
func TestConditionsOnNoValue(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	list := func(flags ...string) []map[string]string {
		return s.csv(append([]string{"records", "list", "DEMO", "--form", "AE", "--columns", "record,AESER"}, flags...)...)
	}
	var blank, answered []map[string]string
	for _, row := range list() {
		if strings.TrimSpace(row["AESER"]) == "" {
			blank = append(blank, row)
		} else {
			answered = append(answered, row)
		}
	}
	require.NotEmpty(t, blank)
	require.NotEmpty(t, answered)
	for _, from := range [][]string{nil, {"--cached"}} {
		require.Equal(t, blank, list(append(from, "--where", "AESER is blank")...))
		require.Equal(t, answered, list(append(from, "--where", "AESER is not blank")...))
	}
	extracted := s.csv("records", "extract", "DEMO", "--include-deleted", "--record-filter", "subjectKey is blank", "--columns", "record,subject")
	require.NotEmpty(t, extracted)
	for _, row := range extracted {
		require.Empty(t, row["subject"])
	}
}

// TestAValueInQuotes is refused, for it would be compared with its quotes; --text takes it as it stands.
func TestAValueInQuotes(t *testing.T) {
	for arg, meant := range map[string]string{
		`A=="x"`: "A==x", `A == "x" `: "A==x", `A!='x y'`: "A!=x y", `A==""`: "A is blank", `A!=' '`: "A is not blank", `A=~"x"`: "A=~x",
	} {
		for _, parse := range []func([]string, bool) (imednet.Filter, error){parseFilter, parseDataFilter} {
			_, err := parse([]string{arg}, false)
			require.ErrorContains(t, err, "Did you mean '"+meant+"'?", arg)
			_, err = parse([]string{arg}, true)
			require.NoError(t, err, arg)
		}
	}
	for arg, value := range map[string]string{`A=="x`: `"x`, `A==O'Neil`: "O'Neil", `A=="`: `"`, `A=="x'`: `"x'`} {
		filter, err := parseDataFilter([]string{arg}, false)
		require.NoError(t, err, arg)
		require.Equal(t, imednet.Where("A", imednet.Equal, value), filter, arg)
	}
}

// TestConditionsInWords: what asks for no value has no operator, and names that are text are never numbers.
func TestConditionsInWords(t *testing.T) {
	for arg, want := range map[string]imednet.Filter{
		"record_status is blank": imednet.Where("recordStatus", imednet.Equal, imednet.NoValue{}),
		"siteId is not blank":    imednet.Where("siteId", imednet.NotEqual, imednet.NoValue{}),
		"siteId IS BLANK":        imednet.Where("siteId", imednet.Equal, imednet.NoValue{}),
		"siteId Is Not  Blank ":  imednet.Where("siteId", imednet.NotEqual, imednet.NoValue{}),
		" siteId\tis blank \t":   imednet.Where("siteId", imednet.Equal, imednet.NoValue{}),
		"is is blank":            imednet.Where("is", imednet.Equal, imednet.NoValue{}),
		"A== is blank":           imednet.Where("A", imednet.Equal, " is blank"),
		"subjectKey=007":         imednet.Where("subjectKey", imednet.Equal, "007"),
		"annotationType=007":     imednet.Where("annotationType", imednet.Equal, "007"),
		"recordStatus!=07":       imednet.Where("recordStatus", imednet.NotEqual, "07"),
		"deleted=true":           imednet.Where("deleted", imednet.Equal, true),
		"siteName!=true":         imednet.Where("siteName", imednet.NotEqual, "true"),
		"siteId=007":             imednet.Where("siteId", imednet.Equal, int64(7)),
	} {
		filter, err := parseFilter([]string{arg}, false)
		require.NoError(t, err, arg)
		require.Equal(t, want, filter, arg)
	}
	for _, arg := range []string{" is blank", "is blank", "is not blank", "A isblank", "A is", "Ais blank", "A is blank x"} {
		_, err := parseFilter([]string{arg}, false)
		require.Error(t, err, arg)
	}
}

// TestVariablesCalledAsAColumnOfTheRecord: no column of a list is there twice, and both can be chosen.
func TestVariablesCalledAsAColumnOfTheRecord(t *testing.T) {
	var variables []imednet.Variable
	for i, name := range []string{"status", "STATUS", "SYS", "SYS", "site", "VS.site"} {
		variables = append(variables, studytest.Variable(int64(i+1), name, "TEXT", "VS", imednet.Some(int64(1))))
	}
	form, _ := imednet.NewFormIndex([]imednet.Form{studytest.Form(1, "VS")}, variables).Of(1, "")
	columns := recordColumns(form, nil, false)
	require.Equal(t, []string{"record", "subject", "site", "visitId", "status", "deleted", "VS.status", "STATUS", "SYS", "VS.VS.site", "VS.site"}, names(columns))
	data, err := imednet.NewRecordData([]byte(`{"status":"a","STATUS":"b","SYS":"120","site":"c","VS.site":"d"}`))
	require.NoError(t, err)
	record := imednet.Record{RecordStatus: imednet.Some("Complete"), RecordData: data}
	chosen, err := choose(columns, []string{"status", "VS.status", "STATUS", "sys", "vs.vs.site", "vs.site"})
	require.NoError(t, err)
	var values []any
	for _, c := range chosen {
		values = append(values, c.value(record))
	}
	require.Equal(t, []any{"Complete", "a", "b", "120", "c", "d"}, values)

	_, err = choose(columns, []string{"Status"})
	require.ErrorContains(t, err, `there is no column "Status"`, "it is two in other cases")
	var usage *usageError
	require.ErrorAs(t, err, &usage)
	require.Equal(t, "did you mean STATUS or status?", usage.hint)
}

// TestEveryTitleIsDistinct: a variable that is called as a column of the record, or as another variable, by its name or
// its label, has a title of its own.
func TestEveryTitleIsDistinct(t *testing.T) {
	var variables []imednet.Variable
	for i, v := range [][2]string{{"STATUS", "Status"}, {"RECORD", "Record"}, {"Site", "SITE"}, {"VS.STATUS", "Status of it"}, {"SEV", "Severity"}, {"SEV2", " severity "},
		{"SEV3", "Severity (SEV)"}, {"BLANK", " "}, {"LINES", "two\n lines"}, {"aeser", "a"}, {"AESER", "b"}} {
		variable := studytest.Variable(int64(i+1), v[0], "TEXT", "VS", imednet.Some(int64(1)))
		variable.Label = imednet.Some(v[1])
		variables = append(variables, variable)
	}
	form, _ := imednet.NewFormIndex([]imednet.Form{studytest.Form(1, "VS")}, variables).Of(1, "")
	own := []string{"RECORD", "SUBJECT", "SITE", "VISIT", "STATUS", "DELETED"}
	require.Equal(t, append(slices.Clone(own), "VS.VS.STATUS", "VS.RECORD", "VS.Site", "VS.STATUS", "SEV", "SEV2", "SEV3", "BLANK", "LINES", "aeser", "AESER"),
		titles(recordColumns(form, nil, false)))
	require.Equal(t, append(slices.Clone(own), "Status (STATUS)", "Record (RECORD)", "SITE (Site)", "Status of it", "Severity (SEV) (SEV)", "severity (SEV2)", "Severity (SEV)", "BLANK", "two lines", "a", "b"),
		titles(recordColumns(form, nil, true)))
}

// TestAmbiguousAnswersAreToldOf by every command that selects by answers, and selected by no condition on no value.
func TestAmbiguousAnswersAreToldOf(t *testing.T) {
	d := newDesk(t)
	odd, err := imednet.NewRecordData([]byte(`{"AETERM":"odd","aeser":"Yes","Aeser":"No"}`))
	require.NoError(t, err)
	for _, id := range d.study.RecordIDs() {
		if r, _ := d.study.Record(id); r.FormKey.Or("") == "AE" && !r.IsDeleted() {
			r.RecordData = odd
			d.study.InsertRecord(r)
			d.study.InsertRecord(r)
			break
		}
	}
	const said = "2 records left out because an answer is ambiguous"
	d.ok("sync", "OWN")
	for _, from := range [][]string{nil, {"--cached"}} {
		for _, condition := range []string{"AESER is blank", "AESER is not blank", "AESER==Yes"} {
			for _, format := range []string{"table", "csv", "ndjson", "json"} {
				out, problem := d.run(exitOK, append([]string{"records", "list", "OWN", "--form", "AE", "--where", condition, "--format", format}, from...)...)
				require.NotContains(t, out, "odd")
				require.Contains(t, problem, said)
			}
			dir := filepath.Join("out", strconv.Itoa(len(from)), condition)
			require.Contains(t, d.ok(append([]string{"export", "OWN", "--dir", dir, "--format", "csv", "--forms", "AE", "--where", condition}, from...)...), "2 of those not selected have an ambiguous answer")
		}
		for _, condition := range []string{"AESER is blank", "AESER is not blank"} {
			out, problem := d.run(exitOK, append([]string{"records", "extract", "OWN", "--record-filter", "formKey=AE", "--data-filter", condition, "--json"}, from...)...)
			require.NotContains(t, out, "odd")
			require.Contains(t, problem, said)
		}
		out, problem := d.run(exitOK, append([]string{"records", "list", "OWN", "--form", "AE", "--where", "AESER!=Yes", "--format", "csv"}, from...)...)
		require.Equal(t, 2, strings.Count(out, ambiguous))
		require.NotContains(t, problem, "ambiguous")
	}
}
