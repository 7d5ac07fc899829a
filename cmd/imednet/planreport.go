package main

import (
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/structure"
)

// planJSON is what `imednet plan` and `imednet refresh` report.
type planJSON struct {
	Plan     string             `json:"plan"`
	File     string             `json:"file"`
	Started  string             `json:"started"`
	Finished string             `json:"finished,omitempty"` // of a refresh
	Every    string             `json:"every,omitempty"`
	LastRun  string             `json:"lastRun,omitempty"` // what follows is of a plan
	Due      *bool              `json:"due,omitempty"`
	NextRun  string             `json:"nextRun,omitempty"`
	Studies  []planStudyJSON    `json:"studies"`
	Outputs  []planOutputJSON   `json:"outputs"`
	Removed  []planRemovalJSON  `json:"removals"`           // of a plan, those that a refresh would make
	Retained []planRetainedJSON `json:"retained,omitempty"` // what would have been removed, were it not for a rule of retention
	OK       bool               `json:"ok"`
	failures []error
}

// planStudyJSON is the mirror of a study.
type planStudyJSON struct {
	StudyKey   string   `json:"studyKey"`
	State      string   `json:"state"` // synced or failed; of a plan: whole, partial or not synced
	Version    int64    `json:"version"`
	ServerTime string   `json:"serverTime,omitempty"`
	LeftOut    []string `json:"leftOut,omitempty"` // resources that the keys may not read
	// DesignVersion is the version whose design was acknowledged, Paused why nothing is made, and
	// DesignChanges what has changed since, which a plan lists.
	DesignVersion int64              `json:"designVersion,omitempty"`
	Paused        string             `json:"paused,omitempty"`
	DesignChanges []structure.Change `json:"designChanges,omitempty"`
	Error         string             `json:"error,omitempty"`
	Hint          string             `json:"hint,omitempty"`
}

// planOutputJSON is an output, and what a refresh did or would do about it.
type planOutputJSON struct {
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	StudyKey string   `json:"studyKey"`
	Place    string   `json:"place"`
	Cut      string   `json:"cut,omitempty"`
	State    string   `json:"state"`
	Reasons  []string `json:"reasons,omitempty"`
	Version  int64    `json:"version,omitempty"` // of the mirror, from which what stands there was made
	Rows     int64    `json:"rows,omitempty"`
	Review   string   `json:"review,omitempty"`
	Error    string   `json:"error,omitempty"`
	Hint     string   `json:"hint,omitempty"`
}

// planRemovalJSON is a data set beyond those that are kept.
type planRemovalJSON struct {
	Output string `json:"output"`
	Place  string `json:"place"`
}

// planRetainedJSON is a data set beyond those that are kept, which a rule of retention keeps.
type planRetainedJSON struct {
	Output string `json:"output"`
	Place  string `json:"place"`
	Until  string `json:"until"`
}

func newPlanOutput(out planOutput) planOutputJSON {
	return planOutputJSON{Kind: out.kind, Name: out.name, StudyKey: out.study, Place: out.place, Cut: out.cut}
}

// fail notes an error about an output.
func (r *planJSON) fail(one *planOutputJSON, err error) {
	told := classify(err, true)
	one.State, one.Error, one.Hint = stateFailed, safeText(told.Error), safeText(told.Hint)
	r.failures = append(r.failures, err)
}

func safeText(text string) string { return withoutKeys(printable(text)) }

// describe enters what stands in the place of an output.
func (one *planOutputJSON) describe(found madeOutput) {
	one.Version, one.Rows, one.Review = int64(found.origin.Version), found.rows, found.review
}

// count returns how many outputs are in a state.
func (r *planJSON) count(state string) (n int) {
	for _, one := range r.Outputs {
		if one.State == state {
			n++
		}
	}
	return n
}

// planError ends a refresh in which something failed, whose table is written.
type planError struct {
	text   string
	causes []error
}

func (e *planError) Error() string { return e.text }

// Unwrap returns what failed, which decides the exit code.
func (e *planError) Unwrap() []error { return e.causes }

// verdict is the error of a refresh: what failed comes before what is paused, and that before what should
// be reviewed.
func (r *planJSON) verdict() error {
	var failed, review, paused []string
	for _, s := range r.Studies {
		if s.State == stateFailed {
			failed = append(failed, "study "+s.StudyKey)
		}
		if s.Paused != "" {
			paused = append(paused, "study "+s.StudyKey+" ("+s.Paused+")")
		}
	}
	for _, o := range r.Outputs {
		switch {
		case o.State == statePaused:
		case o.State != stateMade && o.State != stateCurrent:
			failed = append(failed, o.Kind+" "+o.Name)
		case o.Review != "":
			review = append(review, o.Kind+" "+o.Name)
		}
	}
	switch {
	case len(failed) > 0:
		return &planError{"not refreshed: " + strings.Join(failed, ", ") + "; what stood there before is unchanged", r.failures}
	case len(paused) > 0:
		return &differError{"paused: " + strings.Join(paused, "; ") + "; what stood there before is unchanged"}
	case len(review) > 0:
		return &invalidError{"rejected rows or findings that are errors: " + strings.Join(review, ", ") + "; review them before using the data"}
	}
	return nil
}

// printRetained says what a rule of retention keeps.
func (a *app) printRetained(r *planJSON) error {
	for _, kept := range r.Retained {
		if err := a.printf("Retained until %s %s\n", kept.Until, kept.Place); err != nil {
			return err
		}
	}
	return nil
}

// printPlan writes the tables of a plan or a refresh.
func (a *app) printPlan(r *planJSON) error {
	studies := newTable(a.out, "STUDY", "MIRROR", "VERSION", "SERVER TIME", "NOTE")
	for _, s := range r.Studies {
		notes := nonEmpty(s.Error, s.Paused)
		if len(s.LeftOut) > 0 {
			notes = append(notes, "left out: "+strings.Join(s.LeftOut, ", "))
		}
		if err := studies.add(s.StudyKey, s.State, versionCell(s.Version), clockText(s.ServerTime), strings.Join(notes, "; ")); err != nil {
			return err
		}
	}
	outputs := newTable(a.out, "OUTPUT", "KIND", "STUDY", "STATE", "VERSION", "ROWS", "NOTE")
	for _, o := range r.Outputs {
		rows := ""
		if o.Rows > 0 {
			rows = number(o.Rows)
		}
		note := strings.Join(append(append([]string{}, o.Reasons...), nonEmpty(o.Error, o.Hint, o.Review)...), "; ")
		if err := outputs.add(o.Name, o.Kind, o.StudyKey, o.State, versionCell(o.Version), rows, note); err != nil {
			return err
		}
	}
	return orFirst(studies.flush(), orFirst(a.printf("\n"), outputs.flush()))
}

func versionCell(version int64) string {
	if version == 0 {
		return ""
	}
	return number(version)
}

func nonEmpty(texts ...string) (all []string) {
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return all
}

// originOf enters the state of a study that is read.
func (s *planStudyJSON) originOf(o imednet.Origin) {
	s.Version = int64(o.Version)
	if !o.ServerTime.IsZero() {
		s.ServerTime = isoTime(o.ServerTime)
	}
}
