package sentinel

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestSentinelsDecide(t *testing.T) {
	passing, lasting, other := Retryable("busy"), Permanent("damaged"), Retryable("busy")
	wrapped := &imednet.Error{Package: "p", Op: "o", Err: fmt.Errorf("more: %w", passing)}
	require.ErrorIs(t, wrapped, passing)
	require.NotErrorIs(t, wrapped, other, "two sentinels of one text are two")
	require.True(t, imednet.Retryable(wrapped))
	require.EqualError(t, wrapped, "p: o: more: busy")
	require.False(t, imednet.Retryable(fmt.Errorf("%w: %w", lasting, io.ErrUnexpectedEOF)))
}
