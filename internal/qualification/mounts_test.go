package qualification_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/qualification"
)

func TestTheInnermostMountHoldsAPath(t *testing.T) {
	const mounts = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n" +
		"36 22 0:32 / /home rw - nfs4 server:/home rw\n" +
		"37 36 0:33 / /home/data rw,relatime - tmpfs tmpfs rw\n" +
		"38 37 0:34 / /home/data rw shared:2 master:3 - xfs /dev/sdb rw\n" +
		"a line that is none\n"
	for path, kind := range map[string]string{"/": "ext4", "/home": "nfs4", "/home/anna": "nfs4", "/homestead": "ext4", "/home/data/x": "xfs"} {
		require.Equal(t, kind, qualification.KindAt(path, mounts), path)
	}
	require.Equal(t, "not told", qualification.KindAt("/x", ""))
}
