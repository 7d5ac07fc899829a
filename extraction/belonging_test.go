package extraction_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// listedSource is records with a listing of subjects, as a mirror has them: subject by subject.
type listedSource struct {
	extraction.RecordList
	subjects []imednet.Subject
}

func (s listedSource) Subjects(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return clientSource{subjects: s.subjects}.Subjects(ctx, study, opts)
}

func subjectOf(id int64, key string, deleted bool) imednet.Subject {
	return imednet.Subject{SubjectID: id, SubjectKey: imednet.Some(key), Deleted: imednet.Some(deleted)}
}

// of gives a record to a subject by id and key; 0 and "" are none.
func of(r imednet.Record, id int64, key string) imednet.Record {
	r.SubjectID, r.SubjectKey = imednet.Opt[int64]{}, imednet.Opt[string]{}
	if id != 0 {
		r.SubjectID = imednet.Some(id)
	}
	if key != "" {
		r.SubjectKey = imednet.Some(key)
	}
	return r
}

// inEachWay extracts from a source that is grouped and from one listing.
func inEachWay(t *testing.T, subjects []imednet.Subject, opts extraction.Options, records ...imednet.Record) []*extraction.ExtractionResult {
	t.Helper()
	engine, err := extraction.NewEngine(rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"))
	require.NoError(t, err)
	grouped, err := engine.Extract(t.Context(), listedSource{records, subjects}, opts)
	require.NoError(t, err)
	opts.InMemory = true
	listed, err := engine.Extract(t.Context(), clientSource{plainSource: plainSource{records: records}, subjects: subjects}, opts)
	require.NoError(t, err)
	return []*extraction.ExtractionResult{grouped, listed}
}

// TestARecordWithAKeyOnlyBelongsToTheListedSubject: its event is joined with the subject's treatment, and
// the subject counts once.
func TestARecordWithAKeyOnlyBelongsToTheListedSubject(t *testing.T) {
	subjects := []imednet.Subject{subjectOf(7, "01-007", false), subjectOf(8, "01-008", false), subjectOf(9, "01-009", false)}
	for _, result := range inEachWay(t, subjects, extraction.Options{},
		of(rec(t, 1, "EX", `{"D":"2024-01-10"}`), 7, "01-007"), of(rec(t, 2, "AE", `{"D":"2024-01-12"}`), 0, "01-007"),
		of(rec(t, 3, "AE", `{"D":"2024-01-12"}`), 0, "01-008"), of(rec(t, 4, "EX", `{"D":"2024-01-10"}`), 9, "01-009"), of(rec(t, 5, "AE", `{"D":"2024-01-11"}`), 9, "")) {
		require.EqualValues(t, 3, result.Report.Subjects)
		require.Len(t, result.ADSLRecords, 2)
		ids, days := []int64{}, []string{}
		for _, e := range result.ADAERecords {
			ids, days = append(ids, e.SubjectID), append(days, e.Text("ASTDY"))
		}
		require.Equal(t, []int64{7, 8, 9}, ids)
		require.Equal(t, []string{"3", "", "2"}, days)
		require.NotContains(t, codes(result), "subject-key subjectKey")
		require.True(t, result.Report.Balanced())
	}
}

// TestARecordOfNoListedSubjectStaysApart and is a finding: of two subjects with its key, neither is guessed.
func TestARecordOfNoListedSubjectStaysApart(t *testing.T) {
	for name, c := range map[string]struct {
		id  int64
		key string
		why imednet.ContradictionKind
	}{
		"a key of two":            {0, "twice", imednet.KeyAmbiguous},
		"a key in another case":   {0, "ONCE", imednet.KeyInOtherCase},
		"a key of none":           {0, "none", imednet.NothingKnown},
		"an id of none":           {99, "once", imednet.IDUnknown},
		"an id and a key of none": {99, "none", imednet.NothingKnown},
	} {
		subjects := []imednet.Subject{subjectOf(7, "twice", false), subjectOf(8, "twice", true), subjectOf(9, "once", false)}
		for _, result := range inEachWay(t, subjects, extraction.Options{}, of(rec(t, 1, "EX", `{"D":"2024-01-10"}`), 9, "once"), of(rec(t, 2, "AE", `{"D":"2024-01-12"}`), c.id, c.key)) {
			require.EqualValues(t, 2, result.Report.Subjects, name)
			require.Empty(t, result.ADAERecords[0].Text("ASTDY"), name)
			at := slices.IndexFunc(result.Findings, func(f extraction.Finding) bool { return f.Code == extraction.FindingSubjectKey })
			require.GreaterOrEqual(t, at, 0, name)
			require.Contains(t, result.Findings[at].Message, string(c.why), name)
			require.EqualValues(t, 2, result.Findings[at].RecordID)
			require.False(t, result.Report.Sound(), name)
		}
	}
}

// TestARecordWithTheKeyOfADeletedSubjectIsLeftOut as the subject's other records are.
func TestARecordWithTheKeyOfADeletedSubjectIsLeftOut(t *testing.T) {
	subjects, records := []imednet.Subject{subjectOf(7, "gone", true)}, []imednet.Record{of(rec(t, 1, "EX", `{"D":"2024-01-10"}`), 7, "gone"), of(rec(t, 2, "AE", `{"D":"2024-01-12"}`), 0, "gone")}
	for _, result := range inEachWay(t, subjects, extraction.Options{}, records...) {
		require.Empty(t, result.ADAERecords)
		require.EqualValues(t, 2, result.Report.Records.Excluded[extraction.ExcludedDeletedSubject])
	}
	for _, result := range inEachWay(t, subjects, extraction.Options{IncludeDeleted: true}, records...) {
		require.Len(t, result.ADAERecords, 1)
		require.True(t, result.ADAERecords[0].Deleted)
	}
}

// TestLineageOfARecordWithAKeyOnly knows what the subject's other records say, and they know of it.
func TestLineageOfARecordWithAKeyOnly(t *testing.T) {
	records := extraction.RecordList{of(rec(t, 1, "EX", `{"D":"2024-01-10"}`), 7, "01-007"), of(rec(t, 2, "AE", `{"D":"2024-01-12"}`), 0, "01-007"), of(rec(t, 3, "AE", `{"D":"2024-01-13"}`), 7, "old")}
	subjects := []imednet.Subject{subjectOf(7, "01-007", false)}
	engine, err := extraction.NewEngine(rules(t, `{"analysis":{}}`, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"))
	require.NoError(t, err)
	for _, src := range []imednet.RecordSource{listedSource{records, subjects}, clientSource{plainSource: plainSource{records: records}, subjects: subjects}} {
		for record, want := range map[int64][2]string{2: {"3", "1"}, 3: {"4", "2"}} {
			for field, value := range map[string]string{"ASTDY": want[0], "ASEQ": want[1]} {
				found := false
				for row, err := range engine.Lineage(t.Context(), src, extraction.LineageQuery{RecordID: record, Domain: extraction.ADAE, Field: field}, extraction.Options{}) {
					require.NoError(t, err)
					require.Equal(t, value, row.Values[0].Value.String(), "%s of record %d", field, record)
					found = true
				}
				require.True(t, found)
			}
		}
	}
}

// TestARecordWithTheKeyOfAnotherSubjectIsFound: its id decides.
func TestARecordWithTheKeyOfAnotherSubjectIsFound(t *testing.T) {
	for key, more := range map[string]bool{"b": true, "old": false} {
		for _, result := range inEachWay(t, []imednet.Subject{subjectOf(7, "a", false), subjectOf(8, "b", false)}, extraction.Options{}, of(rec(t, 1, "AE", `{}`), 7, key)) {
			require.EqualValues(t, 7, result.ADAERecords[0].SubjectID)
			require.Contains(t, codes(result), "subject-key subjectKey")
			at := slices.IndexFunc(result.Findings, func(f extraction.Finding) bool { return f.Code == extraction.FindingSubjectKey })
			require.Equal(t, more, strings.Contains(result.Findings[at].Message, "another subject has that key"), key)
		}
	}
}

// TestASubjectOfDoubtfulDeletionIsLeftOut as records are whose flag cannot be read.
func TestASubjectOfDoubtfulDeletionIsLeftOut(t *testing.T) {
	subject, err := imednet.Decode[imednet.Subject]([]byte(`{"subjectId":7,"subjectKey":"01-007","deleted":"Y"}`))
	require.NoError(t, err)
	for _, result := range inEachWay(t, []imednet.Subject{subject}, extraction.Options{}, of(rec(t, 1, "AE", `{"D":"2024-01-12"}`), 7, "01-007")) {
		require.Empty(t, result.ADAERecords)
		require.Equal(t, map[string]int64{extraction.ExcludedDeletedSubject: 1}, result.Report.Records.Excluded)
	}
}
