package profiles_test

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// TestTheProfileReadsTheSharedAnswers: the profile reads every answer of the table that the whole
// library shares as the table has it, whatever type is declared.
func TestTheProfileReadsTheSharedAnswers(t *testing.T) {
	fits := map[string]func(examples.Answer) bool{
		"NUMBER":   func(a examples.Answer) bool { return a.Number != "" },
		"INTEGER":  func(a examples.Answer) bool { return a.Whole },
		"DATE":     func(a examples.Answer) bool { return a.Date != "" },
		"CHECKBOX": func(a examples.Answer) bool { return a.Flag != "" },
		"TEXT":     func(examples.Answer) bool { return true },
		"":         func(examples.Answer) bool { return true },
	}
	for _, a := range examples.Answers() {
		for declared, fit := range fits {
			field := profileAnswers(t, declared, profiles.Options{ShowValues: true}, sharedRecord(t, a))
			at := declared + " " + a.JSON
			assert.Equal(t, a.Missing, field.Populated == 0, "%s missing", at)
			if a.Missing {
				continue
			}
			assert.Equal(t, fit(a), field.Misfits == 0, "%s fits", at)
			assert.Equal(t, field.Misfits > 0, field.Disagrees, at)
			assert.Equal(t, a.Number != "", field.Types.Numeric == 1, "%s number", at)
			assert.Equal(t, a.Whole, field.Types.Integers == 1, "%s whole", at)
			assert.Equal(t, a.Flag != "", field.Types.Boolean == 1, "%s flag", at)
			if declared == "DATE" || a.Number == "" {
				assert.Equal(t, a.Date != "", field.Types.Dates+field.Types.YearsAlone == 1, "%s date", at)
			} else {
				assert.Zero(t, field.Types.Dates, "%s: a number is a date only where a date is declared", at)
			}
		}
	}
}

func sharedRecord(t *testing.T, a examples.Answer) imednet.Record {
	t.Helper()
	object := `{}`
	if a.JSON != "" {
		object = `{"V":` + a.JSON + `}`
	}
	data, err := imednet.NewRecordData([]byte(object))
	require.NoError(t, err, a.JSON)
	return imednet.Record{RecordID: 1, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), RecordData: data}
}

// TestNumbersBeyondAFloat64AreCounted: they are numbers, and in no figure.
func TestNumbersBeyondAFloat64AreCounted(t *testing.T) {
	field := profiled(t, "NUMBER", profiles.Options{ShowValues: true}, `"9E350"`, `1e-400`, `2`, `"4"`)
	assert.EqualValues(t, 4, field.Types.Numeric)
	assert.EqualValues(t, 2, field.Types.Integers)
	assert.Zero(t, field.Misfits)
	assert.Equal(t, profiles.NumericField, field.Inferred)
	require.NotNil(t, field.Numbers)
	assert.EqualValues(t, 2, field.Numbers.Count)
	assert.EqualValues(t, 2, field.Numbers.Beyond)
	assert.Equal(t, 3.0, *field.Numbers.Mean)
	assert.Equal(t, 4.0, *field.Numbers.Max)
	assert.EqualValues(t, 2, field.Sites[0].Numbers)

	alone := profiled(t, "NUMBER", profiles.Options{ShowValues: true}, `"9E350"`)
	require.NotNil(t, alone.Numbers)
	assert.EqualValues(t, 1, alone.Numbers.Beyond)
	assert.Zero(t, alone.Numbers.Count)
	assert.Nil(t, alone.Numbers.Mean)
	assert.Empty(t, alone.Numbers.Histogram)
	var page bytes.Buffer
	shown := &profiles.StudyProfile{StudyKey: "S", Forms: []profiles.FormProfile{{FormKey: "F", Records: 1, Fields: []profiles.FieldProfile{alone}}}}
	require.NoError(t, shown.WriteHTML(&page, profiles.PageOptions{}))
	assert.NotContains(t, page.String(), "Inf")
	grouped := profiled(t, "NUMBER", profiles.Options{}, `"9E350"`)
	assert.Nil(t, grouped.Numbers.Mean)
}

// TestDatesWithoutAYearAreCounted: they are dates, and have no place among the others.
func TestDatesWithoutAYearAreCounted(t *testing.T) {
	field := profiled(t, "DATE", profiles.Options{ShowValues: true}, `"--12-15"`, `"-----T07:15"`, `"2014-02"`, `"20140203"`)
	assert.Zero(t, field.Misfits)
	assert.EqualValues(t, 4, field.Types.Dates)
	assert.Equal(t, profiles.DateField, field.Inferred)
	require.NotNil(t, field.Dates)
	assert.EqualValues(t, 2, field.Dates.Count)
	assert.EqualValues(t, 2, field.Dates.Yearless)
	assert.Equal(t, "2014-02", field.Dates.Earliest)
	assert.Equal(t, "20140203", field.Dates.Latest)
	assert.Equal(t, profiles.DatePrecisions{Month: 1, Day: 1}, field.Dates.Precision)

	alone := profiled(t, "DATE", profiles.Options{ShowValues: true}, `"--12-15"`)
	assert.Equal(t, &profiles.DateProfile{Yearless: 1, Histogram: []profiles.Bin{}}, alone.Dates)
	for _, values := range []bool{true, false} {
		all := profiled(t, "DATE", profiles.Options{ShowValues: values}, `"--12-15"`, `"0001-01-01"`, `"9999-12-31T23:59:59Z"`, `20140203`)
		assert.Equal(t, profiles.DateField, all.Inferred)
		assert.Zero(t, all.Misfits)
	}
}

// Where nobody has answered, the declared type is what the profile expects.
func TestTheProfileReadsTheSharedVariableTypes(t *testing.T) {
	types := map[string]profiles.FieldType{
		"number": profiles.NumericField, "whole": profiles.NumericField, "date": profiles.DateField, "flag": profiles.BooleanField,
	}
	for declared, kind := range examples.VariableTypes() {
		field := profileAnswers(t, declared, profiles.Options{}, answer(1, 1, `null`))
		assert.Equal(t, cmp.Or(types[kind], profiles.StringField), field.Inferred, "%q", declared)
	}
}

func TestTheProfileFindsTheSharedKeys(t *testing.T) {
	for _, k := range examples.Keys() {
		data, err := imednet.NewRecordData([]byte(k.Object))
		require.NoError(t, err, k.Object)
		d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "AETERM", "TEXT", "F", imednet.Some(int64(1)))}}
		r := imednet.Record{RecordID: 1, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), RecordData: data}
		profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{Records: studytest.RowsOf([]imednet.Record{r}), ShowValues: true})
		field, ok := profile.Forms[0].Field("AETERM")
		require.True(t, ok)
		assert.Equal(t, k.Spellings > 1, field.Missing.Ambiguous == 1, "%s ambiguous", k.Object)
		value := imednet.NewValue([]byte(k.Raw))
		assert.Equal(t, k.Raw != "" && !value.Missing(), field.Populated == 1, "%s found", k.Object)
		if field.Populated == 1 {
			assert.Equal(t, []string{value.Text()}, field.Samples, k.Object)
		}
	}
}

// TestTheProfilePlacesTheSharedForms: a record is counted in its form alone, one of no form in a place
// of its own, and what it contradicts is counted.
func TestTheProfilePlacesTheSharedForms(t *testing.T) {
	for _, e := range examples.Forms() {
		d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")}}
		r := imednet.Record{RecordID: 1, FormKey: imednet.Some(e.Key)}
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{ShowValues: true, Records: studytest.RowsOf([]imednet.Record{r})})
		require.Len(t, profile.Forms, 2)
		for _, key := range []string{"AE", "VS"} {
			form, ok := profile.Form(key)
			require.True(t, ok)
			assert.Equal(t, key == e.Form, form.Records == 1, "%+v in %s", e, key)
		}
		require.Equal(t, e.Form == "", len(profile.NoForm) == 1, "%+v", e)
		if e.Form == "" {
			assert.EqualValues(t, 1, profile.NoForm[0].Records)
			assert.Equal(t, e.ID, profile.NoForm[0].FormID)
			assert.Equal(t, strings.TrimSpace(e.Key), profile.NoForm[0].FormKey)
		}
		_, contradiction := imednet.NewFormIndex(d.Forms, nil).OfRecord(&r)
		want := map[imednet.ContradictionKind]int64(nil)
		if e.Contradicts {
			want = map[imednet.ContradictionKind]int64{contradiction.Kind: 1}
		}
		assert.Equal(t, want, profile.Contradictions, "%+v", e)
	}
}

// TestFormsOfOneKeyAreToldApart names them as tables do, so that Form finds each.
func TestFormsOfOneKeyAreToldApart(t *testing.T) {
	forms := []imednet.Form{studytest.Form(4, "DUP"), studytest.Form(5, "DUP"), {FormID: 3}, studytest.Form(10, "X#10")}
	variables := []imednet.Variable{
		studytest.Variable(1, "SECRET", "TEXT", "DUP", imednet.Some(int64(4))), studytest.Variable(2, "LOST", "TEXT", "DUP", imednet.Opt[int64]{}),
	}
	record := func(id, form int64, key string) imednet.Record {
		r := recordWith(t, id, `{"SECRET":"1"}`)
		r.FormID, r.FormKey = imednet.Some(form), imednet.Some(key)
		return r
	}
	rows := []imednet.Record{record(1, 4, "DUP"), record(2, 5, "DUP"), record(3, 3, ""), record(4, 10, "X#10"), record(5, 0, "DUP"), record(6, 9, "DUP"), record(7, 0, "DUP")}
	client := studytest.EmptySource{DesignClient: studytest.DesignClient{Design: studytest.Design{Forms: forms, Variables: variables}}}
	profile := profileOf(t, client, "S", profiles.Options{ShowValues: true, Records: studytest.RowsOf(rows), PHIFields: []string{"DUP.SECRET"}})
	for _, key := range []string{"DUP#4", "DUP#5", "#3", "X#10#10"} {
		f, ok := profile.Form(key)
		require.True(t, ok, key)
		assert.EqualValues(t, 1, f.Records, key)
	}
	dup, _ := profile.Form("DUP#4")
	secret, _ := dup.Field("SECRET")
	assert.Equal(t, "phi", secret.Masked, "PHIFields go by the key that the study has")
	_, found := profile.Form("DUP")
	assert.False(t, found)
	require.Len(t, profile.NoForm, 2)
	assert.Equal(t, []int64{0, 2, 9, 1}, []int64{profile.NoForm[0].FormID, profile.NoForm[0].Records, profile.NoForm[1].FormID, profile.NoForm[1].Records})
	assert.Equal(t, map[imednet.ContradictionKind]int64{imednet.KeyAmbiguous: 3}, profile.Contradictions)
	kinds := map[imednet.ContradictionKind]int{}
	for _, c := range profile.DesignContradictions {
		kinds[c.Kind]++
	}
	assert.Equal(t, 2, kinds[imednet.KeyShared])
	assert.Equal(t, 1, kinds[imednet.KeyAmbiguous], "a variable of no form is reported")
	for _, print := range []string{profile.String(), fmt.Sprint(*profile), fmt.Sprintf("%+v", profile)} {
		assert.Equal(t, "7 records; 0 deleted ones left out; 3 of no form; 3 contradict the study's forms", print)
	}
}
