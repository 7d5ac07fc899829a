//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
)

// contain makes a root directory that cannot be written, with this program, the libraries of the system and
// one volume, and runs the program in it as a user without rights. What it mounts ends with it.
const contain = `set -e
root=$1 program=$2 volume=$3
shift 3
mount -t tmpfs -o mode=755 none "$root"
mkdir -p "$root/home/imednet/.imednet"
for dir in /lib /lib64 /usr/lib; do
	if [ -d "$dir" ]; then
		mkdir -p "$root$dir"
		mount --bind "$dir" "$root$dir"
		mount -o remount,bind,ro "$root$dir"
	fi
done
touch "$root/imednet"
mount --bind "$program" "$root/imednet"
mount --bind "$volume" "$root/home/imednet/.imednet"
mount -o remount,ro "$root"
exec chroot --userspec=65534:65534 --groups= "$root" /imednet "$@"
`

const (
	nobody     = 65534
	volumePath = "/home/imednet/.imednet"
)

// container runs commands as the operations page's container does: a root that cannot be written, one
// volume, no right to anything else.
type container struct {
	t            *testing.T
	root, volume string
	url          string
}

func newContainer(t *testing.T, url string) *container {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a root directory and become another user")
	}
	for _, needed := range []string{"unshare", "chroot", "mount", "sh"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("this system has no %s", needed)
		}
	}
	if err := exec.Command("unshare", "--mount", "--propagation", "private", "true").Run(); err != nil {
		t.Skip("this system gives a process no mounts of its own")
	}
	c := &container{t: t, root: t.TempDir(), volume: t.TempDir(), url: url}
	require.NoError(t, os.Chown(c.volume, nobody, nobody))
	require.NoError(t, os.Chmod(c.volume, 0o700))
	return c
}

func (c *container) command(args ...string) *exec.Cmd {
	program := newCommand().Path
	cmd := exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-c", contain, "sh", c.root, program, c.volume}, args...)...)
	cmd.Env = []string{asCommand + "=1", "PATH=" + os.Getenv("PATH"), "HOME=/home/imednet", "IMEDNET_BASE_URL=" + c.url,
		"IMEDNET_API_KEY=" + imednettest.APIKey, "IMEDNET_SECURITY_KEY=" + imednettest.SecurityKey}
	return cmd
}

func (c *container) ok(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	require.NoError(c.t, err, "%v\n%s%s", args, out, &problem)
	return string(out)
}

// TestInAContainerWithOneVolume: sync, status, export, refresh and a worker need no place to write but the
// volume, and leave nothing in it that others may read.
func TestInAContainerWithOneVolume(t *testing.T) {
	t.Parallel()
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 300})
	c := newContainer(t, imednettest.Start(t, imednettest.NewServer(study)))

	require.Contains(t, c.ok("sync", "OWN"), "300 received: 300 added")
	var status []statusJSON
	require.NoError(t, json.Unmarshal([]byte(c.ok("cache", "status", "OWN", "--json")), &status))
	require.Equal(t, "whole", status[0].state())
	c.ok("export", "OWN", "--cached", "--dir", volumePath+"/out")
	manifest, err := pipeline.ReadManifest(filepath.Join(c.volume, "out"), "")
	require.NoError(t, err)
	require.NoError(t, manifest.Verify(filepath.Join(c.volume, "out")))
	require.Equal(t, int64(300), manifest.Report.Records)

	plan := strings.NewReplacer("mirror:\n  cache: mirror.sqlite3\n", "", "forms: [AE]\n    where", "where").Replace(wholePlan)
	require.NoError(t, os.WriteFile(filepath.Join(c.volume, "study.yaml"), []byte(plan), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(c.volume, "sound.json"), []byte(soundConfiguration), 0o644))
	require.Contains(t, c.ok("refresh", "--plan", volumePath+"/study.yaml"), "5 made, 0 up to date, 0 failed")

	c.work("OWN", "--stream", "mirror")
	require.Contains(t, c.ok("state", "show"), "OWN | mirror | ")
	c.work("--plan", volumePath+"/study.yaml")
	c.requirePrivate()
}

// work starts a worker that serves its state, waits for its first run and ends it as a service is ended.
func (c *container) work(args ...string) {
	c.t.Helper()
	cmd := c.command(append([]string{"worker", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(c.t, err)
	var problem strings.Builder
	cmd.Stderr = &problem
	require.NoError(c.t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && !strings.Contains(lines.Text(), `"synced"`) {
	}
	require.Contains(c.t, lines.Text(), `"synced"`, problem.String())
	require.NoError(c.t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(c.t, cmd.Wait(), problem.String())
}

// requirePrivate fails if the program left anything in the volume that others may read.
func (c *container) requirePrivate() {
	c.t.Helper()
	require.NoError(c.t, filepath.WalkDir(c.volume, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == filepath.Join(c.volume, "study.yaml") || path == filepath.Join(c.volume, "sound.json") {
			return err
		}
		info, err := d.Info()
		require.NoError(c.t, err)
		require.Equal(c.t, uint32(nobody), info.Sys().(*syscall.Stat_t).Uid, path)
		require.Zero(c.t, info.Mode().Perm()&0o077, path)
		return nil
	}))
}
