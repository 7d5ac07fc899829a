package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

func TestFormatsOfForms(t *testing.T) {
	s := newShell(t)
	s.ok("export", "DEMO", "--dir", "out")
	_, problem := s.run(exitInvalid, "formats", "export", "out", "--to", "agency")
	require.Contains(t, problem, "rejected-values")
	require.Contains(t, problem, "AE.AETERM: control-character")
	require.NoDirExists(t, filepath.Join(s.dir, "agency", "ae.xpt"))

	s.ok("formats", "names", "out", "--output", "names.json")
	s.run(exitFailure, "formats", "names", "out", "--output", "names.json") // never over a file
	flags := []string{"formats", "export", "out", "--to", "agency", "--formats", "xpt5,json,ndjson,dsjc", "--names", "names.json", "--accept-rejected", "--escape-controls", "--split-texts",
		"--numeric-dates", "--created", "2027-03-01T08:00:00Z", "--source-version", "27.1"}
	out := s.ok(flags...)
	require.Contains(t, out, "DATASET  FROM  ROWS  VARIABLES\n")
	require.Contains(t, out, "escaped-text\n")
	for _, other := range []string{"ae.json", "ae.ndjson", "ae.dsjc"} {
		require.Contains(t, s.ok("formats", "diff", "agency/ae.xpt", "agency/"+other), "equal: ")
	}
	first, err := os.ReadFile(filepath.Join(s.dir, "agency", "ae.xpt"))
	require.NoError(t, err)
	s.ok(flags...)
	again, err := os.ReadFile(filepath.Join(s.dir, "agency", "ae.xpt"))
	require.NoError(t, err)
	require.Equal(t, first, again, "the same flags give the same bytes")

	var manifest cdisc.Manifest
	s.json(&manifest, flags...)
	require.Contains(t, string(manifest.Source), `"rejected": [`)
	require.Equal(t, "2027-03-01T08:00:00Z", manifest.Created.Format("2006-01-02T15:04:05Z"))
}

func TestFormatsOfCanonicalData(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	s.run(exitInvalid, "extract", "--configuration", "demo.json", "--dir", "safety")
	s.write("metadata.json", `{"studyName": "A study", "standards": [{"oid": "STD.1", "name": "ADaMIG", "type": "IG", "version": "1.3", "status": "Final"}],
		"datasets": {"ADSL": {"standard": "STD.1"}}}`)
	s.ok("formats", "export", "safety", "--to", "agency", "--metadata", "metadata.json", "--accept-rejected", "--escape-controls", "--formats", "xpt5,json")
	for list, says := range map[string]string{
		"AE.AESEV":   "AE.AESEV: code-list (",
		"AE.AESER":   "AE.AESER: code-list (", // before the list of flags
		"AE.AESEVER": "AE.AESEVER, which is no variable",
		"PD.AESEV":   "PD.AESEV, which is no variable",
		"ae.aesev":   "ae.aesev, which is no variable",
		"AE":         "AE, which is no variable",
	} {
		s.write("lists.json", `{"codelists": {"`+list+`": {"name": "A list", "items": [{"code": "of nothing"}]}}}`)
		code := exitInvalid
		if strings.Contains(says, "no variable") {
			code = exitUsage
		}
		_, problem := s.run(code, "formats", "export", "safety", "--to", "listed", "--metadata", "lists.json", "--accept-rejected", "--escape-controls")
		require.Contains(t, problem, says)
		require.NoFileExists(t, filepath.Join(s.dir, "listed", "ae.xpt"))
	}
	require.Contains(t, s.ok("formats", "diff", "agency/adsl.xpt", "agency/adsl.json"), "equal: ")
	define, err := os.ReadFile(filepath.Join(s.dir, "agency", "define.xml"))
	require.NoError(t, err)
	for _, part := range []string{"<StudyName>A study</StudyName>", `SASDatasetName="ADSL"`, `def:StandardOID="STD.1"`, `<def:Class Name="SUBJECT LEVEL ANALYSIS DATASET"`, `<MethodDef OID="MT.ADSL.USUBJID"`} {
		require.Contains(t, string(define), part)
	}
	for _, part := range []string{`<def:Origin Type="Collected" Source="Investigator"`} {
		require.Contains(t, string(define), part)
	}
	require.Regexp(t, `ItemOID="IT.AE.AESEQ" OrderNumber="[0-9]+" Mandatory="Yes" KeySequence="3" MethodOID="MT.AE.AESEQ"`, string(define))
	require.Regexp(t, `ItemOID="IT.AE.AETERM" OrderNumber="[0-9]+" Mandatory="Yes"`, string(define))
	require.NotContains(t, string(define), "Predecessor", "nobody said where they come from")
	s.ok("formats", "export", "safety", "--to", "agency", "--configuration", "demo.json", "--accept-rejected", "--escape-controls")
	define, err = os.ReadFile(filepath.Join(s.dir, "agency", "define.xml"))
	require.NoError(t, err)
	for _, part := range []string{
		`<MethodDef OID="MT.ADSL.AGEGR1"`, "From DM.AGE: &apos;&lt;65&apos; if int(value)", `<def:Origin Type="Predecessor">` + "\n" + `<Description><TranslatedText xml:lang="en">DM.AGE</TranslatedText>`,
		`<EnumeratedItem CodedValue="MODERATE"`, `<def:Origin Type="Assigned" Source="Sponsor"/>`, "The study&apos;s term for AE.AESEV", "One variable of LB for each parameter",
	} {
		require.Contains(t, string(define), strings.ReplaceAll(part, "&apos;", "'"))
	}
	s.write("other.json", `{"studyKey": "OTHER", "mappings": []}`)
	s.run(exitFailure, "formats", "export", "safety", "--to", "agency", "--configuration", "other.json", "--accept-rejected")
	for document, says := range map[string]string{
		`{"datasets": {"ADSL": {}, "ADSS": {}}}`:                   "ADSS, which is no dataset",
		`{"datasets": {"ADSL": {}, "adae": {}, "ADSS": {}}}`:       "ADSS, adae, which are no datasets",
		`{"codelists": {"AE.AESEV": null}}`:                        "AE.AESEV has no code list",
		`{"codelists": {"AE.AESEVE": null}}`:                       "AE.AESEVE has no code list",
		`{"codelists": {"AE.RECID": {"items": [{"code": "x"}]}}}`:  "AE.RECID, which is no variable",
		`{"codelists": {"AE.AESEV": {"items": [{"code": null}]}}}`: "without a code",
	} {
		s.write("wrong.json", document)
		code := exitUsage
		if says == "without a code" {
			code = exitInvalid
		}
		_, problem := s.run(code, "formats", "export", "safety", "--to", "agency", "--metadata", "wrong.json", "--accept-rejected")
		require.Contains(t, problem, says)
	}
	s.write("wrong.json", `{"study": "x"}`)
	s.run(exitUsage, "formats", "export", "safety", "--to", "agency", "--metadata", "wrong.json")
	s.run(exitUsage, "formats", "export", "safety", "--to", "agency", "--created", "yesterday")
	for _, level := range []string{"-1", "0", "10"} {
		_, problem := s.run(exitUsage, "formats", "export", "safety", "--to", "agency", "--compression", level)
		require.Contains(t, problem, "--compression is "+level+"; it must be from 1 to 9")
	}
	s.run(exitInvalid, "formats", "export", "safety", "--to", "agency", "--formats", "xpt5,xpt8")
	s.run(exitNotFound, "formats", "export", ".", "--to", "agency")
}

// TestFormatsTakeUSUBJIDFromTheConfiguration follows a subject's identifier and the label of a column from
// the configuration to the files.
func TestFormatsTakeUSUBJIDFromTheConfiguration(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	text, err := os.ReadFile(filepath.Join(s.dir, "demo.json"))
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, json.Unmarshal(text, &config))
	settings := config["extraction"].(map[string]any)
	settings["usubjid"], settings["labels"] = "{studyKey}/{siteId}/{subjectKey}", map[string]string{"AE.aeTerm": "What happened"}
	text, err = json.Marshal(config)
	require.NoError(t, err)
	s.write("own.json", string(text))
	s.run(exitInvalid, "extract", "--configuration", "own.json", "--dir", "safety")
	s.ok("formats", "export", "safety", "--to", "agency", "--accept-rejected", "--escape-controls", "--formats", "json")
	written, err := os.ReadFile(filepath.Join(s.dir, "agency", "ae.json"))
	require.NoError(t, err)
	var dataset struct {
		Columns []struct{ Name, Label string }
		Rows    [][]any
	}
	require.NoError(t, json.Unmarshal(written, &dataset))
	place := map[string]int{}
	for i, column := range dataset.Columns {
		place[column.Name] = i
	}
	require.Equal(t, "What happened", dataset.Columns[place["AETERM"]].Label)
	require.NotEmpty(t, dataset.Rows)
	for _, row := range dataset.Rows {
		require.Regexp(t, "^DEMO/[0-9]+/"+regexp.QuoteMeta(row[place["SUBJID"]].(string))+"$", row[place["USUBJID"]])
	}
}

// TestFormatsTakeCodeListsFromTheDictionary: the answers hold the texts of the choices. An answer off
// the list stops the export, and the metadata have the last word.
func TestFormatsTakeCodeListsFromTheDictionary(t *testing.T) {
	s := newShell(t)
	writeExport(s, "design", "DEMO")
	s.ok("export", "DEMO", "--dir", "out")
	s.ok("formats", "names", "out", "--output", "names.json")
	flags := []string{"formats", "export", "out", "--to", "agency", "--names", "names.json", "--dictionary", "design", "--accept-rejected", "--escape-controls", "--split-texts"}
	_, problem := s.run(exitInvalid, flags...)
	require.Contains(t, problem, "AE.AESEV: code-list (")
	require.NoFileExists(t, filepath.Join(s.dir, "agency", "ae.xpt"))
	choices := filepath.Join(s.dir, "design", dictionary.ChoicesFile)
	require.NoError(t, os.WriteFile(choices, []byte("Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,RADIO,AESEV,Moderate,2,2\nAE,RADIO,AESEV,Mild,1,1\nAE,RADIO,AESEV,Severe,3,3\n"), 0o600))
	s.ok(flags...)
	define, err := os.ReadFile(filepath.Join(s.dir, "agency", "define.xml"))
	require.NoError(t, err)
	require.Contains(t, string(define), `<EnumeratedItem CodedValue="Mild" OrderNumber="1"/>`)
	require.Contains(t, string(define), `<CodeListRef CodeListOID="CL.AE.AESEV"/>`)
	s.ok("formats", "odm", "out", "--to", "odm.xml", "--dictionary", "design", "--accept-rejected", "--escape-controls")
	odm, err := os.ReadFile(filepath.Join(s.dir, "odm.xml"))
	require.NoError(t, err)
	require.Contains(t, string(odm), `<CodeListItem CodedValue="Moderate">`)

	s.write("metadata.json", `{"codelists": {"AE.AESEV": {"name": "Severity", "items": [{"code": "Mild"}]}}}`)
	_, problem = s.run(exitInvalid, append(flags, "--metadata", "metadata.json")...)
	require.Contains(t, problem, "AE.AESEV: code-list (")
}

func TestFormatsDiffNamesRowsAndHidesValues(t *testing.T) {
	s := newShell(t)
	file := func(name, value string) {
		s.write(name, `{"datasetJSONCreationDateTime":"2026-03-01T08:00:00Z","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.X","records":1,"name":"X","label":"","columns":[`+
			`{"itemOID":"A","name":"A","label":"","dataType":"string","keySequence":1},{"itemOID":"B","name":"B","label":"","dataType":"string"}],"rows":[["k1","`+value+`"]]}`)
	}
	file("a.json", "headache")
	file("b.json", "nausea")
	out, _ := s.run(exitDiffers, "formats", "diff", "a.json", "b.json")
	require.Contains(t, out, "1 difference: 1 and 1 rows, 2 values compared\n")
	require.Contains(t, out, `"k1"`)
	require.NotContains(t, out, "nausea")
	out, _ = s.run(exitDiffers, "formats", "diff", "a.json", "b.json", "--values")
	require.Contains(t, out, `"nausea"`)
	text, _ := s.run(exitDiffers, "formats", "diff", "a.json", "b.json", "--json")
	var report cdisc.DiffReport
	require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&report))
	require.Equal(t, int64(1), report.Count)
	s.write("c.json", "{}")
	s.run(exitInvalid, "formats", "diff", "a.json", "c.json")
	s.run(exitNotFound, "formats", "diff", "a.json", "d.json")
}

func TestFormatsODMAuditHasEveryStateSeen(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	var ids []int64
	for _, id := range study.RecordIDs() {
		record, _ := study.Record(id)
		if record.FormKey.Or("") == "AE" && !record.Deleted.Or(false) {
			ids = append(ids, id)
		}
	}
	edited, removed := ids[0], ids[1]
	s.ok("sync", "DEMO")
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(edited, "AETERM", "corrected once"))
	s.ok("sync", "DEMO")
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(edited, "AETERM", "between two syncs"))
	study.Advance(time.Hour)
	require.NoError(t, study.EditRecord(edited, "AETERM", "corrected twice"))
	require.NoError(t, study.DeleteRecord(removed, true))
	s.ok("sync", "DEMO")
	created := study.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z")
	s.env = append(s.env, "IMEDNET_BASE_URL=http://127.0.0.1:1")
	out, _ := s.run(exitOK, "formats", "odm-audit", "DEMO", "--to", "audit.xml", "--accept-rejected", "--escape-controls", "--created", created, "--json")
	var report struct{ Records, Reference, AuditEntries, EntriesWithoutState, UndatedEntries, UnknownUser int }
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, report.AuditEntries, report.Records+report.Reference+report.EntriesWithoutState, "each entry has a state or is counted")
	require.Zero(t, report.UndatedEntries+report.UnknownUser)
	s.ok("formats", "odm-audit", "DEMO", "--to", "again.xml", "--accept-rejected", "--escape-controls", "--created", created)
	again, err := os.ReadFile(filepath.Join(s.dir, "again.xml"))
	require.NoError(t, err)
	document, err := os.ReadFile(filepath.Join(s.dir, "audit.xml"))
	require.NoError(t, err)
	require.Equal(t, string(again), string(document))
	states := func(id int64) (kinds, terms []string) {
		for _, part := range strings.Split(string(document), "<FormData ")[1:] {
			part, _, _ = strings.Cut(part, "</FormData>")
			if !strings.Contains(part, `FormRepeatKey="`+strconv.FormatInt(id, 10)+`"`) {
				continue
			}
			kinds = append(kinds, between(part, `TransactionType="`, `"`))
			terms = append(terms, between(part, `ItemOID="IT.AE.AETERM" TransactionType="Update" Value="`, `"`))
			require.NotContains(t, part, `UserOID="U.unknown"`)
		}
		return kinds, terms
	}
	kinds, terms := states(edited)
	require.Equal(t, []string{"Insert", "Update", "Update"}, kinds)
	require.Equal(t, []string{"", "corrected once", "corrected twice"}, terms)
	kinds, _ = states(removed)
	require.Equal(t, []string{"Insert", "Remove"}, kinds)
	require.NotContains(t, string(document), "between two syncs")
	for _, left := range []string{".cdisc-*", ".imednet-*"} {
		found, err := filepath.Glob(filepath.Join(s.dir, left))
		require.NoError(t, err)
		require.Empty(t, found)
	}
	s.run(exitInvalid, "formats", "odm-audit", "DEMO", "--to", "early.xml", "--accept-rejected", "--escape-controls", "--created", "2001-01-01T00:00:00Z")
	require.NoFileExists(t, filepath.Join(s.dir, "early.xml"))
}

// TestFormatsODMAuditKnowsSubjectsApart renames subjects: into a key of its own, and into another's.
func TestFormatsODMAuditKnowsSubjectsApart(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	subjects := map[int64]string{}
	for _, id := range study.RecordIDs() {
		if record, _ := study.Record(id); record.SubjectKey.IsSet() && !record.Deleted.Or(false) {
			subjects[record.SubjectID.Or(0)] = record.SubjectKey.Or("")
		}
	}
	ids := slices.Sorted(maps.Keys(subjects))
	audit := func(code int, to string) string {
		study.Advance(time.Hour)
		s.ok("sync", "DEMO", "--sweep")
		created := study.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z")
		_, problem := s.run(code, "formats", "odm-audit", "DEMO", "--to", to, "--accept-rejected", "--escape-controls", "--created", created)
		return problem
	}
	audit(exitOK, "first.xml")
	require.NoError(t, study.RenameSubject(ids[0], "99-001"))
	read := func(name string) string {
		document, err := os.ReadFile(filepath.Join(s.dir, name))
		require.NoError(t, err)
		return strings.ReplaceAll(string(document), "\n", "")
	}
	audit(exitOK, "renamed.xml")
	document := read("renamed.xml")
	for _, key := range []string{subjects[ids[0]], "99-001"} {
		require.Equal(t, 1, strings.Count(document, `SubjectKey="`+key+`"`))
	}
	former := between(document, `SubjectKey="`+subjects[ids[0]]+`"`, "</SubjectData>")
	require.Empty(t, liveRecords(former), "every record is removed under the former key")
	require.Contains(t, former, `TransactionType="Remove"><AuditRecord><UserRef UserOID="U.unknown"`, "nobody saved a record when its subject was renamed")
	live := liveRecords(between(document, `SubjectKey="99-001"`, "</SubjectData>"))
	require.NotEmpty(t, live)
	for id := range live {
		record, _ := study.Record(id)
		require.Equal(t, "99-001", record.SubjectKey.Or(""))
	}
	id := slices.Min(slices.Collect(maps.Keys(live)))
	require.NoError(t, study.DeleteRecord(id, false))
	audit(exitOK, "deleted.xml")
	subject := between(read("deleted.xml"), `SubjectKey="99-001"`, "</SubjectData>")
	require.NotContains(t, liveRecords(subject), id)
	require.Contains(t, subject, `FormRepeatKey="`+strconv.FormatInt(id, 10)+`" TransactionType="Remove"><AuditRecord><UserRef UserOID="U.unknown"`, "the date of the record does not say when it was deleted")
	require.NoError(t, study.RenameSubject(ids[1], "99-001"))
	require.Contains(t, audit(exitInvalid, "mixed.xml"), "records whose subject key is another subject's")
	require.NoFileExists(t, filepath.Join(s.dir, "mixed.xml"))
}

// liveRecords are the records that are there after all transactions of a subject, in the order of the file.
func liveRecords(subject string) map[int64]bool {
	live := map[int64]bool{}
	for _, part := range strings.Split(subject, "<FormData ")[1:] {
		id, _ := strconv.ParseInt(between(part, `FormRepeatKey="`, `"`), 10, 64)
		if between(part, `TransactionType="`, `"`) == "Remove" {
			delete(live, id)
		} else {
			live[id] = true
		}
	}
	return live
}

// between is what stands between two marks, "" where the first is not found.
func between(text, from, to string) string {
	_, rest, found := strings.Cut(text, from)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, to)
	return value
}

// TestFormatsODMHoldsEveryActiveRecord compares the record ids in the snapshot with the server's.
func TestFormatsODMHoldsEveryActiveRecord(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	s.ok("export", "DEMO", "--dir", "out")
	s.run(exitInvalid, "formats", "odm", "out", "--to", "odm.xml")
	require.NoFileExists(t, filepath.Join(s.dir, "odm.xml"))
	s.ok("formats", "odm", "out", "--to", "odm.xml", "--accept-rejected", "--escape-controls")
	document, err := os.ReadFile(filepath.Join(s.dir, "odm.xml"))
	require.NoError(t, err)
	held := map[string]int{}
	for _, part := range strings.Split(string(document), "<FormData ")[1:] {
		held[between(part, `FormRepeatKey="`, `"`)]++
	}
	active := map[string]int{}
	for _, id := range study.RecordIDs() {
		record, _ := study.Record(id)
		switch key := strconv.FormatInt(id, 10); {
		case record.IsDeleted():
			require.NotContains(t, string(document), `"`+key+`"`)
		case record.SubjectKey.Or("") == "":
			require.Contains(t, string(document), `"`+key+`"`, "reference data belong to no subject")
		default:
			active[key]++
		}
	}
	require.Equal(t, active, held)
}
