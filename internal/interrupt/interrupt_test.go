//go:build unix

package interrupt_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/interrupt"
)

func TestMain(m *testing.M) { childtest.Main(m, child) }

// child hears the first signal and goes on for ever.
func child(_ context.Context, ignored bool, say childtest.Say) error {
	if ignored {
		signal.Ignore(os.Interrupt)
	}
	ctx, stop := interrupt.Context(os.Interrupt)
	defer stop()
	say("ready")
	<-ctx.Done()
	say("interrupted")
	select {}
}

func TestTheSecondSignalEndsTheProgram(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		cmd := childtest.Command(t, ignored)
		p := childtest.StartCommand(t, cmd)
		for _, state := range []string{"ready", "interrupted"} {
			line, ok := p.Next()
			require.True(t, ok)
			require.Equal(t, state, line)
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		}
		var ended *exec.ExitError
		require.ErrorAs(t, p.Wait(), &ended)
		require.Equal(t, interrupt.ExitCode, ended.ExitCode())
	}
}

// TestAfterStopSignalsDoWhatTheyDid: of two more neither ends the program.
func TestAfterStopSignalsDoWhatTheyDid(t *testing.T) {
	ctx, stop := interrupt.Context(syscall.SIGUSR1)
	require.NoError(t, ctx.Err())
	stop()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGUSR1)
	defer signal.Stop(heard)
	for range 2 {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		<-heard
	}
}
