package expression

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFloatOfTheTextAtHand: a runner that read a text before reads the one at hand, whatever came between.
func TestFloatOfTheTextAtHand(t *testing.T) {
	program, err := NewCompiler(testHost).Compile("str(float(value))")
	require.NoError(t, err)
	r := NewRunner()
	for _, tc := range [][2]string{
		{"", ""}, {"1.5", "1.5"}, {"1.5", "1.5"}, {" 1.5", "1.5"}, {"2", "2.0"}, {"x", ""}, {"2", "2.0"}, {"nan", "nan"}, {"nan", "nan"}, {"1_0", "10.0"}, {"1.5", "1.5"},
	} {
		v, err := r.Run(program, names{program, func(string) (Value, error) { return Text(tc[0]), nil }})
		if tc[1] == "" {
			var failed *Error
			require.ErrorAs(t, err, &failed, "%q", tc[0])
			require.Equal(t, Error{Line: 1, Column: 5, Reason: "float of a text that is not a number", Err: failed.Err}, *failed)
			continue
		}
		require.NoError(t, err)
		text, ok := v.Text()
		require.True(t, ok)
		require.Equal(t, tc[1], text, "%q", tc[0])
	}
	whole, _ := Whole("7")
	v, err := r.Run(program, names{program, func(string) (Value, error) { return whole, nil }})
	require.NoError(t, err)
	text, _ := v.Text()
	require.Equal(t, "7.0", text, "a number behind a text")
}
