package cache_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// TestAFileThatIsReplacedIsNoticed removes, replaces and empties the file under an open mirror.
func TestAFileThatIsReplacedIsNoticed(t *testing.T) {
	for name, takeAway := range map[string]func(path string) error{
		"removed": func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
		"emptied": func(path string) error { return os.Truncate(path, 0) },
	} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		sync(t, l, study.Key())
		study.SetTime(study.Now())
		moved := false
		server.OnRequest(func(imednettest.Request) {
			if !moved {
				moved = true
				assert.NoError(t, takeAway(l.Path()), name)
			}
		})
		ledger := newFakeLedger()
		w := newWorker(t, l, []string{study.Key()}, cache.WithMarkLedger(ledger, "records"))
		require.ErrorIs(t, w.Run(t.Context()), cache.ErrFileReplaced, "it went on in a file that nobody will find")
		require.Zero(t, ledger.mark(study.Key()).Time, "the ledger moved")
		require.False(t, w.Status().Healthy(1<<60))
		require.ErrorIs(t, l.Flush(t.Context()), cache.ErrFileReplaced)
		_, err := l.Status(t.Context(), study.Key())
		require.ErrorIs(t, err, cache.ErrFileReplaced)
		for _, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
			require.ErrorIs(t, err, cache.ErrFileReplaced)
		}
	}
}

// otherUser is a user without rights on this machine.
const otherUser = 65534

// TestReadingAsAnotherUser reads, verifies and copies a mirror as the operations page has it: a directory of mode 2750 and a
// file of mode 640, without and with a program that has it open for writing.
func TestReadingAsAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir, err := os.MkdirTemp("", "mirror")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chown(dir, 0, otherUser))
	require.NoError(t, os.Chmod(dir, 0o750|os.ModeSetgid))
	path := filepath.Join(dir, "mirror.sqlite3")
	require.NoError(t, os.WriteFile(path, nil, 0o640))
	require.NoError(t, os.Chown(path, 0, otherUser))

	copies, err := os.MkdirTemp("", "copies")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(copies)) })
	require.NoError(t, os.Chmod(copies, 0o777))
	options := imednettest.GenerateOptions{Records: 700}
	study := imednettest.Generate(options)
	l, err := cache.NewCachedRecordsLoader(t.Context(), imednettest.NewServer(study).Client(), path)
	require.NoError(t, err)
	sync(t, l, study.Key())
	requireRead := func() {
		t.Helper()
		before := fileNames(t, dir)
		copied := filepath.Join(copies, fmt.Sprint(len(fileNames(t, copies))))
		task := childTask{Path: path, Read: study.Key(), Study: options, Copy: copied}
		cmd := childtest.Command(t, task)
		cmd.Path = childtest.CopyForAnother(t)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
		p := childtest.StartCommand(t, cmd)
		said, _ := p.Next()
		require.NoError(t, p.Wait())
		require.Equal(t, "700 and 700 equal", said)
		require.Equal(t, before, fileNames(t, dir))
		back, err := cache.NewCachedRecordsLoader(t.Context(), imednettest.NewServer(study).Client(), copied)
		require.NoError(t, err)
		r, err := back.Verify(t.Context(), study.Key())
		require.NoError(t, errors.Join(err, back.Close()))
		require.Equal(t, int64(700), r.Equal)
		require.True(t, r.OK(), r)
	}
	requireRead()
	require.NoError(t, l.Close())
	require.Equal(t, 0, strings.Count(strings.Join(fileNames(t, dir), " "), "-shm"))
	requireRead()
}

func fileNames(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestNothingReachesTheTemporaryDirectory watches the directory that SQLite would use, while a child
// makes a first sync, a sweep and a back-up.
func TestNothingReachesTheTemporaryDirectory(t *testing.T) {
	temporary := t.TempDir()
	watch, err := syscall.InotifyInit1(syscall.IN_NONBLOCK)
	require.NoError(t, err)
	defer syscall.Close(watch)
	_, err = syscall.InotifyAddWatch(watch, temporary, syscall.IN_CREATE|syscall.IN_OPEN|syscall.IN_MOVED_TO)
	require.NoError(t, err)
	task := childTask{Path: filepath.Join(t.TempDir(), "mirror.sqlite3"), Study: imednettest.GenerateOptions{Records: 5000},
		Sweep: true, Repeat: 2, Backup: true}
	cmd := childtest.Command(t, task)
	cmd.Env = append(cmd.Env, "SQLITE_TMPDIR="+temporary, "TMPDIR="+temporary)
	require.NoError(t, childtest.StartCommand(t, cmd).Wait())
	require.Empty(t, watchedNames(watch), "files were made in the temporary directory")
}

// watchedNames are the names of the files that a watch saw.
func watchedNames(watch int) (names []string) {
	buffer := make([]byte, 64<<10)
	n, _ := syscall.Read(watch, buffer)
	for at := 0; at+syscall.SizeofInotifyEvent <= n; {
		event := (*syscall.InotifyEvent)(unsafe.Pointer(&buffer[at]))
		name := buffer[at+syscall.SizeofInotifyEvent : at+syscall.SizeofInotifyEvent+int(event.Len)]
		if event.Len > 0 {
			names = append(names, strings.TrimRight(string(name), "\x00"))
		}
		at += syscall.SizeofInotifyEvent + int(event.Len)
	}
	return names
}
