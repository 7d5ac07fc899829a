package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet/internal/fsync"
)

// intent is the note of a commit that is under way: _<prefix>_commit.json. The commit itself is one
// step, the renaming of the manifest. Before it the placed files are nobody's, after it the
// replaced ones; whoever finds an intent knows by the manifest's generation which to remove.
type intent struct {
	Generation int      `json:"generation"`
	Placed     []string `json:"placed"`
	Replaced   []string `json:"replaced"`
}

func intentName(prefix string) string { return "_" + prefix + "_commit.json" }

// complete puts the data set in the place of the earlier one: files under names of their own, then
// the manifest, which is the commit, and then the earlier files go.
func (w *TableWriter) complete() error {
	w.manifest.Created = w.pipeline.clock.Now().UTC()
	document, err := json.MarshalIndent(w.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := w.refuseForeign(); err != nil {
		return err
	}
	if err := w.writeIntent(); err != nil {
		return err
	}
	if err := w.stage.commit(); err != nil {
		return err
	}
	if err := w.stage.writeWhole(manifestName(w.opts.Prefix), append(document, '\n')); err != nil {
		return err
	}
	if err := w.stage.commit(); err != nil {
		return err
	}
	_, err = recoverCommit(w.stage.root, w.opts.Prefix)
	return err
}

// refuseForeign refuses to put a file in the place of one that is no part of the earlier data set: the names of
// generations differ, so that whatever is there is somebody else's.
func (w *TableWriter) refuseForeign() error {
	for _, name := range pathsOf(w.manifest) {
		switch info, err := os.Lstat(filepath.Join(w.stage.root, filepath.FromSlash(name))); {
		case err == nil && info.IsDir():
			// in whose place no file can be put
		case err == nil:
			return invalid("dir", "a file that is no part of a data set stands at "+strconv.Quote(name)+": move it away, or choose another directory or prefix")
		case !errors.Is(err, os.ErrNotExist):
			return err
		}
	}
	return nil
}

// endCommit ends a commit that failed, for example because the disk is full: it goes back if the manifest was
// not renamed yet, and forward if it was. It returns what the directory then holds.
func (w *TableWriter) endCommit() string {
	w.abandon()
	const unsure = "write again; the manifest is true all the same"
	if _, err := recoverCommit(w.stage.root, w.opts.Prefix); err != nil {
		return unsure
	}
	manifest, err := ReadManifest(w.stage.root, w.opts.Prefix)
	if err == nil && manifest.Generation == w.manifest.Generation {
		return unsure
	}
	return "the directory is as it was before"
}

func (w *TableWriter) writeIntent() error {
	note := intent{Generation: w.manifest.Generation, Placed: pathsOf(w.manifest), Replaced: []string{}}
	if w.earlier != nil {
		note.Replaced = pathsOf(w.earlier)
	}
	document, err := json.Marshal(note)
	if err != nil {
		return err
	}
	return placeIntent(w.stage.root, w.opts.Prefix, document)
}

// placeIntent puts a note of a commit into its place.
func placeIntent(root, prefix string, document []byte) error {
	first := &stage{root: root}
	defer first.abandon()
	if err := first.writeWhole(intentName(prefix), document); err != nil {
		return err
	}
	return first.commit()
}

func pathsOf(m *Manifest) []string {
	paths := []string{}
	for f := range m.files() {
		paths = append(paths, f.Path)
	}
	return paths
}

// Recover completes the commit of a writer that was killed, and reports whether there was one. It
// removes the files of the data set that the manifest does not list, and the temporary files of a writer
// that was killed earlier. Every write begins with it.
// The manifest is correct even before recovery, but until then a pattern such as *.parquet can
// match files of both data sets. Recover does nothing if no writer was killed. If a writer is at work,
// it changes nothing and fails with [ErrBusy].
func Recover(dir, prefix string) (recovered bool, err error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	if err := checkPlace(dir, prefix); err != nil {
		return false, failure("recover", "", dir, err, "")
	}
	if _, err := os.Lstat(filepath.Join(dir, intentName(prefix))); errors.Is(err, os.ErrNotExist) {
		sweepUnclaimed(dir, prefix)
		return false, nil
	}
	release, err := claim(dir, prefix)
	if err == nil {
		recovered, err = recoverCommit(dir, prefix)
		sweep(dir, prefix)
		err = errors.Join(err, release())
	}
	if err != nil {
		return false, failure("recover", "", dir, err, "")
	}
	return recovered, nil
}

// recoverCommit is Recover for whoever holds the claim.
func recoverCommit(dir, prefix string) (recovered bool, err error) {
	document, err := os.ReadFile(filepath.Join(dir, intentName(prefix)))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var note intent
	if err := json.Unmarshal(document, &note); err != nil {
		return false, err
	}
	manifest, err := ReadManifest(dir, prefix)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	keep, stale := []string{}, note.Placed
	if manifest != nil {
		keep = pathsOf(manifest)
		if manifest.Generation == note.Generation {
			stale = note.Replaced
		}
	}
	if err := removeFiles(dir, prefix, stale, keep); err != nil {
		return false, err
	}
	if err := os.Remove(filepath.Join(dir, intentName(prefix))); err != nil {
		return false, err
	}
	return true, fsync.Dir(dir)
}

// removeFiles removes files of a data set, and the directories that are empty then. It touches
// nothing that is not named like one.
func removeFiles(dir, prefix string, files, keep []string) error {
	rows, lists := chunkPattern(prefix), listPattern(prefix)
	s := &stage{root: dir}
	for _, name := range files {
		local := filepath.FromSlash(name)
		base := filepath.Base(local)
		if slices.Contains(keep, name) || !filepath.IsLocal(local) || !rows.MatchString(base) && !lists.MatchString(base) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, local)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		s.removeEmpty(filepath.Dir(local))
	}
	return nil
}
