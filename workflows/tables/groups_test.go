package tables_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// groupSource has a subject for each of some answers to a form DM.
func groupSource(t *testing.T, variables []imednet.Variable, data ...string) *tableSource {
	t.Helper()
	src := &tableSource{forms: []imednet.Form{formOf(1, "DM")}, variables: variables}
	for i, answers := range data {
		r := answer(t, int64(i+1), "DM", answers)
		r.SubjectKey, r.SubjectID = imednet.Some(fmt.Sprint("S-", i)), imednet.Some(int64(i+1))
		src.records = append(src.records, r)
		src.subjects = append(src.subjects, imednet.Subject{SubjectID: int64(i + 1), SubjectKey: r.SubjectKey})
	}
	return src
}

func countGroups(t *testing.T, src *tableSource, columns []string, opts ...tables.Option) tables.GroupReport {
	t.Helper()
	report, err := tables.CountGroups(t.Context(), checked(t, src, opts...), "DEMO", tables.GroupOptions{Columns: columns, Size: 2})
	require.NoError(t, err)
	return report
}

func TestCountGroups(t *testing.T) {
	src := &tableSource{forms: []imednet.Form{formOf(1, "DM")}, variables: []imednet.Variable{question(1, "DM", "AGE", "NUMBER", ""), question(2, "DM", "SEX", "RADIO", "")}}
	for i, data := range []string{`{"AGE":50,"SEX":"M"}`, `{"AGE":50,"SEX":"M"}`, `{"AGE":50,"SEX":"M"}`, `{"AGE":97,"SEX":"F"}`, `{"SEX":"F"}`, `{"AGE":50,"SEX":"F"}`, `{"AGE":51,"SEX":"F"}`} {
		r := answer(t, int64(i+1), "DM", data)
		r.SubjectID, r.SubjectKey, r.SiteID = imednet.Opt[int64]{}, imednet.Some(fmt.Sprint("S-", min(i, 5))), imednet.Some[int64](1)
		src.records = append(src.records, r)
	}
	report, err := tables.CountGroups(t.Context(), checked(t, src), "DEMO", tables.GroupOptions{Columns: []string{"age", "DM.SEX", "siteId"}, Size: 2})
	require.NoError(t, err)
	require.Equal(t, tables.GroupReport{
		Columns: []string{"age", "DM.SEX", "siteId"}, Subjects: 6, Groups: 4, Smallest: 1, SmallSubjects: 3, Size: 2,
		Small: []tables.Group{{[]string{"", "F", "1"}, 1}, {[]string{"50 | 51", "F", "1"}, 1}, {[]string{"97", "F", "1"}, 1}},
	}, report)
	require.Equal(t, "6 subjects in 4 groups by age, DM.SEX, siteId; the smallest has 1; 3 subjects are in 3 groups of fewer than 2", report.String())
	_, err = tables.CountGroups(t.Context(), checked(t, src), "DEMO", tables.GroupOptions{Columns: []string{"WEIGHT"}})
	require.ErrorContains(t, err, `no variable "WEIGHT"`)
	_, err = tables.CountGroups(t.Context(), checked(t, src), "DEMO", tables.GroupOptions{})
	require.ErrorContains(t, err, "names no column")
}

// A date is grouped by what was entered, not by how precise it is.
func TestCountGroupsByDate(t *testing.T) {
	src := groupSource(t, []imednet.Variable{question(1, "DM", "BRTHDTC", "DATE", "")},
		`{"BRTHDTC":"1950-01-02"}`, `{"BRTHDTC":"1950-01-02"}`, `{"BRTHDTC":"1951-03-04"}`, `{"BRTHDTC":"1952-05"}`)
	for _, name := range []string{"BRTHDTC", "brthdtc", "DM.BRTHDTC"} {
		report := countGroups(t, src, []string{name})
		require.Equal(t, []tables.Group{{[]string{"1951-03-04"}, 1}, {[]string{"1952-05"}, 1}}, report.Small, name)
		require.Equal(t, 3, report.Groups, name)
	}
}

// A variable that differs only in case is another one.
func TestCountGroupsPrefersTheExactName(t *testing.T) {
	src := groupSource(t, []imednet.Variable{question(1, "DM", "AGE", "TEXT", ""), question(2, "DM", "age", "TEXT", ""), question(3, "DM", "Age", "TEXT", "")},
		`{"AGE":"1","age":"2","Age":"3"}`)
	require.Equal(t, []tables.Group{{[]string{"2"}, 1}}, countGroups(t, src, []string{"age"}).Small)
	require.Equal(t, []tables.Group{{[]string{"1"}, 1}}, countGroups(t, src, []string{"DM.AGE"}).Small)
}

// A subject is one however its records name it, with and without de-identification.
func TestCountGroupsKnowsSubjectsByIDAndKey(t *testing.T) {
	src := groupSource(t, []imednet.Variable{question(1, "DM", "SEX", "TEXT", "")}, `{"SEX":"M"}`, `{"SEX":"F"}`)
	add := func(id int64, key, sex string) {
		r := answer(t, int64(len(src.records)+1), "DM", `{"SEX":"`+sex+`"}`)
		r.SubjectID, r.SubjectKey = imednet.Opt[int64]{}, imednet.Opt[string]{}
		if id != 0 {
			r.SubjectID = imednet.Some(id)
		}
		if key != "" {
			r.SubjectKey = imednet.Some(key)
		}
		src.records = append(src.records, r)
	}
	add(1, "S-OLD", "M") // before it was renamed
	add(1, "", "M")
	add(0, "S-0", "M")
	add(9, "", "X") // of a subject that the study does not list
	add(0, "", "Y") // of no subject
	for _, opts := range [][]tables.Option{nil, {tables.WithDeidentification(tables.Deidentification{Key: secret, FreeText: []string{"SEX"}})}} {
		report := countGroups(t, src, []string{"SEX"}, opts...)
		require.Equal(t, 3, report.Subjects)
		require.Equal(t, []tables.Group{{[]string{"F"}, 1}, {[]string{"M"}, 1}, {[]string{"X"}, 1}}, report.Small)
	}
}

// Two answers are not the answer that reads like both.
func TestCountGroupsKeepsAnswersApart(t *testing.T) {
	src := groupSource(t, []imednet.Variable{question(1, "DM", "RACE", "TEXT", "")}, `{"RACE":"a | b"}`, `{"RACE":"a"}`)
	second := answer(t, 3, "DM", `{"RACE":"b"}`)
	second.SubjectKey, second.SubjectID = src.records[1].SubjectKey, src.records[1].SubjectID
	src.records = append(src.records, second)
	report := countGroups(t, src, []string{"RACE"})
	require.Equal(t, 2, report.Groups)
	require.Equal(t, 1, report.Smallest)
}
