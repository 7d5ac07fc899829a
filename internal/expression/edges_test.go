package expression

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhereTheBoundsAre: the last value within one, and the first one beyond.
func TestWhereTheBoundsAre(t *testing.T) {
	for source, want := range map[string]string{
		"len([0] * 32768)":                           "number 32768",
		"len((\"a\" * 349525).upper())":              "number 349525",
		"len(str(" + strings.Repeat("9", 400) + "))": "number 400",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Equal(t, want, describe(got), source)
	}
	for source, want := range map[string]string{
		"[0] * 32769":                 "1 MiB",
		"(\"a\" * 349526).upper()":    "1 MiB",
		"(\"ß\" * 349526).casefold()": "1 MiB",
		strings.Repeat("9", 401):      "not a number",
		"treatment_emergent(date(\"2024-01-02\"), date(\"2024-01-01\"), date(\"2024-01-02\"), -1)": "number of days",
	} {
		_, err := evaluate(source)
		require.ErrorContains(t, err, want, source)
	}
}

// TestWhatIsNoExpression is refused, and not read as something else.
func TestWhatIsNoExpression(t *testing.T) {
	for source, want := range map[string]string{
		`1 "<" 2`:                  "line 1, column 3",
		`1 "in" [1]`:               "line 1, column 3",
		`"\q"`:                     "unknown escape",
		`"\x4"`:                    "hexadecimal digits",
		`"\0"`:                     "unknown escape",
		`record.record_data.get()`: "get",
		`float("1_.5")`:            "",
		`float("1_e5")`:            "",
		`int("1__5")`:              "",
		`float("1._5")`:            "",
	} {
		_, err := evaluate(source)
		require.ErrorContains(t, err, want, source)
	}
}

// TestWhereAnExpressionFailed is the place in the expression itself.
func TestWhereAnExpressionFailed(t *testing.T) {
	for source, want := range map[string][2]int{"1 + 1 / 0": {1, 7}, "(1 +\n  float(\"x\"))": {2, 3}, "[1,\n\n 2][9]": {3, 4}} {
		_, err := evaluate(source)
		var failed *Error
		require.True(t, errors.As(err, &failed), source)
		require.Equal(t, want, [2]int{failed.Line, failed.Column}, source)
	}
}

// TestAKeyWithoutEquality: what is not equal to itself is found nowhere, neither alone nor in a tuple.
func TestAKeyWithoutEquality(t *testing.T) {
	for source, want := range map[string]string{
		`(float("nan"), 1) in {(float("nan"), 1): 2}`:            "false",
		`(1, float("nan")) in {(1, float("nan")): 2}`:            "false",
		`(1, (float("nan"),)) in {(1, (float("nan"),)): 2}`:      "false",
		`len({(float("nan"), 1): 2, (float("nan"), 1): 3}) == 2`: "true",
		`(1.0, True) in {(1, 1): 2}`:                             "true",
	} {
		got, err := evaluate(source)
		require.NoError(t, err, source)
		require.Contains(t, describe(got), want, source)
	}
}
