package profiles_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// The profile reads every answer of the table that the whole library shares as the table has it.
// Dates without a year, and numbers of eight digits, are no dates to a profile, which nobody tells
// how a field writes its dates.
func TestTheProfileReadsTheSharedAnswers(t *testing.T) {
	for _, a := range examples.Answers() {
		object := `{}`
		if a.JSON != "" {
			object = `{"V":` + a.JSON + `}`
		}
		data, err := imednet.NewRecordData([]byte(object))
		require.NoError(t, err, a.JSON)
		r := imednet.Record{RecordID: 1, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), RecordData: data}
		field := profileAnswers(t, a.Declared, profiles.Options{ShowValues: true}, r)
		assert.Equal(t, a.Missing, field.Populated == 0, "%q missing", a.JSON)
		if a.Missing {
			continue
		}
		number := a.Float64 == "exact" || a.Float64 == "rounded"
		assert.Equal(t, number, field.Types.Numeric == 1, "%q number", a.JSON)
		assert.Equal(t, a.Flag != "", field.Types.Boolean == 1, "%q flag", a.JSON)
		if field.Types.Dates == 1 {
			assert.NotEmpty(t, a.Date, "%q date", a.JSON)
		}
		if a.Precision == "day" && a.Number == "" {
			assert.EqualValues(t, 1, field.Types.Dates, "%q date", a.JSON)
		}
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

// TestTheProfilePlacesTheSharedForms: a record is counted in its form alone.
func TestTheProfilePlacesTheSharedForms(t *testing.T) {
	for _, e := range examples.Forms() {
		d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")}}
		r := imednet.Record{RecordID: 1, FormKey: imednet.Some(e.Key)}
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{Records: studytest.RowsOf([]imednet.Record{r})})
		for _, key := range []string{"AE", "VS"} {
			form, ok := profile.Form(key)
			require.True(t, ok)
			assert.Equal(t, key == e.Form, form.Records == 1, "%+v in %s", e, key)
		}
	}
}
