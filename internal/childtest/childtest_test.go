package childtest_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
)

type task struct {
	Lines []string
	Fail  bool
	Hang  bool
}

func TestMain(m *testing.M) { childtest.Main(m, child) }

func child(_ context.Context, task task, say childtest.Say) error {
	for _, line := range task.Lines {
		say(os.ExpandEnv(line))
	}
	if task.Hang {
		select {}
	}
	if task.Fail {
		return errors.New("as the task has it")
	}
	return nil
}

func TestAChildSaysWhatItReached(t *testing.T) {
	cmd := childtest.Command(t, task{Lines: []string{"one $CHILD_WORD", "two"}})
	cmd.Env = append(cmd.Env, "CHILD_WORD=word")
	p := childtest.StartCommand(t, cmd)
	line, ok := p.Next()
	require.True(t, ok)
	require.Equal(t, "one word", line)
	line, ok = p.Next()
	require.True(t, ok)
	require.Equal(t, "two", line)
	_, ok = p.Next()
	require.False(t, ok)
	require.NoError(t, p.Wait())
}

func TestAChildThatFailsIsNoticed(t *testing.T) {
	cmd := childtest.Command(t, task{Fail: true})
	cmd.Stderr = nil
	require.Error(t, childtest.StartCommand(t, cmd).Wait())
}

func TestAChildIsKilled(t *testing.T) {
	p := childtest.Start(t, task{Lines: []string{"one", "two"}, Hang: true})
	line, _ := p.Next()
	require.Equal(t, "one", line)
	rest := p.Kill(t)
	require.Subset(t, []string{"two"}, rest, "said before it died, or not at all")

	var said []string
	childtest.Start(t, task{Lines: []string{"one", "two"}, Hang: true}).KillWhen(t, func(line string) bool {
		said = append(said, line)
		return line == "two"
	})
	require.Equal(t, []string{"one", "two"}, said)
}

// TestAChildThatIsNotReadDoesNotBlock lets one say more than a pipe holds.
func TestAChildThatIsNotReadDoesNotBlock(t *testing.T) {
	long := make([]string, 100)
	for i := range long {
		long[i] = strings.Repeat("x", 1000)
	}
	require.NoError(t, childtest.Start(t, task{Lines: long}).Wait())
}
