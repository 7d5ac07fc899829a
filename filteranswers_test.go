package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
)

// TestAnAmbiguousAnswer is neither blank nor not blank, and compares with nothing. Of records that are left out for
// it alone it is told.
func TestAnAmbiguousAnswer(t *testing.T) {
	is, isNot := imednet.Where("AESER", imednet.Equal, "Y"), imednet.Where("AESER", imednet.NotEqual, "Y")
	without, with := imednet.Where("AESER", imednet.Equal, imednet.NoValue{}), imednet.Where("AESER", imednet.NotEqual, imednet.NoValue{})
	form, _ := imednet.NewFormIndex([]imednet.Form{studytest.Form(1, "AE")}, []imednet.Variable{
		studytest.Variable(1, "AESER", "TEXT", "AE", imednet.Some(int64(1))), studytest.Variable(2, "B", "TEXT", "AE", imednet.Some(int64(1))),
	}).Of(1, "")
	type verdict struct{ selected, unclear bool }
	yes, no, open := verdict{true, false}, verdict{}, verdict{false, true}
	b := func(f imednet.Filter) imednet.Filter { return f.And("B", imednet.Equal, "1") }
	orB := func(f imednet.Filter) imednet.Filter { return f.Or("B", imednet.Equal, "1") }
	for _, c := range []struct {
		filter imednet.Filter
		data   string
		want   verdict
	}{
		{without, `{"aeser":"Y","Aeser":"N"}`, open}, {with, `{"aeser":"Y","Aeser":"N"}`, open}, {is, `{"aeser":"Y","Aeser":"N"}`, open},
		{isNot, `{"aeser":"Y","Aeser":"N"}`, yes}, {without, `{"aeser":"","Aeser":null}`, open}, {with, `{"aeser":"Y","Aeser":"Y"}`, open},
		{without, `{"aeser":"Y","Aeser":"N","AESER":""}`, yes}, {with, `{"aeser":"","Aeser":"","AESER":"N"}`, yes}, {is, `{"aeser":"Y"}`, yes},
		{without, `{"aeser":"Y"}`, no}, {without, `{}`, yes}, {with, `{}`, no},
		{b(without), `{"aeser":"Y","Aeser":"N","B":"1"}`, open}, {b(without), `{"aeser":"Y","Aeser":"N","B":"2"}`, no},
		{orB(without), `{"aeser":"Y","Aeser":"N","B":"1"}`, yes}, {orB(with), `{"aeser":"Y","Aeser":"N","B":"2"}`, open},
		{imednet.Where("AESER", imednet.Less, 5), `{"aeser":"3","Aeser":"4"}`, open}, {imednet.Where("AESER", imednet.Contains, "."), `{"aeser":"3","Aeser":"4"}`, open},
	} {
		data, err := imednet.NewRecordData([]byte(c.data))
		require.NoError(t, err)
		require.Equal(t, c.want, verdict{c.filter.MatchAnswers(data), c.filter.UnclearAnswers(data)}, "%v %s", c.filter.Conditions(), c.data)
		require.Equal(t, c.want, verdict{form.MatchAnswers(c.filter, data), form.UnclearAnswers(c.filter, data)}, "%v %s", c.filter.Conditions(), c.data)
	}
}

// TestVariablesThatAreNotThere are refused, with those that come near: a condition on them would select nothing or all.
func TestVariablesThatAreNotThere(t *testing.T) {
	variable := func(id int64, name, form string) imednet.Variable {
		return studytest.Variable(id, name, "TEXT", form, imednet.Opt[int64]{})
	}
	index := imednet.NewFormIndex([]imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "CM")}, []imednet.Variable{
		variable(1, "AESER", "AE"), variable(2, "aesev", "AE"), variable(3, "AESEV", "AE"), variable(4, "AESER", "CM"), variable(5, "CMTRT", "CM"),
	})
	both := index.Forms()
	for name, hint := range map[string]string{"CMTRRT": "; did you mean CMTRT?", "Aesev": "; did you mean AESEV or aesev or AESER?", "ZZZZZZZZ": ""} {
		for _, op := range []imednet.Operator{imednet.Equal, imednet.NotEqual} {
			for _, value := range []any{"x", imednet.NoValue{}} {
				err := imednet.Where("CMTRT", imednet.Equal, "x").And(name, op, value).ValidateAnswersOf(both)
				require.EqualError(t, err, "imednet: invalid recordDataFilter: "+name+": there is no such variable"+hint)
				require.ErrorIs(t, err, imednet.ErrNotFound)
			}
		}
	}
	for _, name := range []string{"AESER", "aeser", "AESEV", "aesev", "cmtrt"} {
		require.NoError(t, imednet.Where(name, imednet.Equal, "x").ValidateAnswersOf(both), name)
	}
	require.ErrorIs(t, imednet.Where("CMTRT", imednet.Equal, "x").ValidateAnswersOf(both[:1]), imednet.ErrNotFound, "of these forms")
	err := imednet.Where("AESER", imednet.Contains, "(").ValidateAnswersOf(both)
	require.ErrorContains(t, err, "no regular expression")
	require.NotErrorIs(t, err, imednet.ErrNotFound)
	require.NoError(t, imednet.Filter{}.ValidateAnswersOf(nil))
}
