package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestTable(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "A", "NAME", "C")
	require.NoError(t, table.add("1", "日本", "x"))
	require.NoError(t, table.add("22", "e\u0301\x1b[2Ja", ""))
	require.NoError(t, table.flush())
	require.Equal(t, "A   NAME    C\n1   日本    x\n22  e\u0301·[2Ja\n", out.String())
}

func TestTableOnATerminalIsCut(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "ID", "TEXT")
	table.limit = 14
	require.NoError(t, table.add("1", "a text of some length"))
	require.NoError(t, table.flush())
	require.Equal(t, "ID  TEXT\n1   a text of…\n", out.String())
}

func TestTableOfAnyLengthNeedsNoMemory(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "N")
	for i := range tableRows + 2 {
		require.NoError(t, table.add(number(i)))
		require.Less(t, len(table.held), tableRows)
	}
	require.NoError(t, table.flush())
	require.Equal(t, tableRows+3, bytes.Count(out.Bytes(), []byte("\n")))
}

func TestParseFilter(t *testing.T) {
	for arg, want := range map[string]imednet.Filter{
		"formKey=AE":             imednet.Where("formKey", imednet.Equal, "AE"),
		"formKey==AE":            imednet.Where("formKey", imednet.Equal, "AE"),
		" key = a=b ":            imednet.Where("key", imednet.Equal, " a=b "),
		"deleted=TRUE":           imednet.Where("deleted", imednet.Equal, true),
		"recordId=007":           imednet.Where("recordId", imednet.Equal, int64(7)),
		"age>=30":                imednet.Where("age", imednet.GreaterOrEqual, int64(30)),
		"age<30":                 imednet.Where("age", imednet.Less, int64(30)),
		"age!=-5":                imednet.Where("age", imednet.NotEqual, "-5"),
		"term=~ache":             imednet.Where("term", imednet.Contains, "ache"),
		"weight=1.5":             imednet.Where("weight", imednet.Equal, "1.5"),
		"d>2026-01-01T00:00:00Z": imednet.Where("d", imednet.Greater, imednet.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))),
		"n=99999999999999999999": imednet.Where("n", imednet.Equal, "99999999999999999999"),
	} {
		got, err := parseFilter([]string{arg}, false)
		require.NoError(t, err, arg)
		require.Equal(t, want, got, arg)
	}
	for arg, want := range map[string]string{"form_key=AE": "formKey", "site_id=5": "siteId", "date_modified>2024-01-01T00:00:00Z": "dateModified", "formKey=AE": "formKey", "Form_Key=AE": "Form_Key", "form__key=AE": "form__key"} {
		python, err := parseFilter([]string{arg}, false)
		require.NoError(t, err)
		require.Equal(t, want, python.Conditions()[0].Attribute, arg)
	}
	for arg, want := range map[string]any{
		"x>9.5": decimal("9.5"), "x<-1": decimal("-1"), "x==1.50": decimal("1.50"), "x!=-.5": decimal("-.5"), "x>1e3": decimal("1e3"), "x<=+5": decimal("+5"),
		"x>99999999999999999999": decimal("99999999999999999999"), "x==007": int64(7), "x==TRUE": true,
		"x==1e3": "1e3", "x!=5E11": "5E11", "x== 5": " 5", "x>-": "-", "x>1.5.2": "1.5.2", "x>2024-02-03": "2024-02-03",
		"x=~2014": "2014", "x=~true": "true", "x=~1.5": "1.5",
	} {
		got, err := parseDataFilter([]string{arg}, false)
		require.NoError(t, err, arg)
		require.Equal(t, want, got.Conditions()[0].Value, arg)
	}
	asText, err := parseDataFilter([]string{"x>9.5"}, true)
	require.NoError(t, err)
	require.Equal(t, "9.5", asText.Conditions()[0].Value)
	answers, err := parseDataFilter([]string{"form_key=AE"}, false)
	require.NoError(t, err)
	require.Equal(t, "form_key", answers.Conditions()[0].Attribute, "a variable's name is the study's own")
	got, err := parseFilter([]string{"code=007"}, true)
	require.NoError(t, err)
	require.Equal(t, imednet.Where("code", imednet.Equal, "007"), got)
	for _, arg := range []string{"", "=", "key", "=value", "key=", " =v", "key= ", "key>=", "!x"} {
		_, err := parseFilter([]string{arg}, false)
		require.Error(t, err, arg)
	}
}

// FuzzSplitFilter demands that a filter is what stands before and behind its first operator.
func FuzzSplitFilter(f *testing.F) {
	for _, arg := range []string{"formKey=AE", "age>=30", " k = a=b ", "!x", "=", "term=~ache", "a!=", "é<1"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		key, op, value, err := splitFilter(arg)
		if err != nil {
			require.Empty(t, key+value)
			return
		}
		require.NotEmpty(t, key)
		require.NotEmpty(t, op)
		require.NotContains(t, key, "=")
		require.NotEmpty(t, strings.TrimSpace(value))
		require.True(t, strings.HasSuffix(arg, value), "the value keeps its blanks")
		require.True(t, strings.HasPrefix(strings.TrimSpace(arg), key))
	})
}

func TestIdentifiersAreNeverCut(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "ITEM", "TEXT", "SUMMARY")
	table.limit = 30
	require.NoError(t, table.add("0ae99b6d-bc11-4699", "a text of some length", "another text"))
	require.NoError(t, table.flush())
	require.Equal(t, "ITEM                TEXT    SUMMARY\n0ae99b6d-bc11-4699  a tex…  anothe…\n", out.String(), "what does not fit breaks the line")
}

func TestTheFirstColumnAndTitlesAreNeverCut(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "SITE", "REOPENED")
	table.limit = 14
	require.NoError(t, table.add("Site 01", "1"))
	require.NoError(t, table.add("Site 02", "2"))
	require.NoError(t, table.flush())
	require.Equal(t, "SITE     REOPENED\nSite 01  1\nSite 02  2\n", out.String(), "rows can be told apart")
}

func TestTableOfSigns(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "N", "TEXT")
	table.limit = 14
	for _, text := range []string{"👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️", "日本語テキスト", "e\u0301e\u0301e\u0301", "שלום\u202e\u0007"} {
		require.NoError(t, table.add("1", text))
	}
	require.NoError(t, table.flush())
	require.Equal(t, "N  TEXT\n"+
		"1  👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️👩\u200d⚕️…\n"+
		"1  日本語テキ…\n"+
		"1  e\u0301e\u0301e\u0301\n"+
		"1  שלום··\n", out.String())
}

func decimal(text string) imednet.Number {
	n, _ := imednet.ParseNumber(text)
	return n
}
