package cdisc

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/imednetgo/imednet/internal/fsync"
)

// workName is the directory in which an export stands until it is complete. It is removed at the end;
// a killed run leaves it to the next export.
const workName = ".cdisc-work"

const (
	lockName   = "lock"
	intentName = "intent.json"
)

// lockWork makes the working directory and takes its lock, which no two exports hold.
func lockWork(dir string) (work string, lock *flock.Flock, err error) {
	work = filepath.Join(dir, workName)
	for {
		if err := os.MkdirAll(work, 0o700); err != nil {
			return "", nil, err
		}
		lock = flock.New(filepath.Join(work, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		held, err := lock.TryLock()
		switch {
		case errors.Is(err, os.ErrNotExist): // removed in between
			continue
		case err != nil:
			return "", nil, err
		case !held:
			return "", nil, errors.Join(ErrBusy, lock.Close())
		}
		if lockStands(lock) {
			return work, lock, nil
		}
		if err := lock.Close(); err != nil {
			return "", nil, err
		}
	}
}

// lockStands reports whether the lock is still that of its path: an export that ended meanwhile took
// the file away.
func lockStands(lock *flock.Flock) bool {
	held, err := lock.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(lock.Path())
	return err == nil && os.SameFile(held, named)
}

// clearWork removes what a killed run left in the working directory.
func clearWork(work string) error {
	entries, err := os.ReadDir(work)
	for _, entry := range entries {
		if entry.Name() != lockName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(work, entry.Name())))
		}
	}
	return err
}

// unlockWork removes the working directory, file by file: what is not ours by then is the next export's.
// Where an open file cannot be removed, the lock goes after it is closed.
func unlockWork(work string, lock *flock.Flock) error {
	err := clearWork(work)
	kept := os.Remove(lock.Path()) != nil
	err = errors.Join(err, lock.Close())
	if kept {
		_ = os.Remove(lock.Path())
	}
	_ = os.Remove(work)
	return err
}

// intent is a commit that is under way: once it is written the export is complete, and whoever finds
// it carries it out.
type intent struct {
	Place  []string `json:"place"`  // files of the working directory, the manifest last
	Remove []string `json:"remove"` // of the export before
}

// commit moves the files to their places, the manifest last, and removes those of the export before
// that this one does not have.
func (e *exporter) commit() error {
	if err := e.writeManifest(); err != nil {
		return err
	}
	var i intent
	for _, f := range e.manifest.Files {
		if _, err := os.Lstat(e.path(f.Path)); err == nil && !e.earlier[f.Path] {
			return fmt.Errorf("%s: %w, and no export wrote it", f.Path, os.ErrExist)
		}
		delete(e.earlier, f.Path)
		i.Place = append(i.Place, f.Path)
	}
	i.Place = append(i.Place, ManifestName)
	for name := range e.earlier {
		i.Remove = append(i.Remove, name)
	}
	if err := i.write(e.work); err != nil {
		return err
	}
	return i.carryOut(e.dir, e.work)
}

func (i intent) write(work string) error {
	document, err := json.Marshal(i)
	if err != nil {
		return err
	}
	temporary := filepath.Join(work, intentName+".tmp")
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(document)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, filepath.Join(work, intentName)); err != nil {
		return err
	}
	return fsync.Dir(work)
}

// carryOut takes the manifest away, so that none calls a mixture complete, then moves every file that
// is not in its place yet, and the new manifest last.
func (i intent) carryOut(dir, work string) error {
	if _, err := os.Lstat(filepath.Join(work, ManifestName)); err == nil {
		if err := removeIfThere(filepath.Join(dir, ManifestName)); err != nil {
			return err
		}
	}
	for _, name := range i.Remove {
		if err := removeIfThere(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, name := range i.Place {
		if name == ManifestName {
			if err := fsync.Dir(dir); err != nil {
				return err
			}
		}
		err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name))
		if _, there := os.Lstat(filepath.Join(dir, name)); err != nil && (!errors.Is(err, os.ErrNotExist) || there != nil) {
			return err
		}
	}
	return fsync.Dir(dir)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// recoverWork carries out the commit of a run that was killed in it, and removes what else one left.
func recoverWork(dir, work string) error {
	document, err := os.ReadFile(filepath.Join(work, intentName))
	if errors.Is(err, os.ErrNotExist) {
		return clearWork(work)
	}
	var i intent
	if err == nil {
		err = json.Unmarshal(document, &i)
	}
	if err != nil {
		return err
	}
	for _, name := range append(i.Place, i.Remove...) {
		if !filepath.IsLocal(name) || filepath.Base(name) != name {
			return fmt.Errorf("%s leads out of the directory", intentName)
		}
	}
	if err := i.carryOut(dir, work); err != nil {
		return err
	}
	return clearWork(work)
}
