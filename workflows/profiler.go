package workflows

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/phi"
)

// SchemaProfilerSource is what the profiler reads from: a Client, or the mirror.
type SchemaProfilerSource interface {
	Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error]
	Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error]
	Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error]
	imednet.RecordSource
}

// SchemaProfiler describes the data of a study form by form and field by field. It is safe for
// concurrent use.
type SchemaProfiler struct {
	source SchemaProfilerSource
	clock  imednet.Clock
}

// SchemaProfilerOption is a setting of NewSchemaProfiler.
type SchemaProfilerOption func(*SchemaProfiler) error

// WithProfileClock sets the clock that dates a profile; default SystemClock.
func WithProfileClock(clock imednet.Clock) SchemaProfilerOption {
	return func(p *SchemaProfiler) error {
		if clock == nil {
			return errors.New("workflows: WithProfileClock: the clock is nil")
		}
		p.clock = clock
		return nil
	}
}

// NewSchemaProfiler returns the workflow over a source.
func NewSchemaProfiler(source SchemaProfilerSource, opts ...SchemaProfilerOption) (*SchemaProfiler, error) {
	if source == nil {
		return nil, errors.New("workflows: NewSchemaProfiler: the source is nil")
	}
	p := &SchemaProfiler{source: source, clock: imednet.SystemClock()}
	for _, opt := range opts {
		if err := opt(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// DefaultExactValues is the number of distinct answers of a field up to which a profile is exact.
const DefaultExactValues = 1000

// ProfileOptions are the settings of ProfileRecords. The zero value profiles all records that are
// not deleted and shows no answer.
type ProfileOptions struct {
	// Filter selects records at the source.
	Filter imednet.Filter
	// Records are profiled instead of what the source lists; Filter must be empty then.
	Records iter.Seq2[imednet.Record, error]
	// IncludeDeleted also profiles soft-deleted records.
	IncludeDeleted bool
	// ExactValues is the number of distinct answers per field that are told apart; 0 is
	// DefaultExactValues. Each costs about 150 bytes. Beyond it HyperLogLog and t-digest take
	// over, and figures say that they are approximate.
	ExactValues int
	// ShowValues adds the most frequent and the first distinct answers. They are patients' data.
	ShowValues bool
	// PHIFields are variables that identify a person, as StudyConfiguration.PHIFields has them:
	// NAME or FORM.NAME, in any case. Of them, and of variables whose name says so (such as
	// date_of_birth or email), the profile tells how many answers there are and of which type, no more.
	PHIFields []string
	// AllowUnmatched accepts names in PHIFields that no field of the profile has. Without it they are
	// an error, because a misspelt name hides nothing.
	AllowUnmatched bool
	// IncludeBlinded treats blinded variables like others; by default they are masked like PHI.
	IncludeBlinded bool
	// Progress, when set, hears from time to time how many records are done.
	Progress func(imednet.Progress)
}

// ProfileRecords reads forms, variables and sites, and then every record once.
//
// Memory is bounded: per field by ExactValues and the number of sites, whatever the number of
// records. A record of a form that the study does not list is profiled too.
func (p *SchemaProfiler) ProfileRecords(ctx context.Context, studyKey string, opts ProfileOptions) (*StudyProfile, error) {
	profile, err := p.profileRecords(ctx, studyKey, opts)
	if err != nil {
		return nil, &Error{Op: "profile records", StudyKey: studyKey, Err: err}
	}
	return profile, nil
}

func (p *SchemaProfiler) profileRecords(ctx context.Context, studyKey string, opts ProfileOptions) (*StudyProfile, error) {
	settings, err := newProfileSettings(opts)
	if err != nil {
		return nil, err
	}
	run := &profileRun{
		studyKey: studyKey, settings: settings, opts: opts, byKey: map[string]*formTally{}, byID: map[int64]*formTally{},
		sites: map[int64]int{},
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
	}
	run.tellProgress()
	profile := run.profile(p.clock.Now().UTC())
	if err := checkProfilePHI(profile, opts); err != nil {
		return nil, err
	}
	return profile, nil
}

// checkProfilePHI looks for the fields that the caller wants hidden, undeclared ones included.
func checkProfilePHI(profile *StudyProfile, opts ProfileOptions) error {
	if opts.AllowUnmatched {
		return nil
	}
	matched := map[string]bool{}
	for _, name := range recordFieldNames {
		matched[phi.Name(name)] = true
	}
	for _, form := range profile.Forms {
		for _, field := range form.Fields {
			matched[phi.Name(field.Variable)] = true
			matched[phi.Name(form.FormKey+"."+field.Variable)] = true
		}
	}
	return unmatchedPHI(opts.PHIFields, matched)
}

// profileRun is one call of ProfileRecords.
type profileRun struct {
	studyKey string
	settings *profileSettings
	opts     ProfileOptions
	forms    []*formTally
	byKey    map[string]*formTally
	byID     map[int64]*formTally
	sites    map[int64]int // index by site id
	siteList []SiteCount
	read     int64
	deleted  int64
}

// declare sets up the forms and fields that the study lists.
func (r *profileRun) declare(ctx context.Context, source SchemaProfilerSource) error {
	all := imednet.ListOptions{}
	forms, err := collect(source.Forms(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	variables, err := collect(source.Variables(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	sites, err := collect(source.Sites(ctx, r.studyKey, all))
	if err != nil {
		return err
	}
	for _, f := range joinStructure(r.studyKey, nil, forms, variables).Forms {
		t := newFormTally(r.settings, f.Form, f.Variables)
		t.profile.Listed = true
		r.forms = append(r.forms, t)
		r.byID[f.Form.FormID] = t
		if key, ok := f.Form.FormKey.Get(); ok {
			r.byKey[key] = t
		}
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
		r.tellProgress()
	}
	form := r.form(record)
	if record.IsDeleted() && !r.opts.IncludeDeleted {
		r.deleted++
		form.profile.Deleted++
		return
	}
	site := r.siteIndex(record.SiteID.Or(0), "")
	r.siteList[site].Records++
	form.add(record, site)
}

// form finds the record's form by key, else by id. An unknown form is named by its key, or by its
// id in text where it has none.
func (r *profileRun) form(record *imednet.Record) *formTally {
	key, hasKey := record.FormKey.Get()
	if t := r.byKey[key]; t != nil && hasKey {
		return t
	}
	id, hasID := record.FormID.Get()
	if t := r.byID[id]; t != nil && hasID && !hasKey {
		return t
	}
	if !hasKey && hasID {
		key = strconv.FormatInt(id, 10)
	}
	if t := r.byKey[key]; t != nil {
		return t
	}
	t := newFormTally(r.settings, imednet.Form{FormKey: imednet.Some(key)}, nil)
	t.profile.FormKey, t.profile.FormName = key, key
	r.forms = append(r.forms, t)
	r.byKey[key] = t
	return t
}

func (r *profileRun) tellProgress() {
	if r.opts.Progress != nil {
		r.opts.Progress(imednet.Progress{Op: "profile", StudyKey: r.studyKey, Done: r.read})
	}
}

func newProfileSettings(opts ProfileOptions) (*profileSettings, error) {
	var problems []imednet.Problem
	if opts.ExactValues < 0 {
		problems = append(problems, imednet.Problem{Path: "ExactValues", Message: fmt.Sprintf("%d is negative", opts.ExactValues)})
	}
	if opts.Records != nil && !opts.Filter.IsZero() {
		problems = append(problems, imednet.Problem{Path: "Filter", Message: "given records are not filtered; leave one of the two out"})
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "profile options", Problems: problems}
	}
	s := &profileSettings{
		exactValues: opts.ExactValues, showValues: opts.ShowValues, includeBlinded: opts.IncludeBlinded,
		phi: phi.Of(slices.Concat(opts.PHIFields, namesOfPersons)...),
	}
	if s.exactValues == 0 {
		s.exactValues = DefaultExactValues
	}
	return s, nil
}
