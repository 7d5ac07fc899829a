package storetest

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
)

// RunAsAnother runs the writer over path in a child process of a user who owns nothing; only root can.
func RunAsAnother(t *testing.T, path, name string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir, err := os.MkdirTemp("", "program")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	program, err := childtest.Program()
	require.NoError(t, err)
	text, err := os.ReadFile(program)
	require.NoError(t, err)
	copied := filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(copied, text, 0o755))

	const nobody = 65534
	cmd := childtest.Command(t, writing{path, name, 1})
	cmd.Path, cmd.SysProcAttr = copied, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	require.NoError(t, childtest.StartCommand(t, cmd).Wait())
}
