package imednet_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func jsonNumber(f float64) string {
	b, _ := json.Marshal(f)
	return string(b)
}

func TestFilterEncode(t *testing.T) {
	where := imednet.Where
	noon := time.Date(2024, 3, 1, 6, 0, 0, 7, time.FixedZone("", -6*3600))
	for _, c := range []struct {
		filter imednet.Filter
		want   string
	}{
		{imednet.Filter{}, ""},
		{where("formKey", imednet.Equal, "AE"), "formKey==AE"},
		{where("formKey", imednet.NotEqual, "A.b_c-9"), "formKey!=A.b_c-9"},
		{where("recordStatus", imednet.Equal, "Record Complete"), `recordStatus=="Record Complete"`},
		{where("recordStatus", imednet.Equal, "a;b,(c)'<=>~!"), `recordStatus=="a;b,(c)'<=>~!"`},
		{where("recordStatus", imednet.Equal, "é"), `recordStatus=="é"`},
		{where("recordId", imednet.Greater, 5), "recordId>5"},
		{where("recordId", imednet.LessOrEqual, int64(-5)), "recordId<=-5"},
		{where("recordId", imednet.Less, 1e21), "recordId<1000000000000000000000"},
		{where("deleted", imednet.Equal, false), "deleted==false"},
		{where("dateModified", imednet.GreaterOrEqual, noon), "dateModified>=2024-03-01T12:00:00Z"},
		{where("dateModified", imednet.GreaterOrEqual, imednet.NewTime(noon)), "dateModified>=2024-03-01T12:00:00Z"},
		{where("dateCreated", imednet.Less, imednet.Date{Year: 2024, Month: 3, Day: 1}), "dateCreated<2024-03-01"},
		{where("formKey", imednet.Equal, "AE").And("siteId", imednet.Equal, 3), "formKey==AE;siteId==3"},
		{where("formKey", imednet.Equal, "AE").Or("siteId", imednet.Equal, 3), "formKey==AE,siteId==3"},
	} {
		got, err := c.filter.Encode(imednet.Records)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
		require.NoError(t, c.filter.Validate(imednet.Records))
	}
}

func TestFilterRefuses(t *testing.T) {
	where := imednet.Where
	for name, c := range map[string]struct {
		filter   imednet.Filter
		resource imednet.Resource
		paths    []string
	}{
		"unknown attribute":  {where("FormKey", imednet.Equal, "AE"), imednet.Records, []string{"FormKey"}},
		"attribute of other": {where("recordData", imednet.Equal, "AE"), imednet.Records, []string{"recordData"}},
		"nested attribute":   {where("keywords", imednet.Equal, "AE"), imednet.Records, []string{"keywords"}},
		"blank in attribute": {where("form Key", imednet.Equal, "AE"), imednet.Records, []string{"form Key"}},
		"no attribute":       {where("", imednet.Equal, "AE"), imednet.Records, []string{""}},
		"unknown operator":   {where("formKey", "=", "AE"), imednet.Records, []string{"formKey"}},
		"contains":           {where("formKey", imednet.Contains, "AE"), imednet.Records, []string{"formKey"}},
		"twice":              {where("recordId", imednet.Greater, 1).And("recordId", imednet.Less, 9), imednet.Records, []string{"recordId"}},
		"mixed":              {where("recordId", imednet.Greater, 1).And("siteId", imednet.Less, 9).Or("formId", imednet.Equal, 1), imednet.Records, []string{""}},
		"empty text":         {where("formKey", imednet.Equal, ""), imednet.Records, []string{"formKey"}},
		"quote":              {where("formKey", imednet.Equal, `SECRET"`), imednet.Records, []string{"formKey"}},
		"backslash":          {where("formKey", imednet.Equal, `SECRET\`), imednet.Records, []string{"formKey"}},
		"control":            {where("formKey", imednet.Equal, "SECRET\n"), imednet.Records, []string{"formKey"}},
		"bad UTF-8":          {where("formKey", imednet.Equal, "SECRET\xff"), imednet.Records, []string{"formKey"}},
		"nil":                {where("formKey", imednet.Equal, nil), imednet.Records, []string{"formKey"}},
		"list":               {where("formKey", imednet.Equal, []string{"SECRET"}), imednet.Records, []string{"formKey"}},
		"NaN":                {where("recordId", imednet.Equal, math.NaN()), imednet.Records, []string{"recordId"}},
		"infinite":           {where("recordId", imednet.Equal, math.Inf(-1)), imednet.Records, []string{"recordId"}},
		"zero number":        {where("recordId", imednet.Equal, imednet.Number{}), imednet.Records, []string{"recordId"}},
		"zero time":          {where("dateModified", imednet.Greater, time.Time{}), imednet.Records, []string{"dateModified"}},
		"zero date":          {where("dateModified", imednet.Greater, imednet.Date{}), imednet.Records, []string{"dateModified"}},
		"users":              {where("login", imednet.Equal, "x"), imednet.Users, []string{"login"}},
		"everything wrong":   {where("a", imednet.Equal, nil).And("b", "?", 1).And("formKey", imednet.Equal, "x").And("formKey", imednet.Equal, "y"), imednet.Records, []string{"a", "b", "formKey"}},
	} {
		_, err := c.filter.Encode(c.resource)
		var invalid *imednet.ValidationError
		require.True(t, errors.As(err, &invalid), name)
		var paths []string
		for _, p := range invalid.Problems {
			paths = append(paths, p.Path)
		}
		require.Equal(t, c.paths, paths, name)
		require.NotContains(t, err.Error(), "SECRET", name)
	}
}

func TestFilterIsAValue(t *testing.T) {
	base := imednet.Where("formKey", imednet.Equal, "AE").And("siteId", imednet.Equal, 1)
	a := base.And("formId", imednet.Equal, 1)
	b := base.And("visitId", imednet.Equal, 2)
	require.Len(t, base.Conditions(), 2)
	require.Equal(t, "formId", a.Conditions()[2].Attribute)
	require.Equal(t, "visitId", b.Conditions()[2].Attribute)
	require.False(t, a.IsOr())
	require.False(t, imednet.Where("formKey", imednet.Equal, "AE").IsOr())
	require.True(t, imednet.Filter{}.IsZero())
}

func TestRecordDataFilter(t *testing.T) {
	text, err := imednet.Where("AETERM", imednet.Contains, "bronch.*").And("AGE", imednet.Greater, 65).EncodeRecordData()
	require.NoError(t, err)
	require.Equal(t, `AETERM=~"bronch.*";AGE>65`, text)
	text, err = imednet.Where("TEMP", imednet.Greater, numberOf("037.50")).And("BASE", imednet.Less, numberOf("-1e3")).EncodeRecordData()
	require.NoError(t, err)
	require.Equal(t, `TEMP>37.50;BASE<-1000`, text)
	_, err = imednet.Where("A", imednet.Equal, 1).And("B", imednet.Equal, 1).Or("C", imednet.Equal, 1).EncodeRecordData()
	require.Error(t, err)
	for _, pattern := range []any{2014, true, numberOf("5")} {
		_, err = imednet.Where("A", imednet.Contains, pattern).EncodeRecordData()
		require.ErrorContains(t, err, "A: operator =~ takes a regular expression")
	}
}

func TestAFilterForAnswersIsCheckedBeforeItMatchesNothing(t *testing.T) {
	require.NoError(t, imednet.Filter{}.ValidateAnswers())
	require.NoError(t, imednet.Where("A", imednet.Contains, "^a(b|c)").And("B", imednet.Greater, 1.5).ValidateAnswers())
	for _, pattern := range []string{"(", "SECRET[", "a(?=b)", "*"} {
		err := imednet.Where("A", imednet.Contains, pattern).ValidateAnswers()
		require.ErrorContains(t, err, "A: the value is no regular expression", pattern)
		require.NotContains(t, err.Error(), "SECRET")
	}
	require.Error(t, imednet.Where("A", imednet.Equal, nil).ValidateAnswers())
}

// What is encoded can be read back by the grammar, and the value is what was given.
func FuzzFilter(f *testing.F) {
	f.Add("formKey", "==", "Record Complete")
	f.Add("formKey", "!=", `a"b\c`)
	f.Add("siteId", "<=", "; x==1")
	f.Add("formKey", "=", "")
	f.Fuzz(func(t *testing.T, attribute, operator, value string) {
		text, err := imednet.Where(attribute, imednet.Operator(operator), value).Encode(imednet.Records)
		if err != nil {
			require.IsType(t, &imednet.ValidationError{}, err)
			return
		}
		rest, found := strings.CutPrefix(text, attribute+operator)
		require.True(t, found)
		if inner, quoted := strings.CutPrefix(rest, `"`); quoted {
			inner, closed := strings.CutSuffix(inner, `"`)
			require.True(t, closed)
			require.NotContains(t, inner, `"`, "a value cannot end its quotes")
			require.NotContains(t, inner, `\`)
			rest = inner
		} else {
			require.NotContains(t, rest, ";")
			require.NotContains(t, rest, ",")
			require.NotContains(t, rest, " ")
		}
		require.Equal(t, value, rest)
		require.NotContains(t, text, "\n")
	})
}
