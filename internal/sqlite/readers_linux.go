package sqlite

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// The bytes of the -shm file by whose locks readers hold their snapshots (SQLite's file format,
// "WAL-index", locks WAL_READ_LOCK(0) to (4)).
const (
	firstReadLock = 123
	lastReadLock  = 127
)

// Readers names the processes that hold a snapshot of a database in WAL mode, such as
// "process 4711 (sqlite3)". It is empty where the system does not say.
func Readers(path string) []string {
	info, err := os.Stat(path + "-shm")
	if err != nil {
		return nil
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	// The system lists its locks in pieces, and a list that changes meanwhile can lack one.
	for range 5 {
		if names := readersOf(stat.Ino); len(names) > 0 {
			return names
		}
	}
	return nil
}

// readersOf names those that the system's list of locks has now.
func readersOf(inode uint64) []string {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nil
	}
	var names []string
	for line := range strings.Lines(string(locks)) {
		if pid := readerOf(line, inode); pid > 0 {
			names = append(names, processName(pid))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readerOf returns the process of a line such as
// "7: POSIX  ADVISORY  READ 4711 08:01:1310 124 124", 0 when it holds no snapshot of this file.
func readerOf(line string, inode uint64) int {
	f := strings.Fields(line)
	if len(f) != 8 || f[1] != "POSIX" || !strings.HasSuffix(f[5], ":"+strconv.FormatUint(inode, 10)) {
		return 0
	}
	pid, err := strconv.Atoi(f[4])
	start, err2 := strconv.Atoi(f[6])
	if err != nil || err2 != nil || start < firstReadLock || start > lastReadLock {
		return 0
	}
	return pid
}

func processName(pid int) string {
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, strings.TrimSpace(string(comm)))
}
