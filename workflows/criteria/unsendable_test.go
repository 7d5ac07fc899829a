package criteria_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

// TestTextsThatCannotBeSentAreMatchedHere: a subject key and an answer with a quote or a backslash select what any
// other does.
func TestTextsThatCannotBeSentAreMatchedHere(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	d := dataExtraction(t, server.Client())
	of := func(key string) criteria.RecordCriteria {
		return criteria.RecordCriteria{Subjects: imednet.Where("subjectKey", imednet.Equal, key)}
	}
	before, _ := recordIDs(t, d, study.Key(), of("01-001"))
	require.NotEmpty(t, before)
	var subject int64
	for s, err := range server.Client().Subjects(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if s.SubjectKey.Or("") == "01-001" {
			subject = s.SubjectID
		}
	}
	const key = `O'Neil "1\2`
	require.NoError(t, study.RenameSubject(subject, key))
	after, _ := recordIDs(t, d, study.Key(), of(key))
	require.Equal(t, before, after)

	forms := of(key)
	forms.Records = imednet.Where("formKey", imednet.Equal, "AE").And("recordStatus", imednet.NotEqual, `"`)
	some, report := recordIDs(t, d, study.Key(), forms)
	require.NotEmpty(t, some)
	require.Less(t, len(some), len(before))
	require.Equal(t, report.Read, report.Yielded+report.Deleted+report.Unmatched)
	nobody, _ := recordIDs(t, d, study.Key(), criteria.RecordCriteria{RecordData: imednet.Where("AETERM", imednet.Equal, `no "such" term`)})
	require.Empty(t, nobody)
}

// twinStudy has the shared records of a form with the variables AESER and aeser.
type twinStudy struct {
	criteria.Client
	studytest.DesignClient
	records []imednet.Record
}

func (s twinStudy) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return studytest.RowsOf(s.records)
}

func (twinStudy) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return studytest.RowsOf[imednet.Subject](nil)
}

func (s twinStudy) Forms(ctx context.Context, key string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return s.DesignClient.Forms(ctx, key, opts)
}

func (s twinStudy) Variables(ctx context.Context, key string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return s.DesignClient.Variables(ctx, key, opts)
}

// TestAnswersAreMatchedHereByTheirForm: of two variables that differ only in case a condition that cannot be sent
// reads its own, and one whose answer is unclear has none. Records of no form are matched by their keys.
func TestAnswersAreMatchedHereByTheirForm(t *testing.T) {
	study := twinStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms:     []imednet.Form{studytest.Form(1, "AE")},
		Variables: twoVariables("AESER", "aeser"),
	}}}
	for i, e := range examples.Twins() {
		data, err := imednet.NewRecordData([]byte(e.Object))
		require.NoError(t, err)
		study.records = append(study.records, imednet.Record{RecordID: int64(i + 1), FormID: imednet.Some(int64(1)), RecordData: data})
	}
	d := dataExtraction(t, study)
	for i, name := range []string{"AESER", "aeser"} {
		for text, condition := range map[string]imednet.Filter{"Y": imednet.Where(name, imednet.Greater, `N"`), "N": imednet.Where(name, imednet.Less, `N"`)} {
			want := []int64{}
			for at, e := range examples.Twins() {
				if [2]string{e.Upper, e.Lower}[i] == `"`+text+`"` {
					want = append(want, int64(at+1))
				}
			}
			ids, report := recordIDs(t, d, "S", criteria.RecordCriteria{RecordData: condition})
			require.Equal(t, want, ids, "%s %s", name, text)
			require.EqualValues(t, len(study.records)-len(want), report.Unmatched)
		}
	}
	for i := range study.records {
		study.records[i].FormID = imednet.Some(int64(9))
	}
	ids, _ := recordIDs(t, d, "S", criteria.RecordCriteria{RecordData: imednet.Where("AESER", imednet.Greater, `N"`)})
	require.Equal(t, []int64{2, 4, 5, 6, 7, 9}, ids)
}

// TestAVariableThatNoFormHas is refused before a record is asked for, on the server's conditions as on those that are
// matched here.
func TestAVariableThatNoFormHas(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	d := dataExtraction(t, server.Client())
	form := imednet.Where("formKey", imednet.Equal, "DM")
	for name, c := range map[string]criteria.RecordCriteria{
		"sent":               {RecordData: imednet.Where("AESSER", imednet.Equal, "Yes")},
		"not sent":           {RecordData: imednet.Where("AESSER", imednet.Equal, imednet.NoValue{})},
		"of another form":    {Records: form, RecordData: imednet.Where("AESER", imednet.Equal, imednet.NoValue{})},
		"of all but one":     {Records: imednet.Where("formKey", imednet.NotEqual, "AE"), RecordData: imednet.Where("AESER", imednet.NotEqual, "Yes")},
		"of nobody's answer": {Subjects: imednet.Where("subjectKey", imednet.Equal, "nobody"), RecordData: imednet.Where("AESSER", imednet.Equal, "Yes")},
	} {
		server.ResetRequests()
		for _, err := range d.Extract(t.Context(), study.Key(), c).Records() {
			require.ErrorIs(t, err, imednet.ErrNotFound, name)
			require.ErrorContains(t, err, "there is no such variable", name)
		}
		require.Empty(t, studytest.FiltersOf(server, "records"), name)
	}
	all, _ := recordIDs(t, d, study.Key(), criteria.RecordCriteria{RecordData: imednet.Where("aeser", imednet.Equal, imednet.NoValue{})})
	require.NotEmpty(t, all)
	either, _ := recordIDs(t, d, study.Key(), criteria.RecordCriteria{Records: imednet.Where("formKey", imednet.Equal, "DM").Or("formKey", imednet.Equal, "AE"),
		RecordData: imednet.Where("AESER", imednet.NotEqual, imednet.NoValue{})})
	require.NotEmpty(t, either, "alternatives name no form")
}

// TestAmbiguousAnswersAreCounted: neither condition on no value selects them, and the report says how many.
func TestAmbiguousAnswersAreCounted(t *testing.T) {
	study := twinStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms:     []imednet.Form{studytest.Form(1, "AE")},
		Variables: twoVariables("AESER", "OTHER"),
	}}}
	for i, object := range []string{`{"aeser":"Y","Aeser":"N"}`, `{"AESER":""}`, `{"AESER":"Y"}`, `{"aeser":"","Aeser":"","OTHER":"x"}`, `{"aeser":"","Aeser":"Y","AESER":"Y"}`} {
		data, err := imednet.NewRecordData([]byte(object))
		require.NoError(t, err)
		for copies := range 2 { // the second is deleted
			study.records = append(study.records, imednet.Record{RecordID: int64(2*i + copies), FormID: imednet.Some(int64(1)), RecordData: data, Deleted: imednet.Some(copies == 1)})
		}
	}
	d := dataExtraction(t, study)
	none, some := imednet.Where("AESER", imednet.Equal, imednet.NoValue{}), imednet.Where("AESER", imednet.NotEqual, imednet.NoValue{})
	for _, c := range []struct {
		filter  imednet.Filter
		deleted bool
		ids     []int64
		unclear int64
	}{
		{none, false, []int64{2}, 2}, {some, false, []int64{4, 8}, 2}, {none, true, []int64{2, 3}, 4},
		{none.And("OTHER", imednet.Equal, imednet.NoValue{}), false, []int64{2}, 1}, {none.Or("OTHER", imednet.Equal, `a "`), false, []int64{2}, 2},
	} {
		ids, report := recordIDs(t, d, "S", criteria.RecordCriteria{RecordData: c.filter, IncludeDeleted: c.deleted})
		require.Equal(t, c.ids, ids, c.filter)
		require.Equal(t, c.unclear, report.Unclear, c.filter)
		require.Equal(t, report.Read, report.Yielded+report.Deleted+report.Unmatched)
	}
}

func twoVariables(names ...string) (variables []imednet.Variable) {
	for i, name := range names {
		variables = append(variables, studytest.Variable(int64(i+1), name, "TEXT", "AE", imednet.Some(int64(1))))
	}
	return variables
}
