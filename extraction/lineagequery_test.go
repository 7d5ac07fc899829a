package extraction_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

// askLineage gathers what a query gives.
func askLineage(t *testing.T, engine *extraction.Engine, src imednet.RecordSource, q extraction.LineageQuery) []extraction.RowLineage {
	t.Helper()
	var rows []extraction.RowLineage
	for r, err := range engine.Lineage(t.Context(), src, q, extraction.Options{}) {
		require.NoError(t, err)
		rows = append(rows, r)
	}
	return rows
}

// placesOf writes every value of rows as one line of text each.
func placesOf(t *testing.T, rows []extraction.RowLineage) []string {
	t.Helper()
	var lines []string
	for _, r := range rows {
		for _, l := range r.Values {
			lines = append(lines, fmt.Sprintf("%s %d rejected %t: %s", r.Row.Domain, r.Row.RecordID(), r.Rejected != nil, l))
		}
	}
	return lines
}

// wholeRun is every value of a study, by the record that it comes from and by the one of its row.
func wholeRun(t *testing.T, engine *extraction.Engine, src imednet.RecordSource) map[int64][]string {
	t.Helper()
	values := map[int64][]string{}
	note := func(row extraction.CanonicalRow, rejected []extraction.RowFinding) {
		for field := range row.Fields() {
			l, _ := row.Lineage(field)
			line := placesOf(t, []extraction.RowLineage{{Row: row, Values: []extraction.Lineage{l}, Rejected: rejected}})
			ids := map[int64]bool{row.RecordID(): true}
			for _, o := range l.Origins() {
				ids[o.RecordID] = true
			}
			for id := range ids {
				values[id] = append(values[id], line...)
			}
		}
	}
	for subject, err := range engine.Run(t.Context(), src, extraction.Options{}).Subjects() {
		require.NoError(t, err)
		for _, row := range subject.Rows {
			note(row, nil)
		}
		for _, f := range subject.Rejected {
			note(f.Payload, f.Findings)
		}
	}
	return values
}

// TestLineageOfARecordIsThatOfTheWholeRun asks for every record on its own, also where rules carry
// state from one record to the next.
func TestLineageOfARecordIsThatOfTheWholeRun(t *testing.T) {
	paths, err := filepath.Glob("testdata/studies/*.json")
	require.NoError(t, err)
	asked := 0
	for _, path := range paths {
		study := readStudy(t, path)
		engine, err := extraction.NewEngine(study.Configuration, extraction.WithCommit("abc"))
		require.NoError(t, err)
		records := study.records(t)
		values := wholeRun(t, engine, records)
		for _, id := range slices.Sorted(maps.Keys(values)) {
			if id == 0 {
				continue // derived from several records
			}
			rows := askLineage(t, engine, records, extraction.LineageQuery{RecordID: id})
			require.ElementsMatch(t, values[id], placesOf(t, rows), "record %d of %s", id, path)
			asked++
		}
	}
	require.Greater(t, asked, 30)
}

func TestLineageOfARejectedRow(t *testing.T) {
	engine, records := exampleStudy()
	rows := askLineage(t, engine, records, extraction.LineageQuery{RecordID: 4, Domain: extraction.AE, Field: "aeTerm"})
	require.Len(t, rows, 1)
	require.Equal(t, "aeTerm", rows[0].Rejected[0].Field)
	require.Contains(t, rows[0].Values[0].String(), `variable AETERM, which held ""`)
}

func TestLineageOfASubject(t *testing.T) {
	engine, records := exampleStudy()
	rows := askLineage(t, engine, records, extraction.LineageQuery{SubjectKey: "101", Field: "TRTEMFL"})
	require.Len(t, rows, 3)
	rows = askLineage(t, engine, records, extraction.LineageQuery{SubjectKey: "101", Field: "subjectKey"})
	require.Len(t, rows, 7, "every row has it, also the rejected one")
	require.Equal(t, placesOf(t, askLineage(t, engine, records, extraction.LineageQuery{})), placesOf(t, askLineage(t, engine, records, extraction.LineageQuery{SubjectKey: "101"})))
}

func TestLineageAsJSON(t *testing.T) {
	engine, records := exampleStudy()
	rows := askLineage(t, engine, records, extraction.LineageQuery{RecordID: 2, Field: "aeSeverity"})
	text, err := json.Marshal(rows)
	require.NoError(t, err)
	require.JSONEq(t, `[{"domain": "AE", "studyKey": "DEMO", "subjectKey": "101", "recordId": 2, "formKey": "AE", "values": [{
		"field": "aeSeverity", "value": "SEVERE", "origin": {"recordId": 2, "formKey": "AE"}, "dateModified": "2024-02-03 08:30:00",
		"variable": "AESEV", "source": "3", "rule": 2, "lookup": true,
		"configuration": {"studyKey": "DEMO", "version": "1.2.0", "commit": "5f1d0c2"},
		"sentence": "aeSeverity is \"SEVERE\" from variable AESEV, which held \"3\", changed by a terminology lookup; record 2 of form AE, modified 2024-02-03 08:30:00 UTC; mapping 2 of configuration 1.2.0 (commit 5f1d0c2)."
	}]}]`, string(text))
}

// TestLineageMasksPHI keeps the value of a PHI variable out of both forms.
func TestLineageMasksPHI(t *testing.T) {
	study := readStudy(t, "testdata/studies/terms_and_phi.json")
	engine, err := extraction.NewEngine(study.Configuration)
	require.NoError(t, err)
	text, err := json.Marshal(askLineage(t, engine, study.records(t), extraction.LineageQuery{Field: "aeDecod"}))
	require.NoError(t, err)
	require.Contains(t, string(text), `"value":"[masked]"`)
	require.NotContains(t, string(text), "JD")
}

func TestLineageThatIsNotThere(t *testing.T) {
	engine, records := exampleStudy()
	site, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":7,"formKey":"SITE","recordData":{}}`))
	require.NoError(t, err)
	gone, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":8,"formKey":"AE","subjectId":9,"subjectKey":"101","deleted":true,"recordData":{}}`))
	require.NoError(t, err)
	other, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":9,"formKey":"XX","subjectId":9,"subjectKey":"101","recordData":{}}`))
	require.NoError(t, err)
	records = append(records, site, gone, other)
	for _, c := range []struct {
		query extraction.LineageQuery
		want  string
	}{
		{extraction.LineageQuery{Domain: "PD"}, "domain: not found (the configuration gives AE, ADSL, ADAE)"},
		{extraction.LineageQuery{Field: "NOPE"}, "field: not found (AE, ADSL, ADAE has aeTerm, "},
		{extraction.LineageQuery{Domain: extraction.AE, Field: "AETERM"}, "field: not found (AE has aeTerm, aeSeverity, aeSerious, aeStartDate)"},
		{extraction.LineageQuery{RecordID: 99}, "study DEMO, record 99: record: not found"},
		{extraction.LineageQuery{SubjectKey: "secret-key"}, "records of the subject: not found"},
		{extraction.LineageQuery{RecordID: 2, SubjectKey: "secret-key"}, "record 2: record: not found"},
		{extraction.LineageQuery{RecordID: 7}, "subject of the record: not found (records of sites give no rows)"},
		{extraction.LineageQuery{RecordID: 8}, "no value of canonical data: not found (the record is soft-deleted)"},
		{extraction.LineageQuery{RecordID: 9}, "no value of canonical data: not found (no rule reads form XX)"},
		{extraction.LineageQuery{RecordID: 1, Domain: extraction.AE}, "not found (rules read it, and none of the values that were asked for come from it)"},
	} {
		n := 0
		for r, err := range engine.Lineage(t.Context(), records, c.query, extraction.Options{}) {
			require.ErrorIs(t, err, imednet.ErrNotFound)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret-key")
			require.Empty(t, r.Values)
			n++
		}
		require.Equal(t, 1, n)
	}
	rows := askLineage(t, engine, records, extraction.LineageQuery{RecordID: 1, Domain: extraction.ADSL})
	require.Len(t, rows, 1, "what comes from the record in a row that has no record")
}

func TestLineageOfADeletedSubjectSaysSo(t *testing.T) {
	engine, records := exampleStudy()
	for deleted, want := range map[bool]error{true: imednet.ErrNotFound, false: nil} {
		source := listedSource{records, []imednet.Subject{subjectOf(9, "101", deleted)}}
		for _, err := range engine.Lineage(t.Context(), source, extraction.LineageQuery{RecordID: 2}, extraction.Options{}) {
			require.ErrorIs(t, err, want)
			if deleted {
				require.ErrorContains(t, err, "no value of canonical data: not found (the record's subject is soft-deleted)")
			}
		}
	}
}

// watched counts the records that a client serves.
type watched struct {
	*imednettest.Client
	served *int
}

func (w watched) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for record, err := range w.Client.Records(ctx, studyKey, opts) {
			*w.served++
			if !yield(record, err) {
				return
			}
		}
	}
}

func TestLineageReadsOneSubject(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	cfg, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey":"DEMO","mappings":[{"domain":"ADAE","targetField":"AETERM","sourceFormKey":"AE","sourceVariableName":"AETERM"}]}`), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	var record imednet.Record
	for _, id := range study.RecordIDs() {
		if r, _ := study.Record(id); r.FormKey.Or("") == "AE" && !r.IsDeleted() && r.SubjectID.IsSet() {
			record = r
			break
		}
	}
	served, bound := 0, 1
	for _, id := range study.RecordIDs() {
		if r, _ := study.Record(id); r.SubjectID.Or(0) == record.SubjectID.Or(0) {
			bound += 2
		}
	}
	client := watched{imednettest.NewServer(study).Client(), &served}
	require.Len(t, askLineage(t, engine, client, extraction.LineageQuery{RecordID: record.RecordID}), 1)
	require.LessOrEqual(t, served, bound, "the record, and its subject's, by id and by key")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range engine.Lineage(ctx, client, extraction.LineageQuery{RecordID: record.RecordID}, extraction.Options{}) {
		require.ErrorIs(t, err, context.Canceled)
	}
}
