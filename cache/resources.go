package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// StudyReport is the result of [CachedRecordsLoader.SyncStudy]: the run over the records and that
// over the other resources.
type StudyReport struct {
	Records   Report
	Resources ResourcesReport
}

// String returns the lines that the command prints.
func (r StudyReport) String() string { return r.Records.String() + "\n" + r.Resources.String() }

// ResourcesReport is the result of a run over the resources other than records.
type ResourcesReport struct {
	StudyKey  string                `json:"studyKey"`
	Resources []ResourceReport      `json:"resources"`
	Version   imednet.MirrorVersion `json:"version"` // of the mirror after the run, covering all resources
}

// String returns one line per resource.
func (r ResourcesReport) String() string {
	lines := make([]string, len(r.Resources))
	for i, one := range r.Resources {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// LeftOut returns the resources that the run left out, each with its reason.
func (r ResourcesReport) LeftOut() map[imednet.Resource]string {
	out := map[imednet.Resource]string{}
	for _, one := range r.Resources {
		if one.LeftOut != "" {
			out[one.Resource] = one.LeftOut
		}
	}
	return out
}

// whole returns the resources that a run brought up to date.
func (r ResourcesReport) whole() (names []imednet.Resource) {
	for _, one := range r.Resources {
		if one.LeftOut == "" && !one.failed {
			names = append(names, one.Resource)
		}
	}
	return names
}

// designChanged reports whether a run changed rows of the study's design that were held before.
func (r ResourcesReport) designChanged() bool {
	return slices.ContainsFunc(r.Resources, func(one ResourceReport) bool {
		return slices.Contains(designResources, one.Resource) && !one.first && one.Added+one.Updated+one.Restored+one.Removed > 0
	})
}

// ResourceReport counts the rows of one resource. Received = Added + Updated + Restored +
// Unchanged.
type ResourceReport struct {
	Resource  imednet.Resource `json:"resource"`
	Held      int64            `json:"held"`     // rows held as listed after the run
	Received  int64            `json:"received"` // rows received from the server
	Added     int64            `json:"added"`
	Updated   int64            `json:"updated"`
	Restored  int64            `json:"restored"` // listed again after having been gone
	Removed   int64            `json:"removed"`  // no longer listed; the last state is kept
	Unchanged int64            `json:"unchanged"`
	// LeftOut is the reason why the resource was not read: the API keys are not permitted to, or
	// the client cannot. The file keeps what it held before.
	LeftOut string `json:"leftOut,omitempty"`

	failed bool // it was not brought up to date
	first  bool // it was not held before
}

// String returns the line that the command prints.
func (r ResourceReport) String() string {
	if r.LeftOut != "" {
		return fmt.Sprintf("%s: left out: %s", r.Resource, r.LeftOut)
	}
	return fmt.Sprintf("%s: %d held; %d received: %d added, %d updated, %d restored, %d unchanged; %d vanished",
		r.Resource, r.Held, r.Received, r.Added, r.Updated, r.Restored, r.Unchanged, r.Removed)
}

// The reasons of LeftOut.
const (
	noRight   = "the keys may not read it (403)"
	noAbility = "the client does not list it"
)

// SyncStudy brings the whole mirror of a study up to date: the records as
// [CachedRecordsLoader.SyncRecords] does, and then every other resource as
// [CachedRecordsLoader.SyncResources] does. The resulting version of the mirror covers all
// resources and can be reopened with [CachedRecordsLoader.AsOf].
func (l *CachedRecordsLoader) SyncStudy(ctx context.Context, studyKey string, opts SyncOptions) (StudyReport, error) {
	var report StudyReport
	var err error
	if report.Records, err = l.SyncRecords(ctx, studyKey, opts); err != nil {
		return report, err
	}
	report.Resources, err = l.SyncResources(ctx, studyKey, opts)
	return report, err
}

// SyncResources syncs the resources of a study other than its records: opts.Resources, or all of
// [MirroredResources]. More than 1,500 subjects, visits, queries or record revisions are read
// incrementally by id and date and verified against the server's count. If the count does not
// agree, and with opts.Sweep, they are read in full, as the other resources always are. What neither
// an id, a date nor the count shows is found by the next sweep: a change that moves no date, or a loss
// that a row reappearing under an old id makes up for. Rows dated after the server's clock are read
// again by every run, in pages of 500, until its clock has passed them. A resource that is empty at its
// first sync is asked for once more; a server that answers so twice although it has rows is believed
// until the next run. Rows that the server no longer lists keep their last state. A run that finds nothing new writes nothing and
// takes at most three requests per resource, or one per page for resources that are read in full.
//
// A resource that the API keys are not permitted to read (403), or that the client cannot list, is
// left out and reported. If this applies to all resources, the 403 is an error. A resource of which a
// suspiciously large part is gone keeps its rows, and the *[MassDeletionError] is returned when the others are
// synced.
//
// Errors: those of [CachedRecordsLoader.SyncRecords].
func (l *CachedRecordsLoader) SyncResources(ctx context.Context, studyKey string, opts SyncOptions) (ResourcesReport, error) {
	report := ResourcesReport{StudyKey: studyKey}
	names := opts.Resources
	if names == nil {
		names = MirroredResources()
	}
	err := l.needClient(studyKey)
	if err == nil {
		err = l.locked(ctx, studyKey, func() error {
			began := l.cfg.clock.Now()
			err := l.syncResources(ctx, studyKey, names, opts, &report)
			return errors.Join(err, l.noteRead(ctx, studyKey, began, &report))
		})
	}
	return report, wrap("sync resources", studyKey, err)
}

// SyncStructure is [CachedRecordsLoader.SyncResources] for sites, forms, intervals, variables,
// subjects and visits.
func (l *CachedRecordsLoader) SyncStructure(ctx context.Context, studyKey string, opts SyncOptions) (ResourcesReport, error) {
	opts.Resources = structureResources
	return l.SyncResources(ctx, studyKey, opts)
}

func (l *CachedRecordsLoader) syncResources(ctx context.Context, studyKey string, names []imednet.Resource, opts SyncOptions, report *ResourcesReport) error {
	st, err := l.loadStudy(ctx, studyKey)
	if err != nil {
		return err
	}
	report.Version = st.version
	asOf := l.serverTime(ctx, studyKey)
	var refusal, guarded error
	for i, name := range names {
		kind, known := kindOf(name)
		if !known {
			return argument.Invalid("cache.CachedRecordsLoader.SyncResources", "opts.Resources", fmt.Sprintf("holds %q, which is not among MirroredResources", name))
		}
		one := ResourceReport{Resource: name}
		r := &resourceRun{loader: l, st: &st, kind: kind, opts: opts, asOf: asOf, report: &one, gone: map[any]bool{}}
		err := r.run(ctx)
		if errors.Is(err, imednet.ErrForbidden) {
			refusal, one = err, ResourceReport{Resource: name, LeftOut: noRight}
			err = r.refuse(ctx)
		}
		if errors.Is(err, errUnable) {
			one.LeftOut, err = noAbility, nil
		}
		one.failed = err != nil
		if errors.As(err, new(*MassDeletionError)) { // it may last for days, and says nothing about the others
			guarded, err = also(guarded, err), nil
		}
		report.Resources = append(report.Resources, one)
		report.Version = st.version
		if err != nil {
			return also(guarded, err)
		}
		l.cfg.progress(imednet.Progress{Op: "sync resources", StudyKey: studyKey, Done: int64(i + 1), Total: int64(len(names))})
	}
	if guarded != nil {
		return guarded
	}
	if refusal != nil && len(report.LeftOut()) == len(names) {
		return refusal
	}
	return nil
}

// also joins an error to the ones before it, in one line.
func also(before, err error) error {
	if before == nil {
		return err
	}
	return fmt.Errorf("%w; %w", before, err)
}

// noteRead notes when the resources that a run brought up to date were read.
func (l *CachedRecordsLoader) noteRead(ctx context.Context, studyKey string, began time.Time, report *ResourcesReport) error {
	whole := report.whole()
	if len(whole) == 0 {
		return nil
	}
	return l.note(ctx, studyKey, func(n *notes) {
		n.version = report.Version
		for _, name := range whole {
			n.read[name] = began
		}
	})
}

// serverTime is the server's time before the first request, for clients that report it.
func (l *CachedRecordsLoader) serverTime(ctx context.Context, studyKey string) time.Time {
	prober, able := l.client.(imednet.RecordProber)
	if !able {
		return time.Time{}
	}
	probe, err := prober.ProbeRecords(ctx, studyKey, imednet.Filter{})
	if err != nil {
		return time.Time{} // the listing itself will say what is wrong
	}
	return probe.ServerTime.UTC()
}

// refuse notes since when the keys may not read the resource.
func (r *resourceRun) refuse(ctx context.Context) error {
	if r.loaded.refused.Valid {
		return nil
	}
	state := r.loaded
	state.refused = sql.NullInt64{Int64: r.loader.cfg.clock.Now().UnixMicro(), Valid: true}
	ctx = context.WithoutCancel(ctx)
	st, err := r.loader.change(ctx, *r.st, func(tx *sql.Tx, st *study) error {
		if err := st.register(ctx, tx); err != nil {
			return err
		}
		refused := state
		return refused.save(ctx, tx, st.id)
	})
	*r.st = st
	return err
}
