package answers_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/answers"
)

// TestPlain puts every byte at every place of texts of several lengths.
func TestPlain(t *testing.T) {
	for length := range 20 {
		require.True(t, answers.Plain(bytes.Repeat([]byte{'['}, length)))
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'['}, length)
				text[at] = byte(c)
				require.Equal(t, c < 0x80 && c != '\\', answers.Plain(text), "%q", text)
				if at > 0 {
					text[at-1] = ']' // the least above a backslash, which a borrow may mark
					require.Equal(t, c < 0x80 && c != '\\', answers.Plain(text), "%q", text)
				}
			}
		}
	}
}
