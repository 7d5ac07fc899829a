package docs_test

import (
	"testing"

	"github.com/imednetgo/imednet/internal/docs"
	"github.com/stretchr/testify/require"
)

func TestBlocks(t *testing.T) {
	blocks, err := docs.Blocks("a\n```sh\nls\n\ndate\n```\n\n```text\nx\n```\nb\n```go\n```\n")
	require.NoError(t, err)
	require.Equal(t, []docs.Block{
		{Lang: "sh", Text: "ls\n\ndate\n", Line: 2},
		{Lang: "text", Text: "x\n", Line: 8, Follows: true},
		{Lang: "go", Line: 12},
	}, blocks)
	_, err = docs.Blocks("```sh\nls\n")
	require.ErrorContains(t, err, "line 1: the block has no end")
	_, err = docs.Blocks("\n```\nls\n```\n")
	require.ErrorContains(t, err, "line 2: the block has no mark")
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		shown, output string
		want          bool
	}{
		{"a\n", "a\n", true},
		{"a\n", "a", true},
		{"a\n", "a\nb\n", false},
		{"a\n", "b\n", false},
		{"a  \n", "a\n", true},
		{"a\n", "a   \n", true},
		{"", "", true},
		{"", "a\n", false},
		{"a … c\n", "a b c\n", true},
		{"a … c\n", "a b\nb c\n", false},
		{"a.c\n", "abc\n", false},
		{"a\n…\nd\n", "a\nb\nc\nd\n", true},
		{"a\n…\nd\n", "a\nd\n", true},
		{"a\n…\n", "a\nb\nc\n", true},
		{"a\n…\nd\n", "a\nb\n", false},
	} {
		require.Equal(t, c.want, docs.Matches(c.shown, c.output), "%q %q", c.shown, c.output)
	}
}
