package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// TestVariableTypesMeanWhatTheTableSays runs the shared table of words; whoever reads a declared type
// runs it too.
func TestVariableTypesMeanWhatTheTableSays(t *testing.T) {
	for word, kind := range examples.VariableTypes() {
		require.Equal(t, kind, string(imednet.VariableKindOf(word)), "%q", word)
		require.Equal(t, kind, string(imednet.Variable{VariableType: imednet.Some(word)}.Kind()), "%q", word)
		require.Equal(t, kind == "number" || kind == "whole", imednet.VariableKindOf(word).IsNumber(), "%q", word)
	}
	require.Equal(t, imednet.OtherVariable, imednet.Variable{}.Kind())
}
