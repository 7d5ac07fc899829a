package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/pipeline"
)

// demoConfiguration puts the demo's configuration where a command finds it.
func (s *shell) demoConfiguration() {
	s.t.Helper()
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(s.t, err)
	s.write("demo.json", string(configuration))
}

// invalid runs a command line that finds something wrong and returns what it wrote.
func (s *shell) invalid(args ...string) string {
	s.t.Helper()
	out, problem := s.run(exitInvalid, args...)
	require.Contains(s.t, problem, "rows were rejected")
	return out
}

func (s *shell) jsonInvalid(v any, args ...string) {
	s.t.Helper()
	out, _ := s.run(exitInvalid, append(args, "--json")...)
	require.NoError(s.t, json.Unmarshal([]byte(out), v))
}

func TestExtractAndValidate(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	var result struct {
		AdverseEvents    []json.RawMessage
		ValidationErrors []json.RawMessage
	}
	s.jsonInvalid(&result, "extract", "--configuration", "demo.json")
	require.NotEmpty(t, result.AdverseEvents)
	out := s.invalid("extract", "--configuration", "demo.json")
	require.Contains(t, out, "DOMAIN  CANDIDATES  ROWS  REJECTED\n")
	require.Contains(t, out, "500 records")

	document, err := os.ReadFile(filepath.Join(s.dir, "demo.json"))
	require.NoError(t, err)
	s.write("misspelt.json", strings.Replace(string(document), `"studyKey"`, `"phiField": [], "studyKey"`, 1))
	for _, command := range []string{"extract", "validate"} {
		_, problems := s.run(exitInvalid, command, "--configuration", "misspelt.json")
		require.Contains(t, problems, "Warning: /phiField is unknown and has no effect\n")
	}

	for _, about := range [][]string{{"--format", "csv"}, {"--prefix", "x"}, {"--file-rows", "5"}, {"--no-formula-guard"}} {
		_, problems := s.run(exitUsage, append([]string{"extract", "--configuration", "demo.json"}, about...)...)
		require.Contains(t, problems, about[0]+" is about files: name their directory with --dir")
	}

	s.ok("sync", "DEMO")
	require.Equal(t, out, s.invalid("extract", "--configuration", "demo.json", "--cached"), "the mirror gives the same")

	out, _ = s.run(exitInvalid, "validate", "--configuration", "demo.json")
	require.Contains(t, out, "profile general")
	require.Regexp(t, `\n\d+ of \d+ rules checked\nRULES +STATE +REASON\n`, out)
	text, _ := s.run(exitInvalid, "validate", "--configuration", "demo.json", "--json")
	var report struct {
		StudyKey    string
		Rejected    int
		Errors      int64
		Readiness   struct{ TotalExpectedFields int64 }
		Conformance map[string]any
	}
	require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&report))
	require.Equal(t, "DEMO", report.StudyKey)
	require.Len(t, result.ValidationErrors, report.Rejected)
	require.NotZero(t, report.Errors, "rules of severity ERROR count")
	require.NotZero(t, report.Readiness.TotalExpectedFields)
	require.Contains(t, report.Conformance, "Rules_Report")

	s.write("unknown.json", `{"studyKey": "DEMO", "version": "1", "reportingProfile": "moon"}`)
	s.run(exitInvalid, "validate", "--configuration", "unknown.json")
	s.run(exitNotFound, "extract", "--configuration", "missing.json")
}

// TestValidateSaysWhatItCannotCheck where the keys may not read visits, from the server and from a mirror.
func TestValidateSaysWhatItCannotCheck(t *testing.T) {
	files := newShell(t)
	files.write("faults.json", `{"faults": [{"path": "visits", "times": -1, "status": 403}, {"path": "codings", "times": -1, "status": 403}]}`)
	demo, url, err := startDemo("--faults", filepath.Join(files.dir, "faults.json"))
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url)
	s.write("deaths.json", `{"studyKey": "DEMO", "mappings": [{"domain": "ADSL", "targetField": "DTHDT", "sourceFormKey": "DM", "sourceVariableName": "DMDTC", "choose": "last"}]}`)
	s.ok("sync", "DEMO")
	want := s.ok("validate", "--configuration", "deaths.json")
	require.Regexp(t, `1 +skipped +no visits were read\n`, want)
	require.Equal(t, want, s.ok("validate", "--configuration", "deaths.json", "--cached"))
	s.write("codings.json", `{"studyKey": "DEMO", "mappings": [{"domain": "ADAE", "targetField": "AEDECOD", "sourceFormKey": "AE", "sourceVariableName": "coding.AETERM.code"}]}`)
	_, problem := s.run(exitAuth, "extract", "--configuration", "codings.json", "--cached")
	require.Contains(t, problem, "with keys that may read it")
}

func TestExtractToFiles(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	s.ok("sync", "DEMO")
	var want extraction.Report
	for _, format := range []string{"parquet", "csv", "ndjson"} {
		out := s.invalid("extract", "--configuration", "demo.json", "--dir", format, "--format", format)
		require.Contains(t, out, "rejected rows, listed in "+filepath.Join(format, "_canonical_rejects.jsonl"))
		var manifest pipeline.Manifest
		s.jsonInvalid(&manifest, "extract", "--configuration", "demo.json", "--dir", format, "--format", format, "--cached")
		require.NoError(t, manifest.Verify(filepath.Join(s.dir, format)))
		require.Equal(t, pipeline.Format(format), manifest.Format)
		var about struct {
			Configuration extraction.Configuration
			Report        extraction.Report
		}
		require.NoError(t, json.Unmarshal(manifest.About, &about))
		require.Equal(t, "DEMO", about.Configuration.StudyKey)
		require.True(t, about.Report.Balanced())
		require.Equal(t, int64(500), about.Report.Records.In)
		rejected := int64(0)
		for _, table := range manifest.Tables {
			counts := about.Report.Domains[extraction.Domain(table.Name)]
			require.Equal(t, counts.Out, table.Rows)
			rejected += counts.Rejected
		}
		require.Equal(t, rejected, manifest.Rejects.Rows)
		require.Positive(t, manifest.Findings.Rows)
		if want.Rules == nil {
			want = about.Report
		}
		require.Equal(t, want, about.Report, "whatever the format")
	}
	var shown struct{ ValidationErrors, Findings []json.RawMessage }
	s.jsonInvalid(&shown, "extract", "--configuration", "demo.json")
	manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, "csv"), "canonical")
	require.NoError(t, err)
	require.Len(t, shown.ValidationErrors, int(manifest.Rejects.Rows))
	require.Len(t, shown.Findings, int(manifest.Findings.Rows))
	lines, err := os.ReadFile(filepath.Join(s.dir, "csv", manifest.Rejects.Path))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(lines), "\n")
	require.JSONEq(t, string(shown.ValidationErrors[0]), first)
	_, problem := s.run(exitUsage, "extract", "--configuration", "demo.json", "--dir", "out", "--format", "xls")
	require.Contains(t, problem, "--format must be parquet, csv or ndjson")
}

// TestExtractedTablesReadBack compares every adverse event in the files, as DuckDB reads them, with
// the JSON.
func TestExtractedTablesReadBack(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	var want struct {
		AdverseEvents []struct {
			AETerm, AEStartDate string
			AESerious           *bool
			Lineage             struct{ RecordID int64 }
		}
	}
	s.jsonInvalid(&want, "extract", "--configuration", "demo.json")
	s.invalid("extract", "--configuration", "demo.json", "--dir", "out", "--file-rows", "20")
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT recordId, aeTerm, coalesce(aeStartDate, ''), aeSerious FROM '"+filepath.Join(s.dir, "out")+"/AE/*.parquet'")
	require.NoError(t, err)
	defer rows.Close()
	type event struct {
		term, start string
		serious     sql.NullBool
	}
	got := map[int64]event{}
	for rows.Next() {
		var id int64
		var e event
		require.NoError(t, rows.Scan(&id, &e.term, &e.start, &e.serious))
		got[id] = e
	}
	require.NoError(t, rows.Err())
	require.Len(t, got, len(want.AdverseEvents))
	for _, e := range want.AdverseEvents {
		serious := sql.NullBool{Valid: e.AESerious != nil}
		if serious.Valid {
			serious.Bool = *e.AESerious
		}
		require.Equal(t, event{e.AETerm, e.AEStartDate, serious}, got[e.Lineage.RecordID])
	}
}

func TestExplain(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	var result struct {
		AdverseEvents []struct {
			SubjectKey, AETerm string
			Lineage            struct{ RecordID int64 }
		}
		ValidationErrors []struct{ RecordID int64 }
	}
	s.jsonInvalid(&result, "extract", "--configuration", "demo.json")
	event := result.AdverseEvents[0]
	var rows []struct {
		Domain, SubjectKey string
		RecordID           int64
		Values             []struct {
			Field, Value, Variable, Sentence string
			Origin                           struct{ RecordID, RecordRevision int64 }
		}
	}
	s.json(&rows, "explain", "--configuration", "demo.json", "--record", number(event.Lineage.RecordID), "--domain", "ae", "--field", "aeTerm")
	require.Len(t, rows, 1)
	require.Equal(t, event.SubjectKey, rows[0].SubjectKey)
	require.Equal(t, event.AETerm, rows[0].Values[0].Value)
	require.Equal(t, "AETERM", rows[0].Values[0].Variable)
	require.Positive(t, rows[0].Values[0].Origin.RecordRevision, "the server says which revision")
	out := s.ok("explain", "--configuration", "demo.json", "--record", number(event.Lineage.RecordID), "--domain", "AE", "--field", "aeTerm")
	require.Equal(t, "AE of subject "+event.SubjectKey+", record "+number(event.Lineage.RecordID)+" of form AE\n  "+rows[0].Values[0].Sentence+"\n", out)
	require.Contains(t, s.ok("explain", "--configuration", "demo.json", "--subject", event.SubjectKey), out[:strings.Index(out, "\n")])
	out = s.ok("explain", "--configuration", "demo.json", "--record", number(result.ValidationErrors[0].RecordID))
	require.Contains(t, out, "\n  rejected: ")
	s.ok("sync", "DEMO")
	require.Contains(t, s.ok("explain", "--configuration", "demo.json", "--cached", "--field", "AGEGR1"), "AGEGR1 is ")

	for args, hint := range map[string]string{
		"--record 1": "record 1: record: not found", "--field NOPE": "field: not found\nHint: AE, ADSL, ADAE, ADLB has ",
		"--subject nobody": "records of the subject: not found", "--domain PD": "Hint: the configuration gives AE, ADSL, ADAE, ADLB\n",
	} {
		out, problem := s.run(exitNotFound, append([]string{"explain", "--configuration", "demo.json"}, strings.Fields(args)...)...)
		require.Empty(t, out)
		require.Contains(t, problem, hint)
		require.NotContains(t, problem, "nobody")
	}
	out, _ = s.run(exitNotFound, "explain", "--configuration", "demo.json", "--record", "1", "--json")
	require.Empty(t, out)
	s.run(exitUsage, "explain", "--configuration", "demo.json", "--record", "-1")
	s.run(exitUsage, "explain", "--configuration", "demo.json", "--record", "0")
	require.True(t, strings.HasPrefix(s.ok("__complete", "explain", "--domain", ""), "AE\nPD\nDD\nADSL\nADAE\nADLB\n"))
}

func TestExtractByACommit(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	_, problem := s.run(exitNotFound, "extract", "--configuration-commit", "DEMO@47e68f7f")
	require.Contains(t, problem, "`imednet config commit` and `imednet dictionary commit` create the history")
	var entry entryJSON
	s.json(&entry, "config", "commit", "DEMO", "demo.json", "--author", "anna", "-m", "first")
	at := "DEMO@" + entry.CommitID
	require.Equal(t, s.invalid("extract", "--configuration", "demo.json"), s.invalid("extract", "--configuration-commit", at))
	require.Contains(t, s.ok("explain", "--configuration-commit", at, "--domain", "ADSL", "--field", "SEX"), "(commit "+entry.CommitID+").\n")
	var manifest pipeline.Manifest
	s.jsonInvalid(&manifest, "extract", "--configuration-commit", at, "--dir", "out")
	require.Contains(t, string(manifest.About), entry.CommitID)
	text, _ := s.run(exitInvalid, "validate", "--configuration-commit", at, "--json")
	require.Contains(t, text, `"Commit": "`+entry.CommitID+`"`)

	s.run(exitNotFound, "extract", "--configuration-commit", "DEMO@"+strings.Repeat("0", 64))
	s.run(exitNotFound, "extract", "--configuration-commit", "OTHER@"+entry.CommitID)
	for _, args := range [][]string{{}, {"--configuration-commit", "DEMO"}, {"--configuration-commit", "@" + entry.CommitID}, {"--configuration", "demo.json", "--configuration-commit", at}} {
		s.run(exitUsage, append([]string{"extract"}, args...)...)
	}
}

func TestValidateWithAProfile(t *testing.T) {
	s := newShell(t)
	s.write("terms.json", `{"studyKey": "DEMO", "version": "1", "terminologyLookups": {"ADAE.AESEV": {"Mild": "1"}}, "mappings": [
		{"domain": "ADAE", "targetField": "AESEV", "sourceFormKey": "AE", "sourceVariableName": "AESEV"}]}`)
	s.write("profile.json", `{"name": "sponsor", "domains": {"ADAE": {"required": ["AESEV", "AEDECOD"]}}}`)
	out, _ := s.run(exitInvalid, "validate", "--configuration", "terms.json", "--profile", "profile.json")
	require.Contains(t, out, "profile sponsor: ")
	require.Regexp(t, `profile +ADAE +ERROR +\d+ +AEDECOD is required for ADAE in sponsor\.\n`, out)
	require.Regexp(t, `UNMAPPED +FIELD +ROWS +TERM\nADAE +AESEV +\d+.*\nADAE +AESEV +\d+ +Moderate\nADAE +AESEV +\d+ +Severe\n`, out)
	out, _ = s.run(exitInvalid, "validate", "--configuration", "terms.json")
	require.Contains(t, out, "profile general: nothing to score", "the profile says nothing of ADAE")
	s.write("sex.json", `{"studyKey": "DEMO", "version": "1", "mappings": [{"domain": "ADSL", "targetField": "SEX", "sourceFormKey": "DM", "sourceVariableName": "SEX"}]}`)
	s.write("lenient.json", `{"name": "lenient", "domains": {"ADSL": {"recommended": ["SEX"]}}}`)
	require.Contains(t, s.ok("validate", "--configuration", "sex.json", "--profile", "lenient.json"), "profile lenient: ")
	s.write("bad.json", `{"name": "bad", "requires": []}`)
	s.run(exitInvalid, "validate", "--configuration", "terms.json", "--profile", "bad.json")
	s.run(exitNotFound, "validate", "--configuration", "terms.json", "--profile", "missing.json")
}

// TestExplainByDictionary tells the code that the record holds, which a person finds in the EDC system, and the text of
// its choice.
func TestExplainByDictionary(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	writeExport(s, "export", "DEMO")
	s.write(filepath.Join("export", dictionary.ChoicesFile), "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,Radio,AESEV,Light,Mild,1\nAE,Radio,AESEV,Medium,Moderate,2\nAE,Radio,AESEV,Heavy,Severe,3\n")
	values := func(args ...string) map[int64][2]string {
		t.Helper()
		var rows []struct {
			RecordID int64
			Values   []struct{ Source, Choice, Sentence string }
		}
		s.json(&rows, append([]string{"explain", "--configuration", "demo.json", "--domain", "ae", "--field", "aeSeverity"}, args...)...)
		require.NotEmpty(t, rows)
		all := map[int64][2]string{}
		for _, row := range rows {
			v := row.Values[0]
			all[row.RecordID] = [2]string{v.Source, v.Choice}
			if v.Choice != "" {
				require.Contains(t, v.Sentence, fmt.Sprintf("from variable AESEV, which held %q (choice %q)", v.Source, v.Choice))
			}
		}
		return all
	}
	plain, shown := values(), values("--dictionary", "export")
	require.Len(t, shown, len(plain))
	translated := 0
	for id, v := range plain {
		require.Empty(t, v[1])
		require.Equal(t, v[0], shown[id][0], "the record holds what it held")
		require.Equal(t, map[string]string{"Mild": "Light", "Moderate": "Medium", "Severe": "Heavy"}[v[0]], shown[id][1])
		if shown[id][1] != "" {
			translated++
		}
	}
	require.Positive(t, translated)
	s.ok("sync", "DEMO")
	require.Equal(t, shown, values("--dictionary", "export", "--cached"))
	out := s.ok("explain", "--configuration", "demo.json", "--domain", "AE", "--field", "aeSeverity", "--dictionary", "export")
	require.Contains(t, out, `which held "Mild" (choice "Light")`)
}
