package pipeline

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sweep removes temporary files that a killed run left, so that no data outlive the data set that they were meant
// for, and a disk that they filled has room again. The caller has the claim and has written nothing yet. It leaves
// what it cannot remove.
func sweep(dir, prefix string) {
	s := &stage{root: dir}
	for _, local := range temporaries(dir, prefix) {
		_ = os.Remove(filepath.Join(dir, local))
		s.removeEmpty(filepath.Dir(local))
	}
}

// sweepUnclaimed is sweep for whoever has no claim. The files of a writer at work stay.
func sweepUnclaimed(dir, prefix string) {
	if len(temporaries(dir, prefix)) == 0 {
		return
	}
	release, err := claim(dir, prefix)
	if err != nil {
		return
	}
	sweep(dir, prefix)
	_ = release()
}

// temporaries lists the temporary files of a prefix below a directory. It looks as deep as any layout goes, and
// passes over what it cannot read.
func temporaries(dir, prefix string) (found []string) {
	const depth = 2
	pattern := temporaryPattern(prefix)
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		local, err := filepath.Rel(dir, path)
		if err == nil && d.IsDir() && local != "." && strings.Count(local, string(filepath.Separator)) >= depth {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && pattern.MatchString(d.Name()) {
			found = append(found, local)
		}
		return nil
	})
	return found
}
