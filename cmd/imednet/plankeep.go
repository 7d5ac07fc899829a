package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/pipeline"
)

// versionDir is the name of a directory of one version of an output.
var versionDir = regexp.MustCompile(`^v\d{6,}$`)

// datedSet is a data set of one version that stands beside those of others.
type datedSet struct {
	dir, set string // the version's directory, and the data set's in it
	manifest *pipeline.Manifest
	ended    time.Time // when the next one was made; now if there is none
}

// rotation says which earlier data sets of an output must stay at a moment.
type rotation struct {
	rule imednet.Retention
	now  time.Time
}

// surplus lists the data sets of an output beyond those that are kept, the oldest first, and which of them a
// rule of retention keeps nevertheless: only those whose manifest says that this plan made them, and never that
// of the current version.
func (p *studyPlan) surplus(out planOutput, current imednet.MirrorVersion, r rotation) (gone []datedSet, retained []planRetainedJSON, err error) {
	if out.keep == 0 {
		return nil, nil, nil
	}
	all, err := p.dated(out)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(s datedSet) bool { return s.manifest == nil })
	slices.SortStableFunc(all, func(a, b datedSet) int { return a.manifest.Created.Compare(b.manifest.Created) })
	for i := range all {
		all[i].ended = r.now
		if i+1 < len(all) {
			all[i].ended = all[i+1].manifest.Created
		}
	}
	place := out.placeOf(current)
	all = slices.DeleteFunc(all, func(s datedSet) bool { return s.dir == place })
	for _, s := range all[:max(0, len(all)-(out.keep-1))] {
		var refused *imednet.RetentionError
		if errors.As(r.rule.Permits(r.now, s.ended), &refused) {
			retained = append(retained, planRetainedJSON{out.name, s.dir, isoTime(refused.Until)})
			continue
		}
		gone = append(gone, s)
	}
	return gone, retained, nil
}

// dated lists the versions of an output that this plan made, and those that a killed run left without a
// manifest.
func (p *studyPlan) dated(out planOutput) ([]datedSet, error) {
	entries, err := os.ReadDir(out.place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files, layout := out.task.(fileTask).where()
	var all []datedSet
	for _, e := range entries {
		if !e.IsDir() || !versionDir.MatchString(e.Name()) {
			continue
		}
		one := datedSet{dir: filepath.Join(out.place, e.Name())}
		one.set = pipeline.DataSetDir(one.dir, layout, out.study)
		one.manifest, err = pipeline.ReadManifest(one.set, files.prefix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil, one.manifest.Recipe.Plan != p.name, one.manifest.StudyKey != out.study:
			continue // somebody else's, or no data set that can be told
		}
		all = append(all, one)
	}
	return all, nil
}

// removeSurplus removes what is beyond those that are kept and reports it. It also takes what killed runs left
// in directories of versions without a data set.
func (p *studyPlan) removeSurplus(out planOutput, current imednet.MirrorVersion, r rotation, report *planJSON) error {
	surplus, retained, err := p.surplus(out, current, r)
	if err != nil || out.keep == 0 {
		return err
	}
	report.Retained = append(report.Retained, retained...)
	files, _ := out.task.(fileTask).where()
	for _, s := range surplus {
		if err := s.remove(files.prefix); err != nil {
			return err
		}
		report.Removed = append(report.Removed, planRemovalJSON{out.name, s.dir})
	}
	all, err := p.dated(out)
	for _, s := range all {
		if s.manifest == nil {
			err = errors.Join(err, s.remove(files.prefix))
		}
	}
	return err
}

func (s datedSet) remove(prefix string) error {
	if err := pipeline.Remove(s.set, prefix); err != nil {
		return err
	}
	if s.set != s.dir {
		_ = os.Remove(s.dir) // not if it holds anything
	}
	return nil
}
