package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/structure"
)

// What a plan can want when the design of a study has changed.
const (
	designPause    = "pause"
	designContinue = "continue"
)

// designResources are what a design is read from.
var designResources = []imednet.Resource{imednet.Intervals, imednet.Forms, imednet.Variables}

func (p *studyPlan) pauses() bool { return p.onDesign == designPause }

// mirrorsDesign reports whether the plan mirrors all that a design is read from.
func (p *studyPlan) mirrorsDesign() bool {
	if p.recordsOf {
		return false
	}
	return p.sync.Resources == nil || !slices.ContainsFunc(designResources, func(name imednet.Resource) bool { return !slices.Contains(p.sync.Resources, name) })
}

// acknowledgedDesign is the design of a study that somebody knows, or that the first refresh found. Outputs
// are made while the study has it. What is compared is what is held, so that a run that was killed misses
// no change.
type acknowledgedDesign struct {
	StudyKey     string          `json:"studyKey"`
	Version      int64           `json:"version"` // of the mirror
	Acknowledged time.Time       `json:"acknowledged"`
	Design       json.RawMessage `json:"design"` // as `imednet structure show --json` writes it
}

// designFile is where the acknowledged design of a study is kept.
func (a *app) designFile(p *studyPlan, study string) string {
	sum := sha256.Sum256([]byte(study))
	return a.planFile(p, "."+hex.EncodeToString(sum[:8])+".design.json")
}

// acknowledge keeps the design of a moment as the acknowledged one.
func (a *app) acknowledge(ctx context.Context, p *studyPlan, moment *cache.View, study string, at time.Time) error {
	design, err := readDesign(ctx, moment, study)
	if err != nil {
		return err
	}
	version, err := moment.Version(ctx, study)
	if err != nil {
		return err
	}
	document, err := design.MarshalJSON()
	if err != nil {
		return err
	}
	text, err := json.Marshal(acknowledgedDesign{StudyKey: study, Version: int64(version), Acknowledged: at.UTC(), Design: document})
	if err != nil {
		return err
	}
	path := a.designFile(p, study)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return replaceFile(path, writing(append(text, '\n')))
}

// acknowledged reads the acknowledged design of a study; there may be none yet.
func (a *app) acknowledged(p *studyPlan, study string) (version int64, design *structure.Design, err error) {
	path := a.designFile(p, study)
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, nil, err
	}
	var held acknowledgedDesign
	if err = json.Unmarshal(text, &held); err == nil {
		design, err = structure.Read(strings.NewReader(string(held.Design)))
	}
	if err != nil || held.StudyKey != study {
		return 0, nil, &invalidError{"the acknowledged design cannot be read: " + path}
	}
	return held.Version, design, nil
}

// holdDesign takes the design that the first refresh finds as acknowledged, and compares every later one.
func (r *refreshRun) holdDesign(ctx context.Context, moment *cache.View, one *planStudyJSON) error {
	if !r.plan.pauses() {
		return nil
	}
	for _, name := range designResources {
		if slices.Contains(one.LeftOut, string(name)) {
			one.Paused = "whether the design has changed is not known: the keys may not read " + string(name)
			return nil
		}
	}
	if _, err := os.Stat(r.designFile(r.plan, one.StudyKey)); errors.Is(err, fs.ErrNotExist) {
		if err := r.acknowledge(ctx, r.plan, moment, one.StudyKey, r.clock.Now()); err != nil {
			return err
		}
	}
	err := r.compareDesign(ctx, r.plan, moment, one)
	one.DesignChanges = nil
	return err
}

// compareDesign says why nothing is made of a study, if its design is not the acknowledged one.
func (a *app) compareDesign(ctx context.Context, p *studyPlan, moment *cache.View, one *planStudyJSON) error {
	if !p.pauses() {
		return nil
	}
	version, before, err := a.acknowledged(p, one.StudyKey)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.As(err, new(*invalidError)):
		one.Paused = safeText(err.Error())
		return nil
	case err != nil:
		return err
	}
	after, err := readDesign(ctx, moment, one.StudyKey)
	if err != nil {
		return err
	}
	changes, err := structure.Compare(before, after)
	if err != nil {
		return err
	}
	if one.DesignVersion = version; len(changes) > 0 {
		one.DesignChanges = changes
		one.Paused = fmt.Sprintf("%s of the design since version %d", changesText(len(changes)), version)
	}
	return nil
}

func changesText(n int) string {
	if n == 1 {
		return "1 change"
	}
	return number(int64(n)) + " changes"
}

// pauses reports whether nothing is made of the newest state of a study.
func (r *planJSON) pauses(study string) bool {
	return slices.ContainsFunc(r.Studies, func(s planStudyJSON) bool { return s.StudyKey == study && s.Paused != "" })
}

// printPauses lists what has changed in the designs, and how to go on.
func (a *app) printPauses(r *planJSON) error {
	for _, s := range r.Studies {
		if s.Paused == "" {
			continue
		}
		if err := a.printf("%s is paused: %s\n", s.StudyKey, s.Paused); err != nil {
			return err
		}
		for _, c := range s.DesignChanges {
			if err := a.printf("  %s\n", printable(c.String())); err != nil {
				return err
			}
		}
		if err := a.printf("To go on with this design: imednet plan acknowledge %s --version %d --plan %s\n", shellQuoted(s.StudyKey), s.Version, shellQuoted(r.File)); err != nil {
			return err
		}
	}
	return nil
}
