package triage_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

var ofCardio = triage.FindingsOptions{StudyKey: "CARDIO", Severity: "LOW"}

func TestReadFindings(t *testing.T) {
	const document = `{"adverseEvents": [{"a": [1, {}]}], "studyKey": "CARDIO", "findings": [
		{"code": "end-before-start", "domain": "AE", "recordId": 7, "formKey": "AE", "subjectKey": "01-001", "field": "AEENDTC", "message": "is before AESTDTC"},
		{"code": "conflict", "domain": "ADSL", "subjectKey": "01-001", "field": "AGE", "message": "two records differ", "values": ["41", "42"]},
		{"code": "own", "severity": "HIGH", "recordId": 8, "revisionId": 3, "fingerprint": "f1"}
	], "report": null}`
	found, err := triage.ReadFindings(strings.NewReader(document), triage.FindingsOptions{StudyKey: "CARDIO", Severity: "LOW", KeepResolved: true})
	require.NoError(t, err)
	require.Len(t, found, 3)
	require.Equal(t, triage.Link{RecordID: 7, FormKey: "AE", Variable: "AEENDTC", Rule: "AE.end-before-start"}, found[0].Link)
	require.Equal(t, "AEENDTC: is before AESTDTC", found[0].Summary, "the record says whose it is")
	require.Equal(t, "01-001: AGE: two records differ", found[1].Summary, "without a record only the subject does")
	require.Equal(t, "LOW", found[1].Severity)
	require.Equal(t, triage.Finding{StudyKey: "CARDIO", Fingerprint: "f1", Severity: "HIGH", KeepResolved: true,
		Link: triage.Link{RecordID: 8, RevisionID: 3, Rule: "own"}}, found[2])
}

// Findings that differ in anything but their severity are different ones; equal ones stay one item
// however often they are reported.
func TestReadFindingsTellsThemApart(t *testing.T) {
	const document = `[
		{"code": "c", "domain": "AE", "recordId": 1, "field": "X", "message": "m"},
		{"code": "c", "domain": "ADAE", "recordId": 1, "field": "X", "message": "m"},
		{"code": "c", "domain": "AE", "recordId": 2, "field": "X", "message": "m"},
		{"code": "c", "domain": "AE", "recordId": 1, "field": "Y", "message": "m"},
		{"code": "c", "domain": "AE", "recordId": 1, "field": "X", "message": "n"},
		{"code": "c", "domain": "AE", "subjectKey": "01-001", "field": "X", "message": "m"},
		{"code": "c", "domain": "AE", "subjectKey": "01-002", "field": "X", "message": "m"},
		{"code": "c", "domain": "AE", "recordId": 1, "field": "X", "message": "m"}]`
	found, err := triage.ReadFindings(strings.NewReader(document), ofCardio)
	require.NoError(t, err)
	prints := map[string]bool{}
	for _, f := range found {
		prints[f.Fingerprint] = true
	}
	require.Len(t, prints, 7)

	store, err := triage.NewTriageStore(t.Context(), filepath.Join(t.TempDir(), "triage.sqlite3"))
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	for _, want := range []triage.Outcome{triage.OutcomeCreated, triage.OutcomeUnchanged} {
		reported, err := store.ReportFindings(t.Context(), "nightly", found)
		require.NoError(t, err)
		for _, r := range reported.Findings[:7] {
			require.Equal(t, want, r.Outcome)
		}
		require.Equal(t, triage.OutcomeUnchanged, reported.Findings[7].Outcome)
	}
}

func TestReadFindingsRefuses(t *testing.T) {
	for name, document := range map[string]string{
		"nothing":           ``,
		"null":              `null`,
		"another kind":      `"secret"`,
		"no findings":       `{"adverseEvents": []}`,
		"no array":          `{"findings": {}}`,
		"no finding":        `[3]`,
		"no code":           `[{"recordId": 1}]`,
		"unknown member":    `[{"code": "c", "sevrity": "HIGH"}]`,
		"member twice":      `[{"code": "c", "code": "secret"}]`,
		"text for a number": `[{"code": "c", "recordId": "secret"}]`,
		"cut short":         `[{"code": "c"}`,
		"cut in an object":  `{"findings": [{"code": "c"}], "x": "secret`,
		"cut in a finding":  `[{"code": "secret`,
		"something behind":  `[] secret`,
		"another study":     `{"studyKey": "secret", "findings": []}`,
		"no study":          `{"studyKey": 5, "findings": []}`,
	} {
		_, err := triage.ReadFindings(strings.NewReader(document), ofCardio)
		require.ErrorAs(t, err, new(*imednet.ValidationError), name)
		require.NotContains(t, err.Error(), "secret", name)
	}
	for document, want := range map[string]string{
		`{"studyKey": "OTHER", "findings": []}`: "studyKey: is that of another study",
		`{"studyKey": 5, "findings": []}`:       "studyKey: is cut short or not text",
		`{"findings": [{"recordId": 1}]}`:       "findings[0].code: must not be blank",
	} {
		_, err := triage.ReadFindings(strings.NewReader(document), ofCardio)
		require.ErrorContains(t, err, want)
	}
	_, err := triage.ReadFindings(strings.NewReader("[]"), triage.FindingsOptions{})
	require.ErrorAs(t, err, new(*imednet.ValidationError), "the study is required")

	broken := errors.New("disk")
	_, err = triage.ReadFindings(io.MultiReader(strings.NewReader(`[{"code": "c"},`), iotest.ErrReader(broken)), ofCardio)
	require.ErrorIs(t, err, broken, "a file that cannot be read is no invalid one")
}

func FuzzReadFindings(f *testing.F) {
	f.Add(`[{"code": "c", "values": ["1"]}]`)
	f.Add(`{"findings": [], "x": {"y": [null]}}`)
	f.Fuzz(func(t *testing.T, document string) {
		found, err := triage.ReadFindings(strings.NewReader(document), ofCardio)
		if err != nil {
			require.ErrorAs(t, err, new(*imednet.ValidationError))
			return
		}
		for _, finding := range found {
			require.NotEmpty(t, finding.Fingerprint)
			require.NotEmpty(t, finding.Link.Rule)
		}
	})
}
