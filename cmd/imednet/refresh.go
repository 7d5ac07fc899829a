package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/program"
	"github.com/imednetgo/imednet/pipeline"
)

func newRefresh(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:     "refresh --plan FILE",
		GroupID: groupState,
		Short:   "Bring all that a plan names up to date",
		Long: `Bring all that a plan names up to date: sync its studies, make the exports, extractions
and warehouse that are missing or stale, and remove the data sets beyond those that it
keeps. All outputs of a study are made from one version of the mirror. An output that
is up to date is left alone, so a second run with nothing new does nothing. An output
that fails leaves the earlier one whole, does not prevent the others, and is tried
again by the next run.

The exit code is that of what failed, 7 if outputs are paused because the design of a
study has changed (onDesignChange: pause), or 6 if an extraction holds rejected rows or
findings that are errors. ` + "`imednet plan`" + ` shows what would be done.`,
		Example:     "  imednet refresh --plan study.yaml\n  imednet refresh --plan study.yaml --json >refresh.json",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{afterInterrupt: "outputs that were made are whole, the others are unchanged; the same command continues from there"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readStudyPlan(path)
			if err != nil {
				return err
			}
			report, err := a.refresh(cmd.Context(), p, imednet.SystemClock())
			if report == nil {
				return err
			}
			if a.json {
				return orFirst(err, a.writeJSON(report))
			}
			return orFirst(a.printRefresh(report), err)
		},
	}
	planFlag(cmd, &path)
	return cmd
}

func planFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "plan", "", "the plan's `file`")
	_ = cmd.MarkFlagRequired("plan") // the flag is there
	_ = cmd.MarkFlagFilename("plan", "yaml", "yml", "json")
}

// refresh does what a plan wants. There is a report of whatever was begun.
func (a *app) refresh(ctx context.Context, p *studyPlan, clock imednet.Clock) (report *planJSON, err error) {
	release, err := a.lockPlan(p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	mirror, err := a.openPlanMirror(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	report = &planJSON{Plan: p.name, File: p.path, Started: isoTime(clock.Now()), Studies: []planStudyJSON{}, Outputs: []planOutputJSON{}, Removed: []planRemovalJSON{}}
	run := &refreshRun{app: a, plan: p, clock: clock, mirror: mirror, report: report, moments: map[string]*cache.View{}}
	for _, study := range p.studies {
		run.sync(ctx, study)
	}
	for _, out := range p.outputs {
		run.output(ctx, out)
	}
	a.endProgress()
	now := clock.Now()
	report.Finished, report.OK = isoTime(now), report.verdict() == nil
	if ctx.Err() != nil {
		return report, context.Cause(ctx)
	}
	return report, orFirst(report.verdict(), a.noteRun(p, now, len(report.failures) == 0))
}

func (a *app) openPlanMirror(ctx context.Context, p *studyPlan) (*cache.CachedRecordsLoader, error) {
	bar := a.progress()
	return a.openMirror(ctx, p.mirror, cache.WithProgress(bar.report))
}

// refreshRun is one run of a refresh.
type refreshRun struct {
	*app
	plan    *studyPlan
	clock   imednet.Clock
	mirror  *cache.CachedRecordsLoader
	report  *planJSON
	moments map[string]*cache.View // of the studies that were synced
}

// sync brings the mirror of a study up to date and fixes the version from which its outputs are made.
func (r *refreshRun) sync(ctx context.Context, study string) {
	one := planStudyJSON{StudyKey: study, State: "synced"}
	moment, err := r.syncStudy(ctx, study, &one)
	if err == nil {
		err = r.holdDesign(ctx, moment, &one)
	}
	if err != nil {
		told := classify(err, true)
		one.State, one.Error, one.Hint = stateFailed, safeText(told.Error), safeText(told.Hint)
		r.report.failures = append(r.report.failures, err)
	} else {
		r.moments[study] = moment
	}
	r.report.Studies = append(r.report.Studies, one)
}

func (r *refreshRun) syncStudy(ctx context.Context, study string, one *planStudyJSON) (*cache.View, error) {
	done, err := syncStudy(ctx, r.mirror, study, syncOptions{recordsOnly: r.plan.recordsOf, run: r.plan.sync})
	if err != nil {
		return nil, err
	}
	for _, resource := range done.Resources {
		if resource.LeftOut != "" {
			one.LeftOut = append(one.LeftOut, string(resource.Resource))
		}
	}
	moment, err := r.mirror.AsOf(ctx, study, done.version)
	if err != nil {
		return nil, err
	}
	origin, err := moment.Origin(ctx, study)
	one.originOf(origin)
	return moment, err
}

// output makes an output unless it is up to date. One of a data cut needs no sync.
func (r *refreshRun) output(ctx context.Context, out planOutput) {
	one := newPlanOutput(out)
	moment := r.moments[out.study]
	if out.cut != "" {
		moment = r.mirror.CutClient(out.cut)
	}
	switch {
	case ctx.Err() != nil:
		one.State, one.Reasons = stateNotTried, []string{"the run was interrupted"}
	case out.cut == "" && r.report.pauses(out.study):
		one.State, one.Reasons = statePaused, []string{"the design of the study has changed"}
	case moment == nil:
		one.State, one.Reasons = stateNotTried, []string{"the study was not synced"}
	default:
		if err := r.bringUp(ctx, out, moment, &one); err != nil {
			r.report.fail(&one, err)
		}
	}
	r.report.Outputs = append(r.report.Outputs, one)
}

// bringUp makes an output if it is missing or stale, and removes what is no longer kept of it.
func (r *refreshRun) bringUp(ctx context.Context, out planOutput, moment *cache.View, one *planOutputJSON) error {
	origin, err := moment.Origin(ctx, out.study)
	if err != nil {
		return err
	}
	want, err := r.plan.wants(ctx, r.app, out, origin)
	if err != nil {
		return err
	}
	place := out.placeOf(origin.Version)
	one.Place = place
	found, err := out.task.stands(ctx, r.app, out, place)
	if err != nil {
		return err
	}
	one.describe(found)
	if one.State, one.Reasons = judge(found, want); one.State == stateForeign {
		return foreignPlace(place)
	}
	if files, ok := out.task.(fileTask); ok && found.there {
		where, layout := files.where()
		if _, err := pipeline.Recover(pipeline.DataSetDir(place, layout, out.study), where.prefix); err != nil {
			return err
		}
	}
	if one.State != stateCurrent {
		recipe := pipeline.Recipe{Plan: r.plan.name, Output: out.name, Settings: want.settings}
		made, err := out.task.make(ctx, r.app, moment, out, place, recipe)
		if err != nil {
			return err
		}
		one.describe(made)
		one.State = stateMade
	}
	return r.plan.removeSurplus(out, origin.Version, r.app.rotation(out, r.clock.Now()), r.report)
}

func foreignPlace(place string) error {
	return &imednet.Error{Package: "plan", Op: "write", Err: &invalidError{place + " holds something that this plan did not make"},
		Hint: "name another place in the plan, or move away what is there"}
}

// wants is what the plan wants in the place of an output.
func (p *studyPlan) wants(ctx context.Context, a *app, out planOutput, origin imednet.Origin) (wantedOutput, error) {
	want := wantedOutput{program: program.Info().String(), origin: origin}
	if out.kind != kindWarehouse { // which several plans and people may fill
		want.plan = p.name
	}
	var err error
	want.settings, err = out.task.settings(ctx, a, out)
	return want, err
}

func (a *app) printRefresh(r *planJSON) error {
	if err := a.printPlan(r); err != nil {
		return err
	}
	for _, gone := range r.Removed {
		if err := a.printf("Removed %s\n", gone.Place); err != nil {
			return err
		}
	}
	if err := a.printRetained(r); err != nil {
		return err
	}
	made, current, paused := r.count(stateMade), r.count(stateCurrent), r.count(statePaused)
	if made == 0 && current == len(r.Outputs) && len(r.Removed) == 0 && len(r.failures) == 0 {
		return a.printf("Nothing to do: every output is up to date.\n")
	}
	failed := len(r.Outputs) - made - current - paused
	if paused > 0 {
		return a.printf("%d made, %d up to date, %d failed, %d paused\n", made, current, failed, paused)
	}
	return a.printf("%d made, %d up to date, %d failed\n", made, current, failed)
}

func newPlan(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:     "plan --plan FILE",
		GroupID: groupState,
		Short:   "Show what a refresh by a plan would do, and why",
		Long: `Show what ` + "`imednet refresh`" + ` would do by a plan, and why: which outputs are missing,
stale or up to date, which data sets would be removed, and when the plan is due. It
reads the mirror as it is and does not contact the server, so a refresh, which syncs
first, may find more to do. Nothing is changed.`,
		Example:     "  imednet plan --plan study.yaml\n  imednet plan --plan study.yaml --json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readStudyPlan(path)
			if err != nil {
				return err
			}
			report, err := a.showPlan(cmd.Context(), p, time.Now())
			switch {
			case err != nil:
				return err
			case a.json:
				return a.writeJSON(report)
			}
			return a.printForecast(report)
		},
	}
	planFlag(cmd, &path)
	cmd.AddCommand(newAcknowledge(a))
	return cmd
}

// showPlan finds out what a refresh would do.
func (a *app) showPlan(ctx context.Context, p *studyPlan, now time.Time) (*planJSON, error) {
	r := &planJSON{Plan: p.name, File: p.path, Started: isoTime(now), Studies: []planStudyJSON{}, Outputs: []planOutputJSON{}, Removed: []planRemovalJSON{}}
	last, err := a.lastRun(p)
	if err != nil {
		return nil, err
	}
	if !last.Finished.IsZero() {
		r.LastRun = isoTime(last.Finished)
	}
	if p.every > 0 {
		next := p.nextRun(last)
		due := !next.After(now)
		r.Every, r.Due = p.cadence, &due
		if !next.IsZero() {
			r.NextRun = isoTime(next)
		}
	}
	origins, refusals, err := a.mirrored(ctx, p, r)
	if err != nil {
		return nil, err
	}
	for i, out := range p.outputs {
		one := newPlanOutput(out)
		if out.cut == "" && r.pauses(out.study) {
			one.State, one.Reasons = statePaused, []string{"the design of the study has changed"}
			r.Outputs = append(r.Outputs, one)
			continue
		}
		err := a.forecast(ctx, p, out, origins[planMoment{out.study, out.cut}], &one, r, now)
		if err == nil && one.State != stateCurrent && one.State != stateForeign {
			err = refusals[i]
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			r.fail(&one, err)
		}
		r.Outputs = append(r.Outputs, one)
	}
	r.OK = r.count(stateCurrent) == len(r.Outputs) && len(r.Removed) == 0
	return r, nil
}

// planMoment is a state of a study that outputs are made of: a data cut, or the newest.
type planMoment struct{ study, cut string }

// knownOrigin is the origin of a moment, or why there is none.
type knownOrigin struct {
	imednet.Origin
	err error
}

// mirrored reads where the mirror of each study is; there may be none yet. refusals are why outputs cannot be made.
func (a *app) mirrored(ctx context.Context, p *studyPlan, r *planJSON) (origins map[planMoment]knownOrigin, refusals map[int]error, err error) {
	origins = map[planMoment]knownOrigin{}
	mirror, err := a.readMirror(ctx, p.mirror)
	if errors.Is(err, fs.ErrNotExist) {
		for _, study := range p.studies {
			r.Studies = append(r.Studies, planStudyJSON{StudyKey: study, State: statusJSON{}.state()})
		}
		return origins, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, study := range p.studies {
		status, err := mirror.Status(ctx, study)
		if err != nil {
			return nil, nil, errors.Join(err, mirror.Close())
		}
		one := planStudyJSON{StudyKey: study, State: newStatusJSON(status).state()}
		if status.Whole {
			origin, err := mirror.Client().Origin(ctx, study)
			if err != nil {
				return nil, nil, errors.Join(err, mirror.Close())
			}
			origins[planMoment{study: study}] = knownOrigin{Origin: origin}
			one.originOf(origin)
			if err := a.compareDesign(ctx, p, mirror.Client(), &one); err != nil {
				return nil, nil, errors.Join(err, mirror.Close())
			}
		}
		r.Studies = append(r.Studies, one)
	}
	for _, out := range p.outputs {
		if out.cut == "" {
			continue
		}
		origin, err := mirror.CutClient(out.cut).Origin(ctx, out.study)
		origins[planMoment{out.study, out.cut}] = knownOrigin{origin, err}
	}
	return origins, a.refusals(ctx, p, mirror, origins), mirror.Close()
}

// refusals are the errors of outputs that could not be made out of the mirror as it is, by their places in the plan. What the
// mirror does not hold yet is no reason.
func (a *app) refusals(ctx context.Context, p *studyPlan, mirror *cache.CachedRecordsLoader, origins map[planMoment]knownOrigin) map[int]error {
	found := map[int]error{}
	for i, out := range p.outputs {
		task, ok := out.task.(checkedTask)
		if _, known := origins[planMoment{out.study, out.cut}]; !ok || !known {
			continue
		}
		moment := (&sourceOptions{cut: out.cut}).view(mirror)
		if err := task.check(ctx, a, moment, out); err != nil && !errors.Is(err, cache.ErrNotSynced) {
			found[i] = err
		}
	}
	return found
}

// forecast compares an output with the mirror as it is.
func (a *app) forecast(ctx context.Context, p *studyPlan, out planOutput, origin knownOrigin, one *planOutputJSON, r *planJSON, now time.Time) error {
	if origin.err != nil {
		return origin.err
	}
	want, err := p.wants(ctx, a, out, origin.Origin)
	if err != nil {
		return err
	}
	place := out.placeOf(origin.Version)
	one.Place = place
	found, err := out.task.stands(ctx, a, out, place)
	if err != nil {
		return err
	}
	one.describe(found)
	if one.State, one.Reasons = judge(found, want); one.State == stateForeign {
		return nil
	}
	surplus, retained, err := p.surplus(out, origin.Version, a.rotation(out, now))
	r.Retained = append(r.Retained, retained...)
	for _, s := range surplus {
		r.Removed = append(r.Removed, planRemovalJSON{out.name, s.dir})
	}
	return err
}

func (a *app) printForecast(r *planJSON) error {
	if err := a.printPlan(r); err != nil {
		return err
	}
	for _, gone := range r.Removed {
		if err := a.printf("Would remove %s\n", gone.Place); err != nil {
			return err
		}
	}
	if err := orFirst(a.printRetained(r), a.printPauses(r)); err != nil {
		return err
	}
	todo, paused := r.count(stateMissing)+r.count(stateStale), r.count(statePaused)
	if err := a.printf("A refresh would sync, then make %d of %d outputs; %d would fail.\n", todo, len(r.Outputs), len(r.Outputs)-todo-r.count(stateCurrent)-paused); err != nil || r.Due == nil {
		return err
	}
	switch {
	case r.LastRun == "":
		return a.printf("Every %s: due now, never run.\n", r.Every)
	case *r.Due:
		return a.printf("Every %s: due now, last run %s.\n", r.Every, clockText(r.LastRun))
	}
	return a.printf("Every %s: last run %s, due %s.\n", r.Every, clockText(r.LastRun), clockText(r.NextRun))
}
