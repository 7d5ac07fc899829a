package storetest

import (
	"os"
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
	const nobody = 65534
	cmd := childtest.Command(t, writing{path, name, 1})
	cmd.Path, cmd.SysProcAttr = childtest.CopyForAnother(t), &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	require.NoError(t, childtest.StartCommand(t, cmd).Wait())
}
