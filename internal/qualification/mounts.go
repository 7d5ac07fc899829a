package qualification

import (
	"os"
	"path/filepath"
	"strings"
)

// fileSystemOf names the kind of the file system of a directory where the system tells, such as ext4 or
// nfs4; otherwise it is "not told".
func fileSystemOf(dir string) string {
	absolute, err := filepath.Abs(dir)
	mounts, readErr := os.ReadFile("/proc/self/mountinfo")
	if err != nil || readErr != nil {
		return "not told"
	}
	return kindAt(absolute, string(mounts))
}

// kindAt finds the innermost mount that holds a path: of several at one place the last hides the others.
func kindAt(path, mounts string) string {
	kind, innermost := "not told", ""
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		before, after, found := strings.Cut(line, " - ")
		if !found || len(strings.Fields(before)) < 5 || len(fields) < 5 {
			continue
		}
		point := fields[4]
		inside := path == point || strings.HasPrefix(path, strings.TrimSuffix(point, "/")+"/")
		if inside && len(point) >= len(innermost) {
			kind, innermost = strings.Fields(after)[0], point
		}
	}
	return kind
}
