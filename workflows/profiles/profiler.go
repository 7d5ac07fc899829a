package profiles

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/phi"
)

// Source is what a [SchemaProfiler] reads from. A Client and the mirror implement it.
type Source interface {
	imednet.FormReader
	imednet.VariableReader
	imednet.SiteReader
	imednet.RecordSource
}

// SchemaProfiler describes the data of a study form by form and field by field. It is safe for
// concurrent use.
type SchemaProfiler struct {
	source   Source
	clock    imednet.Clock
	progress func(imednet.Progress)
}

// Option configures [NewSchemaProfiler].
type Option func(*SchemaProfiler) error

// WithClock sets the clock that dates a profile; the default is [imednet.SystemClock].
func WithClock(clock imednet.Clock) Option {
	return func(p *SchemaProfiler) error {
		p.clock = clock
		return argument.Required("profiles.WithClock", "clock", clock)
	}
}

// WithProgress sets a function to which every run reports how many records it has read, never from
// two goroutines at once.
func WithProgress(report func(imednet.Progress)) Option {
	return func(p *SchemaProfiler) error {
		p.progress = report
		return argument.Required("profiles.WithProgress", "report", report)
	}
}

// NewSchemaProfiler returns the workflow for a source. The error is an *[imednet.ValidationError].
func NewSchemaProfiler(source Source, opts ...Option) (*SchemaProfiler, error) {
	if err := argument.Required("profiles.NewSchemaProfiler", "source", source); err != nil {
		return nil, err
	}
	p := &SchemaProfiler{source: source, clock: imednet.SystemClock(), progress: func(imednet.Progress) {}}
	if err := argument.Options("profiles.NewSchemaProfiler", p, opts); err != nil {
		return nil, err
	}
	return p, nil
}

// DefaultExactValues is the default of [Options.ExactValues].
const DefaultExactValues = 1000

// Options configures [SchemaProfiler.ProfileRecords]. The zero value profiles all records that are
// not deleted and shows no answers and no figures of small groups.
type Options struct {
	// Filter selects records at the source.
	Filter imednet.Filter
	// Records, if set, are profiled instead of those that the source lists; Filter must then be
	// empty.
	Records iter.Seq2[imednet.Record, error]
	// IncludeDeleted also profiles soft-deleted records.
	IncludeDeleted bool
	// ExactValues is the number of distinct answers per field up to which figures are exact; 0
	// means [DefaultExactValues]. Each takes about 150 bytes. Beyond this number, HyperLogLog and
	// t-digest are used and figures are marked as approximate.
	ExactValues int
	// ShowValues shows every figure exactly, names undeclared keys and unknown forms, and adds the
	// most frequent answers and the first distinct ones. These are subject data.
	ShowValues bool
	// GroupSize is the number of subjects below which a profile without values shows no minimum,
	// maximum, quantile, mean or date; 0 means [DefaultGroupSize]. Records of no subject count as
	// one subject per site.
	GroupSize int
	// PHIFields are variables that identify a person, as in StudyConfiguration.PHIFields: NAME or
	// FORM.NAME, in any case. For these, and for variables whose name, label or OID indicates such
	// data (such as BRTHDTC, "Birth date" or email), the profile reports only the number and types
	// of answers.
	PHIFields []string
	// AllowUnmatched accepts names in PHIFields that no field of the profile has. By default they
	// are an error, because a misspelt name hides nothing.
	AllowUnmatched bool
	// Design, if set, is what the study's design says beyond the API: choices and required answers.
	Design Design
	// IncludeBlinded treats blinded variables like all others. By default they are masked like
	// PHIFields.
	IncludeBlinded bool
}

// ProfileRecords reads forms, variables and sites, and then every record once.
//
// Memory does not depend on the number of records. It is bounded per field by ExactValues,
// GroupSize and the number of sites, and for the study by the number of subjects. Which form a record
// belongs to is decided by [imednet.FormIndex]. Records of no form are profiled too, in a place of
// their own ([StudyProfile.NoForm]), and contradictions are counted.
func (p *SchemaProfiler) ProfileRecords(ctx context.Context, studyKey string, opts Options) (*StudyProfile, error) {
	profile, err := p.profileRecords(ctx, studyKey, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "profiles", Op: "profile records", StudyKey: studyKey, Err: err}
	}
	return profile, nil
}

func (p *SchemaProfiler) profileRecords(ctx context.Context, studyKey string, opts Options) (*StudyProfile, error) {
	settings, err := newProfileSettings(opts)
	if err != nil {
		return nil, err
	}
	run := &profileRun{
		studyKey: studyKey, settings: settings, opts: opts, progress: p.progress, tallies: map[*imednet.IndexedForm]*formTally{},
		noForm: map[formIdentity]*formTally{}, contradictions: map[imednet.ContradictionKind]int64{}, sites: map[int64]int{},
	}
	if err := run.declare(ctx, p.source); err != nil {
		return nil, err
	}
	records := opts.Records
	if records == nil {
		records = p.source.Records(ctx, studyKey, imednet.ListOptions{Filter: opts.Filter})
	}
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		run.add(&r)
		if opts.Design != nil && (opts.IncludeDeleted || !r.IsDeleted()) {
			opts.Design.Add(&r)
		}
	}
	run.reportProgress()
	if err := run.checkPHI(); err != nil {
		return nil, err
	}
	profile := run.profile(p.clock.Now().UTC())
	if opts.Design != nil {
		profile.addDesign(opts.Design)
	}
	if opts.Records == nil {
		profile.Origin, err = imednet.OriginOf(ctx, p.source, studyKey)
	}
	return profile, err
}

// checkPHI looks for the fields that the caller wants hidden, undeclared ones included.
func (r *profileRun) checkPHI() error {
	if r.opts.AllowUnmatched {
		return nil
	}
	known := phi.RecordFields()
	for _, form := range slices.Concat(r.forms, slices.Collect(maps.Values(r.noForm))) {
		for name := range form.variables() {
			known.AddVariable(form.names.shown, name)
			known.AddVariable(form.names.own, name)
		}
	}
	return known.Check(r.opts.PHIFields)
}

// progressEvery is the number of records between two reports of progress.
const progressEvery = 1000

// profileRun is one call of ProfileRecords.
type profileRun struct {
	studyKey string
	settings *profileSettings
	opts     Options
	progress func(imednet.Progress)
	subjects *imednet.SubjectIndex // nil where the source lists none
	forms    []*formTally
	index    *imednet.FormIndex
	tallies  map[*imednet.IndexedForm]*formTally
	noForm   map[formIdentity]*formTally
	sites    map[int64]int // index by site id
	siteList []SiteCount
	read     int64
	deleted  int64
	doubtful int64 // of the deleted ones

	contradictions map[imednet.ContradictionKind]int64 // of records
}

// declare sets up the forms and fields that the study lists.
func (r *profileRun) declare(ctx context.Context, source Source) error {
	all := imednet.ListOptions{}
	forms, err := listing.Collect(source.Forms(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	variables, err := listing.Collect(source.Variables(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	sites, err := listing.Collect(source.Sites(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	if reader, ok := source.(imednet.SubjectReader); ok {
		subjects, err := listing.Collect(reader.Subjects(ctx, r.studyKey, all))
		if err != nil {
			return err
		}
		r.subjects = imednet.NewSubjectIndex(subjects)
	}
	r.index = imednet.NewFormIndex(forms, variables)
	for _, f := range r.index.Forms() {
		key := f.UniqueKey()
		profile := FormProfile{FormID: f.ID(), FormKey: key, FormName: f.Form.FormName.Or(key), Listed: f.Listed, Disabled: f.Disabled()}
		t := newFormTally(r.settings, profile, f.Key(), f.Variables)
		r.forms = append(r.forms, t)
		r.tallies[f] = t
	}
	for _, s := range sites {
		r.siteIndex(s.SiteID, s.SiteName.Or(""))
	}
	return nil
}

func (r *profileRun) siteIndex(id int64, name string) int {
	i, known := r.sites[id]
	if !known {
		i = len(r.siteList)
		r.sites[id] = i
		r.siteList = append(r.siteList, SiteCount{SiteID: id, SiteName: name})
	}
	return i
}

func (r *profileRun) add(record *imednet.Record) {
	if r.read++; r.read%progressEvery == 0 {
		r.reportProgress()
	}
	form := r.form(record)
	if record.IsDeleted() && !r.opts.IncludeDeleted {
		r.deleted++
		if record.DoubtfulDeletion() {
			r.doubtful++
		}
		form.profile.Deleted++
		return
	}
	site := r.siteIndex(record.SiteID.Or(0), "")
	r.siteList[site].Records++
	form.add(record, site, r.subject(record, site))
}

// subject tells subjects apart, as far as a group must be counted. Records of no subject are the
// site's, and so are those whose subject is not certain, so that a group is never counted too large.
func (r *profileRun) subject(record *imednet.Record, site int) int64 {
	if r.subjects == nil {
		return cmp.Or(record.SubjectID.Or(0), -int64(site)-1)
	}
	if s, _ := r.subjects.OfRecord(record); s != nil {
		return s.SubjectID
	}
	return -int64(site) - 1
}

func (r *profileRun) reportProgress() {
	r.progress(imednet.Progress{Op: "profile", StudyKey: r.studyKey, Done: r.read})
}

func newProfileSettings(opts Options) (*profileSettings, error) {
	var problems []imednet.Problem
	if opts.ExactValues < 0 {
		problems = append(problems, imednet.Problem{Path: "ExactValues", Message: fmt.Sprintf("%d is negative", opts.ExactValues)})
	}
	if opts.GroupSize < 0 {
		problems = append(problems, imednet.Problem{Path: "GroupSize", Message: fmt.Sprintf("%d is negative", opts.GroupSize)})
	}
	if opts.Records != nil && !opts.Filter.IsZero() {
		problems = append(problems, imednet.Problem{Path: "Filter", Message: "given records are not filtered; leave one of the two out"})
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "profile options", Problems: problems}
	}
	s := &profileSettings{
		exactValues: opts.ExactValues, showValues: opts.ShowValues, includeBlinded: opts.IncludeBlinded,
		phi: phi.Of(opts.PHIFields...), groupSize: cmp.Or(opts.GroupSize, DefaultGroupSize),
	}
	if opts.ShowValues {
		s.groupSize = 0
	}
	if s.exactValues == 0 {
		s.exactValues = DefaultExactValues
	}
	return s, nil
}
