package cdisc

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/fsync"
)

// workName is the directory in which an export stands until it is complete. It is removed at the end;
// a killed run leaves it to the next export.
const workName = ".cdisc-work"

const (
	lockName   = "lock"
	intentName = "intent.json"
)

// claimWork makes the working directory and claims it: no two exports hold it.
func claimWork(dir string) (work string, claim *filelock.Claim, err error) {
	work = filepath.Join(dir, workName)
	claim, held, err := filelock.TryClaim(filepath.Join(work, lockName))
	if err == nil && !held {
		err = ErrBusy
	}
	return work, claim, err
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

// leaveWork removes the working directory, file by file: what is not ours by then is the next export's.
func leaveWork(work string, claim *filelock.Claim) error {
	err := errors.Join(clearWork(work), claim.Release())
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
