package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// Remove removes the data set with this prefix ("" means "records") from a directory, what killed
// writers left of one, and then the directory if it is empty. It touches no other file. For the
// layouts [Hive] and [HivePerForm] dir is the study's partition ([DataSetDir]). A reader finds the whole data set or no
// manifest: the manifest goes first, and after a kill a further Remove or [Recover] removes the rest.
// Removing what is not there succeeds. If a writer is at work, the error is [ErrBusy].
func Remove(dir, prefix string) error {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	if err := checkPlace(dir, prefix); err != nil {
		return failure("remove", "", dir, err, "")
	}
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	release, err := claim(dir, prefix)
	if err == nil {
		err = errors.Join(remove(dir, prefix), release())
	}
	if err != nil {
		return failure("remove", "", dir, err, "")
	}
	_ = os.Remove(dir) // not if it holds anything
	return nil
}

// remove is Remove for whoever holds the claim. It is a commit that places nothing: once the manifest is
// gone, the files of the note are nobody's.
func remove(dir, prefix string) error {
	if _, err := recoverCommit(dir, prefix); err != nil {
		return err
	}
	sweep(dir, prefix)
	manifest, err := ReadManifest(dir, prefix)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	document, err := json.Marshal(intent{Generation: manifest.Generation + 1, Placed: pathsOf(manifest), Replaced: []string{}})
	if err != nil {
		return err
	}
	if err := placeIntent(dir, prefix, document); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, manifestName(prefix))); err != nil {
		return err
	}
	if err := fsync.Dir(dir); err != nil {
		return err
	}
	_, err = recoverCommit(dir, prefix)
	return err
}
