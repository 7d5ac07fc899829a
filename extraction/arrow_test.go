package extraction_test

import (
	"errors"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// cellText reads one value of a batch as text; "null" when it is null.
func cellText(tb testing.TB, column arrow.Array, i int) string {
	tb.Helper()
	if column.IsNull(i) {
		return "null"
	}
	return column.ValueStr(i)
}

func TestBatchesHoldTheRows(t *testing.T) {
	for _, name := range []string{"laboratory", "analysis_events", "flags_and_dates", "subject_level"} {
		study := readStudy(t, "testdata/studies/"+name+".json")
		engine, err := extraction.NewEngine(study.Configuration)
		require.NoError(t, err)
		want := map[extraction.Domain][]extraction.CanonicalRow{}
		result, err := engine.Extract(t.Context(), study.records(t), extraction.Options{})
		require.NoError(t, err)
		for row := range result.Rows() {
			want[row.Domain] = append(want[row.Domain], row)
		}
		memory := memory.NewCheckedAllocator(memory.NewGoAllocator())
		failures, got := 0, map[extraction.Domain]int{}
		opts := extraction.BatchOptions{Rows: 3, Allocator: memory, Rejected: func(s extraction.SubjectRows) error {
			failures += len(s.Rejected)
			require.Nil(t, s.Rows)
			return nil
		}}
		for batch, err := range engine.Run(t.Context(), study.records(t), extraction.Options{}).Batches(opts) {
			require.NoError(t, err)
			require.LessOrEqual(t, batch.Record.NumRows(), int64(3))
			require.True(t, batch.Record.Schema().Equal(engine.ArrowSchema(batch.Domain)))
			for i := range int(batch.Record.NumRows()) {
				compareRow(t, want[batch.Domain][got[batch.Domain]], batch.Record, i)
				got[batch.Domain]++
			}
		}
		for domain, rows := range want {
			require.Equal(t, len(rows), got[domain])
		}
		require.Equal(t, len(result.ValidationErrors), failures)
		memory.AssertSize(t, 0)
	}
}

// collected is the text of a field that its kind cannot hold.
func collected(row extraction.CanonicalRow, field string) string {
	if text, ok := row.AsCollected(field); ok {
		return text
	}
	return "null"
}

// compareRow compares every column of a row of a batch with the row.
func compareRow(t *testing.T, want extraction.CanonicalRow, batch arrow.Record, i int) {
	t.Helper()
	seen := 0
	for j, field := range batch.Schema().Fields() {
		got := cellText(t, batch.Column(j), i)
		switch kind, _ := field.Metadata.GetValue("kind"); kind {
		case "number":
			n := want.Number(field.Name)
			if n.IsZero() {
				require.Equal(t, "null", got)
				require.Equal(t, collected(want, field.Name), cellText(t, batch.Column(j+1), i))
			} else {
				f, _ := n.Float64()
				require.InDelta(t, f, batch.Column(j).(*array.Float64).Value(i), 0)
				require.Equal(t, n.String(), cellText(t, batch.Column(j+1), i))
			}
		case "integer":
			n := want.Number(field.Name)
			text := "null"
			if !n.IsZero() {
				text = n.Canonical()
			}
			require.Equal(t, text, got)
		case "flag":
			require.Equal(t, map[imednet.YesNo]string{imednet.Yes: "true", imednet.No: "false", imednet.Unknown: "null"}[want.Flag(field.Name)], got)
		case "date":
			d := want.Date(field.Name)
			text, full := "null", "null"
			if !d.IsZero() {
				text = d.String()
			}
			if day, ok := d.Date(); ok {
				full = day.String()
			}
			require.Equal(t, []string{text, full, collected(want, field.Name)}, []string{got, cellText(t, batch.Column(j+1), i), cellText(t, batch.Column(j+2), i)})
		case "text", "any":
			v, _ := want.Get(field.Name)
			if v.IsNull() {
				require.Equal(t, "null", got)
			} else {
				require.Equal(t, v.String(), got)
			}
		default:
			continue
		}
		seen++
	}
	fields := 0
	for name := range want.Fields() {
		if name != "subjectKey" {
			fields++
		}
	}
	require.GreaterOrEqual(t, seen, fields, "every field has a column")
	require.Equal(t, want.SubjectKey, cellText(t, batch.Column(1), i))
}

func TestBatchesCanBeLeft(t *testing.T) {
	study := readStudy(t, "testdata/studies/laboratory.json")
	engine, err := extraction.NewEngine(study.Configuration)
	require.NoError(t, err)
	memory := memory.NewCheckedAllocator(memory.NewGoAllocator())
	for _, err := range engine.Run(t.Context(), study.records(t), extraction.Options{}).Batches(extraction.BatchOptions{Rows: 2, Allocator: memory}) {
		require.NoError(t, err)
		break
	}
	broken := errors.New("broken")
	for _, err := range engine.Run(t.Context(), study.records(t), extraction.Options{}).Batches(extraction.BatchOptions{Allocator: memory, Rejected: func(extraction.SubjectRows) error { return broken }}) {
		require.ErrorIs(t, err, broken)
	}
	memory.AssertSize(t, 0)
	require.Equal(t, []string{"PARAMCD", "PARAM", "AVAL", "AVALC", "BASE", "CHG", "PCHG", "ABLFL", "ANRIND", "ADT", "ADY", "AVISIT", "ASEQ"}, engine.Fields(extraction.ADLB))
}

// TestColumnsSayWhatTheyAre holds labels, USUBJID and the text of flags.
func TestColumnsSayWhatTheyAre(t *testing.T) {
	structure := extraction.Structure{
		Forms: []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}},
		Variables: []imednet.Variable{
			{VariableID: 1, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE"), VariableName: imednet.Some("SER"), Label: imednet.Some("Was it serious?")},
			{VariableID: 2, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE"), VariableName: imednet.Some("NOTE"), Label: imednet.Some("  Notes ")},
		},
	}
	cfg := rules(t, `{"usubjid":"{studyKey}-{subjectKey}","yesNoColumns":true,"labels":{"ADAE.AESER":"Serious, as reported"}}`,
		"ADAE.AESER AE SER", "ADAE.AETERM AE NOTE", "ADAE.NOTE AE NOTE", "ADAE.BOTH AE NOTE")
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(structure))
	require.NoError(t, err)
	records := extraction.RecordList{rec(t, 1, "AE", `{"SER":"yes","NOTE":"a"}`), rec(t, 2, "AE", `{"SER":"N","NOTE":"a"}`), rec(t, 3, "AE", `{"SER":"maybe","NOTE":"a"}`)}
	got, labels := map[string][]string{}, map[string]string{}
	for batch, err := range engine.Run(t.Context(), records, extraction.Options{}).Batches(extraction.BatchOptions{}) {
		require.NoError(t, err)
		for at, field := range batch.Record.Schema().Fields() {
			if label, ok := field.Metadata.GetValue("label"); ok {
				labels[field.Name] = label
			}
			for i := range int(batch.Record.NumRows()) {
				got[field.Name] = append(got[field.Name], cellText(t, batch.Record.Column(at), i))
			}
		}
	}
	always := []string{}
	for _, field := range engine.ArrowSchema(extraction.ADAE).Fields() {
		if !field.Nullable {
			always = append(always, field.Name)
		}
	}
	require.Equal(t, []string{"studyKey", "subjectKey", "deleted"}, always, "every answer may be missing")
	require.Equal(t, []string{"true", "false", "null"}, got["AESER"])
	require.Equal(t, []string{"Y", "N", "null"}, got["AESER_yn"])
	require.Equal(t, []string{"null", "null", "maybe"}, got["AESER_text"])
	require.Equal(t, []string{"S-101", "S-101", "S-101"}, got["USUBJID"])
	require.Equal(t, map[string]string{
		"USUBJID": "Unique Subject Identifier", "AESER": "Serious, as reported", "AETERM": "Reported Term for the Adverse Event", "NOTE": "Notes", "BOTH": "Notes",
	}, labels)
	_, err = extraction.NewEngine(rules(t, `{"labels":{"ADAE.AESERR":"x"}}`, "ADAE.AESER AE SER"))
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "/extraction/labels/ADAE.AESERR", invalid.Problems[0].Path)
}
