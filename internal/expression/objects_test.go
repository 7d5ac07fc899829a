package expression

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPairOfObjectsCanBeCompared puts whatever an expression can name on both sides of every
// comparison: each has a result or an *Error, and none stops the program.
func TestEveryPairOfObjectsCanBeCompared(t *testing.T) {
	things := []string{
		"payload", "state", "baseline", "record", "context", "record.record_data", "({1} or 0)", "({2} or 0)", "{}", "{1: payload}",
		"[state]", "(record,)", "None", "True", "1", `"a"`, `date("2024-03-05")`, "record.date_created", "value", "subject_key",
	}
	for _, x := range things {
		for _, y := range things {
			for _, form := range []string{
				"%s == %s", "%s != %s", "%s in [%s]", "%s in {%s}", "%s in %s", "%s < %s", "[%s].count(%s)", "{%s: 1}.get(%s)", "{1: %s} == {1: %s}",
				"max(%s, %s)", "%s + %s", "%s * %s", "%s and %s", `"%%s" %% ((%s) or (%s))`, "1 == (%s) == (%s)",
			} {
				source := fmt.Sprintf(form, x, y)
				require.NotPanics(t, func() { _, _ = evaluate(source) }, source)
			}
		}
	}
}

// TestObjectsAreEqualAsTheDictsThatTheyAreInPython states == of what has no literal of its own.
func TestObjectsAreEqualAsTheDictsThatTheyAreInPython(t *testing.T) {
	for source, want := range map[string]string{
		`payload == payload`: "bool true",
		`payload != state`:   "bool true",
		`payload == {"aeSeverity": None, "aeTerm": "HEADACHE"}`:      "bool true",
		`{"ADLB.AVAL": 40} == baseline`:                              "bool true",
		`baseline == {"ADLB.AVAL": 41}`:                              "bool false",
		`payload == {}`:                                              "bool false",
		`payload in [1, {"aeTerm": "HEADACHE", "aeSeverity": None}]`: "bool true",
		`record == record`:                                           "bool true",
		`record == context`:                                          "bool false",
		`record in [context, record]`:                                "bool true",
		`({1, "a"} or 0) == ({"a", True} or 0)`:                      "bool true",
		`({1} or 0) == ({1, 2} or 0)`:                                "bool false",
		`({1} or 0) == ({2} or 0)`:                                   "bool false",
		`({1} or 0) == [1]`:                                          "bool false",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Equal(t, want, describe(got), source)
	}
}

// TestWhatIsNoKeyIsAnErrorEverywhere also where the map could say that there is no such key: Python
// refuses the key first.
func TestWhatIsNoKeyIsAnErrorEverywhere(t *testing.T) {
	for _, container := range []string{"payload", "record.record_data", "state", "{}", `{"a": 1}`} {
		for _, key := range []string{"[1]", "{}", "payload", "record", "([1],)", `date("2024-03-05")`} {
			for _, form := range []string{"%s.get(%s, 1)", "%[2]s in %[1]s", "%s[%s]"} {
				source := fmt.Sprintf(form, container, key)
				_, err := evaluate(source)
				require.ErrorContains(t, err, "cannot be a key", source)
			}
		}
	}
	_, err := evaluate(`{date("2024-03-05"): 1}`)
	require.ErrorContains(t, err, "cannot be a key", "whether two dates are one moment depends on their precision, so neither finds the other")
}

// TestADateIsComparedWithADateOrNone in either order, and never silently with a text of it.
func TestADateIsComparedWithADateOrNone(t *testing.T) {
	for source, want := range map[string]string{
		`date("2024-03-05") == None`: "bool false", `None == date("2024-03-05")`: "bool false", `date("") == None`: "bool true",
		`date("2024-03-05") != None`: "bool true", `None != date("2024-03-05")`: "bool true",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Equal(t, want, describe(got), source)
	}
	for _, other := range []string{`"2024-03-05"`, "20240305", "True", "[]", "payload"} {
		for _, form := range []string{`date("2024-03-05") == %s`, `%s == date("2024-03-05")`, `%s != date("2024-03-05")`, `date("2024-03-05") in [%s]`} {
			_, err := evaluate(fmt.Sprintf(form, other))
			require.ErrorContains(t, err, "with a date only", form, other)
		}
	}
}

// TestABraceHoldsPairsOrElements, and never both: what follows would be read as the wrong half of a pair.
func TestABraceHoldsPairsOrElements(t *testing.T) {
	for _, source := range []string{`{1: 2, 3}`, `1 in {1, 2: 3}`, `{1: 2, 3, 4}`, `1 in {1, 2, 3: 4, 5}`, `{1: 2, 3: 4, 5}.get(1)`} {
		_, err := evaluate(source)
		require.ErrorContains(t, err, "cannot stand here", source)
	}
}

func TestDatesMoveByDays(t *testing.T) {
	for source, want := range map[string]string{
		`date("2024-03-05") + 2`: "date 2024-03-07", `2 + date("2024-03-05")`: "date 2024-03-07", `date("2024-03-05") - 5`: "date 2024-02-29",
		`date("2024-03-05") - date("2024-02-29")`: "number 5", `date("2024-03-05") + True`: "date 2024-03-06", `date("2024-03-05") + 2.0`: "date 2024-03-07",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Equal(t, want, describe(got), source)
	}
	for _, source := range []string{`2 - date("2024-03-05")`, `date("2024-03-05") + date("2024-03-05")`, `date("2024-03-05") * 2`, `date("2024-03-05") + 0.5`, `date("2024-03-05") + "2"`} {
		_, err := evaluate(source)
		require.Error(t, err, source)
	}
}
