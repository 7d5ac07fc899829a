package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet/internal/filelock"
)

// errPlanRunning means that the plan is being refreshed by another process.
var errPlanRunning = errors.New("the plan is being refreshed by another process")

// planRun is the last run of a plan that went to its end, for its cadence alone: what stands in its
// places is judged by manifests.
type planRun struct {
	Plan     string    `json:"plan"` // the file
	Finished time.Time `json:"finished"`
	OK       bool      `json:"ok"`
}

// planFile is where the program keeps something about a plan.
func (a *app) planFile(p *studyPlan, extension string) string {
	sum := sha256.Sum256([]byte(realPath(p.path)))
	return filepath.Join(a.settings.DataDir, "plans", hex.EncodeToString(sum[:8])+extension)
}

// realPath is a path without symbolic links, as far as they can be followed.
func realPath(path string) string {
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	return path
}

// lockPlan lets one process refresh a plan at a time.
func (a *app) lockPlan(p *studyPlan) (release func() error, err error) {
	held, ok, err := filelock.TryClaim(a.planFile(p, ".lock"))
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errPlanRunning
	}
	return held.Release, nil
}

// lastRun reads when a plan was refreshed last; the zero value means never, or that it is not known.
func (a *app) lastRun(p *studyPlan) (planRun, error) {
	var last planRun
	text, err := os.ReadFile(a.planFile(p, ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil
	}
	if err != nil {
		return last, err
	}
	if json.Unmarshal(text, &last) != nil {
		return planRun{}, nil // cut short: the plan is due
	}
	return last, nil
}

// noteRun notes that a run went to its end.
func (a *app) noteRun(p *studyPlan, at time.Time, ok bool) error {
	text, err := json.Marshal(planRun{Plan: p.path, Finished: at.UTC(), OK: ok})
	if err != nil {
		return err
	}
	return replaceFile(a.planFile(p, ".json"), writing(append(text, '\n')))
}

// nextRun is when a plan is due: at once after a run that failed, or none.
func (p *studyPlan) nextRun(last planRun) time.Time {
	if last.Finished.IsZero() || !last.OK {
		return time.Time{}
	}
	return last.Finished.Add(p.every)
}
