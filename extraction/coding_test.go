package extraction_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// codedSource is records with their codings.
type codedSource struct {
	extraction.RecordList
	codings []imednet.Coding
	err     error
}

func (s codedSource) Codings(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return func(yield func(imednet.Coding, error) bool) {
		for _, c := range s.codings {
			if !yield(c, nil) {
				return
			}
		}
		if s.err != nil {
			yield(imednet.Coding{}, s.err)
		}
	}
}

func coding(tb testing.TB, id, record int64, variable, value, code, more string) imednet.Coding {
	tb.Helper()
	c, err := imednet.Decode[imednet.Coding](fmt.Appendf(nil, `{"codingId":%d,"recordId":%d,"variable":%q,"value":%q,"code":%s,%s}`, id, record, variable, value, code, more))
	require.NoError(tb, err)
	return c
}

const meddra27 = `"dictionaryName":"MedDRA","dictionaryVersion":"27.0","dateCoded":"2024-05-01 10:00:00","revision":1`

// codedEvents maps the decoded term and its status.
func codedEvents(tb testing.TB, member string, lines ...string) imednet.StudyConfiguration {
	return rules(tb, "", append([]string{"ADAE.AETERM AE AETERM", "ADAE.AEDECOD AE " + member, "ADAE.CODSTAT AE coding.AETERM.status"}, lines...)...)
}

func TestTheDecodedTermComesFromTheCodingOfTheAnswerAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		answers, member string
		codings         []imednet.Coding
		want, status    string
		finding         extraction.Severity
	}{
		"coded":                         {`{"AETERM":"bad cough"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "aeterm", "bad cough", `"Cough"`, meddra27)}, "Cough", "coded", ""},
		"white space around the answer": {`{"AETERM":" bad cough "}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "bad cough", `"Cough"`, meddra27)}, "Cough", "coded", ""},
		"another record's":              {`{"AETERM":"bad cough"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 2, "AETERM", "bad cough", `"Cough"`, meddra27)}, "", "not coded", ""},
		"another variable's":            {`{"AETERM":"bad cough"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AEACN", "bad cough", `"Cough"`, meddra27)}, "", "not coded", ""},
		"no code yet":                   {`{"AETERM":"bad cough"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "bad cough", `null`, meddra27)}, "", "not coded", ""},
		"no answer":                     {`{"AETERM":" "}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "bad cough", `"Cough"`, meddra27)}, "", "", ""},
		"the answer changed since":      {`{"AETERM":"bad cold"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "bad cough", `"Cough"`, meddra27)}, "", "outdated", extraction.SeverityWarning},
		"coded again": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 9, 1, "AETERM", "x", `"Old"`, meddra27),
			coding(t, 4, 1, "AETERM", "x", `"New"`, `"dictionaryName":"MedDRA","dictionaryVersion":"27.1","dateCoded":"2024-05-01 09:00:00","revision":2`)}, "New", "coded", ""},
		"coded again later": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"New"`, `"dictionaryName":"MedDRA","dateCoded":"2024-05-02 09:00:00","revision":1`),
			coding(t, 9, 1, "AETERM", "x", `"Old"`, meddra27)}, "New", "coded", ""},
		"twice alike": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27), coding(t, 5, 1, "AETERM", "x", `"One"`, meddra27)}, "One", "coded", ""},
		"two terms":   {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27), coding(t, 5, 1, "AETERM", "x", `"Two"`, meddra27)}, "", "ambiguous", extraction.SeverityError},
		"two dictionaries, one named": {`{"AETERM":"x"}`, "coding.AETERM.meddra.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dictionaryVersion":"1","dateCoded":"2024-05-01 10:00:00","revision":1`)}, "One", "ambiguous", extraction.SeverityError},
		"two dictionaries, none named": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dictionaryVersion":"1","dateCoded":"2024-05-02 10:00:00","revision":2`)}, "", "ambiguous", extraction.SeverityError},
		"two dictionaries, one outdated": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "before", `"Old"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dictionaryVersion":"1","dateCoded":"2024-05-02 10:00:00","revision":1`)}, "Two", "coded", extraction.SeverityWarning},
		"the outdated one is newer": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dateCoded":"2024-04-02 10:00:00","revision":1`),
			coding(t, 4, 1, "AETERM", "before", `"Old"`, meddra27)}, "Two", "coded", extraction.SeverityWarning},
		"two dictionaries, both outdated": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "before", `"Old"`, meddra27),
			coding(t, 5, 1, "AETERM", "earlier", `"Two"`, `"dictionaryName":"WHO-ART","dateCoded":"2024-05-02 10:00:00","revision":1`)}, "", "outdated", extraction.SeverityWarning},
		"two dictionaries, the outdated one named": {`{"AETERM":"x"}`, "coding.AETERM.MedDRA.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "before", `"Old"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dateCoded":"2024-05-02 10:00:00","revision":1`)}, "", "coded", extraction.SeverityWarning},
		"two dictionaries, one without a code": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `" "`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"Two"`, `"dictionaryName":"WHO-ART","dateCoded":"2024-05-02 10:00:00","revision":1`)}, "Two", "coded", ""},
		"an outdated one beside one without a code": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `null`, meddra27),
			coding(t, 5, 1, "AETERM", "before", `"Two"`, `"dictionaryName":"WHO-ART","dateCoded":"2024-05-02 10:00:00","revision":1`)}, "", "outdated", extraction.SeverityWarning},
		"taken back after it was coded": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"Old"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `null`, `"dictionaryName":"MedDRA","dateCoded":"2024-05-02 10:00:00","revision":2`)}, "", "not coded", ""},
		"at the same time for two answers": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "before", `"Old"`, meddra27), coding(t, 5, 1, "AETERM", "x", `"New"`, meddra27)}, "New", "coded", extraction.SeverityWarning},
		"two versions of a dictionary": {`{"AETERM":"x"}`, "coding.AETERM.code", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27),
			coding(t, 5, 1, "AETERM", "x", `"One"`, `"dictionaryName":"MedDRA","dictionaryVersion":"27.1","dateCoded":"2024-05-01 10:00:00","revision":1`)}, "", "ambiguous", extraction.SeverityError},
		"version": {`{"AETERM":"x"}`, "coding.AETERM.dictionaryVersion", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27)}, "27.0", "coded", ""},
		"date":    {`{"AETERM":"x"}`, "coding.AETERM.dateCoded", []imednet.Coding{coding(t, 4, 1, "AETERM", "x", `"One"`, meddra27)}, "2024-05-01T10:00:00Z", "coded", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := codedSource{RecordList: extraction.RecordList{rec(t, 1, "AE", c.answers)}, codings: c.codings}
			result, err := extraction.ExtractCanonicalRecords(t.Context(), src, codedEvents(t, c.member), extraction.Options{})
			require.NoError(t, err)
			row := result.ADAERecords[0]
			require.Equal(t, c.want, row.DecodedTerm)
			require.Equal(t, c.status, row.Text("CODSTAT"))
			var severity extraction.Severity
			for _, f := range result.Findings {
				if f.Code == extraction.FindingCoding {
					severity = max(severity, f.Severity)
				}
			}
			require.Equal(t, c.finding, severity)
		})
	}
}

func TestATermNamesItsCodingAndDictionary(t *testing.T) {
	src := codedSource{
		RecordList: extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"bad cough"}`)},
		codings:    []imednet.Coding{coding(t, 4401, 1, "AETERM", "bad cough", `"Cough"`, meddra27)},
	}
	result, err := extraction.ExtractCanonicalRecords(t.Context(), src, codedEvents(t, "coding.AETERM.code"), extraction.Options{})
	require.NoError(t, err)
	lineage, ok := result.ADAERecords[0].Lineage("AEDECOD")
	require.True(t, ok)
	require.Equal(t, &extraction.CodingOrigin{CodingID: 4401, DictionaryName: "MedDRA", DictionaryVersion: "27.0"}, lineage.Coding)
	require.Equal(t, `AEDECOD is "Cough" from variable coding.AETERM.code, which held "Cough" in coding 4401 (MedDRA 27.0); record 1 of form AE; mapping 1 of configuration 1.0.0.`, lineage.String())
	require.Equal(t, map[string]int64{"MedDRA 27.0": 1}, result.Report.Dictionaries)
}

func TestCodingsThatCannotBeReadEndTheRun(t *testing.T) {
	list := extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"x"}`)}
	_, err := extraction.ExtractCanonicalRecords(t.Context(), list, codedEvents(t, "coding.AETERM.code"), extraction.Options{})
	require.ErrorIs(t, err, extraction.ErrNoCodings)
	failing := codedSource{err: imednet.ErrForbidden}
	_, err = extraction.ExtractCanonicalRecords(t.Context(), list, codedEvents(t, "coding.AETERM.code"), extraction.Options{Codings: failing})
	require.ErrorIs(t, err, imednet.ErrForbidden)
	var none imednet.RecordSource
	_, err = extraction.ExtractCanonicalRecords(t.Context(), none, codedEvents(t, "AETERM"), extraction.Options{})
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
}

func TestACodingSourceIsCheckedAndMasked(t *testing.T) {
	for _, name := range []string{"coding.AETERM", "coding..code", "coding.AETERM.soc", "coding."} {
		_, err := extraction.NewEngine(rules(t, "", "ADAE.AEDECOD AE "+name))
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		require.Equal(t, "/mappings/0/sourceVariableName", invalid.Problems[0].Path)
	}
	cfg := codedEvents(t, "coding.AETERM.code")
	cfg.PHIFields = []string{"AETERM"}
	src := codedSource{RecordList: extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"bad cough"}`)}, codings: []imednet.Coding{coding(t, 4, 1, "AETERM", "bad cough", `"Cough"`, meddra27)}}
	result, err := extraction.ExtractCanonicalRecords(t.Context(), src, cfg, extraction.Options{})
	require.NoError(t, err)
	lineage, _ := result.ADAERecords[0].Lineage("AEDECOD")
	require.True(t, lineage.Masked)
	require.NotContains(t, lineage.String(), "Cough")
}

func TestUSUBJIDFollowsTheTemplate(t *testing.T) {
	with := func(id int64, members string) imednet.Record {
		return rec(t, id, "AE", `{"AETERM":"x"}`, members)
	}
	for name, c := range map[string]struct {
		template string
		records  []imednet.Record
		want     []string
		finding  string
	}{
		"study, site and subject": {"{studyKey}-{siteId}-{subjectKey}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101","siteId":3`)}, []string{"S-3-101"}, ""},
		"by id":                   {"{studyKey}/{subjectId}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101"`)}, []string{"S/7"}, ""},
		"no site":                 {"{siteId}-{subjectKey}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101"`)}, []string{""}, extraction.FindingNotDerived},
		"two sites":               {"{siteId}-{subjectKey}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101","siteId":3`), with(2, `"subjectId":7,"subjectKey":"101","siteId":4`)}, []string{"", ""}, extraction.FindingNotDerived},
		"two subjects of one key": {"{studyKey}-{subjectKey}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101"`), with(2, `"subjectId":8,"subjectKey":"101"`)}, []string{"S-101", "S-101"}, extraction.FindingUSUBJID},
		"another site each":       {"{siteId}-{subjectKey}", []imednet.Record{with(1, `"subjectId":7,"subjectKey":"101","siteId":1`), with(2, `"subjectId":8,"subjectKey":"101","siteId":2`)}, []string{"1-101", "2-101"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			result := extract(t, rules(t, fmt.Sprintf(`{"usubjid":%q}`, c.template), "ADAE.AETERM AE AETERM", "ADSL.ARM AE AETERM"), c.records...)
			var got []string
			for _, row := range result.ADAERecords {
				got = append(got, row.Text("USUBJID"))
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.want[0], result.ADSLRecords[0].Text("USUBJID"))
			if c.finding == "" {
				require.Empty(t, result.Findings)
				return
			}
			require.Equal(t, c.finding, result.Findings[0].Code)
		})
	}
}

// TestUSUBJIDIsMaskedWhereItHoldsWhatIsMasked: what identifies a person does so within an identifier too.
func TestUSUBJIDIsMaskedWhereItHoldsWhatIsMasked(t *testing.T) {
	cfg := rules(t, `{"usubjid":"{studyKey}-{siteId}-{subjectKey}"}`, "AE.aeTerm AE T", "AE.aeSeverity AE T")
	record := rec(t, 1, "AE", `{}`, `"subjectId":7,"subjectKey":"101","siteId":5`)
	shown := func(phi ...string) string {
		cfg.PHIFields = phi
		return extract(t, cfg, record).ValidationErrors[0].Payload.Text("USUBJID")
	}
	require.Equal(t, "S-5-101", shown())
	require.Equal(t, "S-5-101", shown("T"))
	for _, name := range []string{"subjectKey", "siteId", "USUBJID"} {
		require.Equal(t, "[masked]", shown(name), name)
	}
}

func TestUSUBJIDTemplatesAreChecked(t *testing.T) {
	for template, lines := range map[string][]string{
		"{studyKey}":             {"ADAE.AETERM AE AETERM"},
		"{studyKey}-{subject}":   {"ADAE.AETERM AE AETERM"},
		"{studyKey}-{subjectKey": {"ADAE.AETERM AE AETERM"},
		"{subjectKey}":           {"ADAE.AETERM AE AETERM", "ADAE.USUBJID AE X"},
	} {
		_, err := extraction.NewEngine(rules(t, fmt.Sprintf(`{"usubjid":%q}`, template), lines...))
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, template)
		require.Equal(t, "/extraction/usubjid", invalid.Problems[0].Path)
	}
}

func TestVisitsAfterDeathAreFound(t *testing.T) {
	visits := visitList{}
	for i, members := range []string{`"visitDate":"2024-01-14"`, `"visitDate":"2024-01-16"`, `"visitDate":null`, `"visitDate":"2024-02-01","deleted":true`} {
		v, err := imednet.Decode[imednet.Visit](fmt.Appendf(nil, `{"visitId":%d,"subjectId":1,%s}`, i+1, members))
		require.NoError(t, err)
		visits.list = append(visits.list, v)
	}
	cfg := rules(t, "", "ADSL.DTHDT DM DTH")
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	result := func(source imednet.VisitReader) extraction.RuleResult {
		run, err := extraction.NewConformance(extraction.ConformanceRules())
		require.NoError(t, err)
		records := extraction.RecordList{rec(t, 1, "DM", `{"DTH":"2024-01-15"}`)}
		for subject, err := range engine.Run(t.Context(), records, extraction.Options{Visits: source}).Subjects() {
			require.NoError(t, err)
			run.Subject(subject)
		}
		return run.Results()[slices.IndexFunc(run.Results(), func(r extraction.RuleResult) bool { return r.ID == "ADSL-022" })]
	}
	found := result(visits)
	require.Equal(t, extraction.RuleFindings, found.State)
	require.Len(t, found.Findings, 1)
	require.Equal(t, "visit 2 is after DTHDT", found.Findings[0].Message)
	require.Equal(t, extraction.RulePass, result(visitList{list: visits.list[:1]}).State)
	require.Equal(t, extraction.RulePass, result(visitList{}).State)
	for _, none := range []imednet.VisitReader{nil, visitList{err: imednet.ErrForbidden}} {
		require.Equal(t, extraction.RuleSkipped, result(none).State)
		require.Equal(t, "no visits were read", result(none).Reason)
	}
}

type visitList struct {
	list []imednet.Visit
	err  error
}

func (l visitList) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return func(yield func(imednet.Visit, error) bool) {
		for _, v := range l.list {
			if !yield(v, nil) {
				return
			}
		}
		if l.err != nil {
			yield(imednet.Visit{}, l.err)
		}
	}
}

// TestACodedAnswerThatContradictsItselfIsFound: the coding is of one of the two.
func TestACodedAnswerThatContradictsItselfIsFound(t *testing.T) {
	source := codedSource{extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"cough","aeterm":"fall"}`)}, []imednet.Coding{coding(t, 4, 1, "AETERM", "cough", `"Cough"`, meddra27)}, nil}
	result, err := extraction.ExtractCanonicalRecords(t.Context(), source, rules(t, "", "ADAE.AEDECOD AE coding.AETERM.code"), extraction.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"repeated AETERM"}, codes(result))
}

// TestABlankCodeIsNoTerm: nobody chose one.
func TestABlankCodeIsNoTerm(t *testing.T) {
	for _, code := range []string{`null`, `""`, `"  "`} {
		cfg := rules(t, "", "ADAE.AEDECOD AE coding.T.code", "ADAE.STATUS AE coding.T.status")
		src := codedSource{RecordList: extraction.RecordList{rec(t, 1, "AE", `{"T":"a"}`)}, codings: []imednet.Coding{coding(t, 1, 1, "T", "a", code, `"dictionaryName":"MedDRA"`)}}
		result, err := extraction.ExtractCanonicalRecords(t.Context(), src, cfg, extraction.Options{})
		require.NoError(t, err)
		term, _ := result.ADAERecords[0].Get("AEDECOD")
		status, _ := result.ADAERecords[0].Get("STATUS")
		require.Equal(t, []string{"", extraction.CodingNotCoded}, []string{term.String(), status.String()}, code)
	}
}

// TestACodingThatDoesNotSayOfWhichAnswerItIs is believed.
func TestACodingThatDoesNotSayOfWhichAnswerItIs(t *testing.T) {
	coded, err := imednet.Decode[imednet.Coding]([]byte(`{"codingId":4,"recordId":1,"variable":"AETERM","code":"Cough",` + meddra27 + `}`))
	require.NoError(t, err)
	src := codedSource{RecordList: extraction.RecordList{rec(t, 1, "AE", `{"AETERM":"x"}`)}, codings: []imednet.Coding{coded}}
	result, err := extraction.ExtractCanonicalRecords(t.Context(), src, codedEvents(t, "coding.AETERM.code"), extraction.Options{})
	require.NoError(t, err)
	require.Equal(t, "Cough", result.ADAERecords[0].DecodedTerm)
	require.Equal(t, "coded", result.ADAERecords[0].Text("CODSTAT"))
}
