package submissions

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// Client is what a [RecordUpdate] requires; every [imednet.Client] implements it. If it also
// implements [imednet.RecordProber], the server's time is recorded with every POST. If it
// implements [imednet.RecordSource] and [imednet.RevisionReader], and lists sites, intervals and
// subjects if records name them, stored records can be read back. If it implements
// [imednet.JobResultReader], the results of jobs are read.
type Client interface {
	SchemaSource
	imednet.RecordSubmitter
	imednet.JobGetter
}

// RecordUpdate submits records: they are validated before anything is sent, divided into batches,
// recorded in a journal if there is one, followed to the end of their jobs if requested, and
// settled one by one. It is safe for concurrent use if its client is.
type RecordUpdate struct {
	client  Client
	schemas *SchemaCache
	jobs    JobWaiter
	journal Journal // nil: each call has one in memory
	author  string
	holder  string
	lease   time.Duration
	clock   imednet.Clock
	dates   imednet.Clock // the journal's, which need not agree with it
	// settleDelay lies between the two looks that make an absence.
	settleDelay time.Duration
	newID       func() string
}

// DefaultLease is the default of [WithLease].
const DefaultLease = time.Minute

// Option configures [NewRecordUpdate] and [NewRegisterSubjects].
type Option func(*RecordUpdate) error

// WithJournal records every submission in a journal, under the name of the person or service that
// submits, so that no submission is lost track of in a crash; the default is no journal.
func WithJournal(j Journal, author string) Option {
	return func(u *RecordUpdate) error {
		u.journal, u.author = j, author
		if imednet.IsBlank(author) {
			return argument.Invalid("submissions.WithJournal", "author", "is blank: a journal says who submitted")
		}
		return argument.Required("submissions.WithJournal", "j", j)
	}
}

// WithHolder sets the name of this process in its leases, such as "anna on host edc1, process
// 4711"; the default is the author and a random id.
func WithHolder(name string) Option {
	return func(u *RecordUpdate) error {
		u.holder = name
		if imednet.IsBlank(name) {
			return argument.Invalid("submissions.WithHolder", "name", "is blank")
		}
		return nil
	}
}

// WithLease sets how long this process may be inactive before another one may take over its
// submission; the default is [DefaultLease]. The lease is renewed with every POST and every poll.
func WithLease(d time.Duration) Option {
	return func(u *RecordUpdate) error {
		u.lease = d
		if d <= 0 {
			return argument.Invalid("submissions.WithLease", "d", "must be positive")
		}
		return nil
	}
}

// WithSettleDelay sets how far a listing of the server may lag behind the end of a job. A record of
// which nothing shows is looked for a second time after this delay before it counts as absent; what
// is found to be stored is not waited for. 0 does not wait. Default: DefaultSettleDelay.
func WithSettleDelay(d time.Duration) Option {
	return func(u *RecordUpdate) error {
		u.settleDelay = d
		if d < 0 {
			return argument.Invalid("submissions.WithSettleDelay", "d", "must not be negative")
		}
		return nil
	}
}

// WithSchemaCache sets a shared cache of study schemas; the default is a separate one.
func WithSchemaCache(c *SchemaCache) Option {
	return func(u *RecordUpdate) error {
		u.schemas = c
		return argument.Required("submissions.WithSchemaCache", "c", c)
	}
}

// JobWaiter waits for the job of a batch, as JobPoller of package jobs does.
type JobWaiter interface {
	// Run returns when the job has ended; see JobPoller.Run for its errors.
	Run(ctx context.Context, studyKey, batchID string, opts imednet.PollOptions) (imednet.JobStatus, error)
}

// WithJobWaiter sets what waits for jobs, such as a JobPoller of package jobs; the default is a
// poller of the client.
func WithJobWaiter(w JobWaiter) Option {
	return func(u *RecordUpdate) error {
		u.jobs = w
		return argument.Required("submissions.WithJobWaiter", "w", w)
	}
}

// WithClock sets the clock for waiting for other processes, and for dating POSTs if the server's
// time is not known; the default is [imednet.SystemClock]. What a journal dated is compared with its own ([ClockOf]).
func WithClock(c imednet.Clock) Option {
	return func(u *RecordUpdate) error {
		u.clock = c
		return argument.Required("submissions.WithClock", "c", c)
	}
}

// WithIDs sets the source of submission ids, which must be unique in a journal; the default is
// random UUIDs.
func WithIDs(newID func() string) Option {
	return func(u *RecordUpdate) error {
		u.newID = newID
		return argument.Required("submissions.WithIDs", "newID", newID)
	}
}

// NewRecordUpdate returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewRecordUpdate(client Client, opts ...Option) (*RecordUpdate, error) {
	if err := argument.Required("submissions.NewRecordUpdate", "client", client); err != nil {
		return nil, err
	}
	u := &RecordUpdate{client: client, clock: imednet.SystemClock(), newID: uuid.NewString, lease: DefaultLease, settleDelay: DefaultSettleDelay}
	var err error
	if u.schemas, err = NewSchemaCache(client); err != nil {
		return nil, err
	}
	if err := argument.Options("submissions.NewRecordUpdate", u, opts); err != nil {
		return nil, err
	}
	u.dates = clockOf(u.journal, u.clock)
	if u.jobs == nil {
		u.jobs = &jobpoll.Poller{Package: "submissions", Jobs: client, Clock: u.clock, Jitter: rand.Float64}
	}
	if u.holder == "" {
		u.holder = cmp.Or(u.author, "a process") + ", " + u.newID()
	}
	return u, nil
}

// CreateOrUpdateRecords validates and submits records of any kind, in order. The whole submission
// is validated before the first batch is sent, and all problems are reported in one
// *[InvalidRecordsError]. With a journal, records that were submitted before are a
// *[ConflictError], and nothing is sent (see [Preparation]).
//
// The receipt describes what is known about every record. The error is nil only if every record is
// stored or, without Wait, was accepted; otherwise it is an *[IncompleteError] with the others. A
// failed POST, a failed job and a wait that ended early stop the submission: records not yet sent
// are then Absent, and [RecordUpdate.Resend] sends them.
func (u *RecordUpdate) CreateOrUpdateRecords(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) (Receipt, error) {
	opts, err := opts.withDefaults("submissions.RecordUpdate.CreateOrUpdateRecords")
	if err != nil {
		return Receipt{}, err
	}
	plan, err := u.plan(ctx, studyKey, records, opts)
	if err != nil {
		return Receipt{}, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: "nothing was sent"}
	}
	names, err := u.namingOf(ctx, studyKey, records)
	if err == nil {
		err = plan.identify(names)
	}
	if err != nil {
		return Receipt{}, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: "nothing was sent"}
	}
	return u.submit(ctx, studyKey, plan, opts)
}

// SubmitRecordBatch is another name for [RecordUpdate.CreateOrUpdateRecords], which the Python
// package also has.
func (u *RecordUpdate) SubmitRecordBatch(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) (Receipt, error) {
	return u.CreateOrUpdateRecords(ctx, studyKey, records, opts)
}

// DryRun does everything that [RecordUpdate.CreateOrUpdateRecords] does before it sends, with the
// same checks, batches and payloads. It does not consult the journal.
func (u *RecordUpdate) DryRun(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) ([]PlannedBatch, error) {
	opts, err := opts.withDefaults("submissions.RecordUpdate.DryRun")
	if err != nil {
		return nil, err
	}
	plan, err := u.plan(ctx, studyKey, records, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "dry run", StudyKey: studyKey, Err: err}
	}
	return plan.show(), nil
}

// RegisterSubject submits the registration of one subject at a site. The server assigns the subject
// key, which [RegisterSubjects] determines. An empty site reference is an error.
func (u *RecordUpdate) RegisterSubject(ctx context.Context, studyKey string, form FormRef, site SiteRef, data map[string]any, opts Options) (Receipt, error) {
	item := imednet.Submission{Kind: imednet.RegisterSubject, FormKey: form.key, FormID: form.id, SiteName: site.name, SiteID: site.id, Data: data}
	return u.submitOne(ctx, studyKey, item, opts, form, site)
}

// UpdateScheduledRecord submits the data of one form at one of a subject's scheduled visits. An
// empty form, subject or interval reference is an error: without an interval the server would
// create a new unscheduled record.
func (u *RecordUpdate) UpdateScheduledRecord(ctx context.Context, studyKey string, form FormRef, subject SubjectRef, interval IntervalRef, data map[string]any, opts Options) (Receipt, error) {
	item := imednet.Submission{
		Kind: imednet.ScheduledRecord, FormKey: form.key, FormID: form.id, SubjectKey: subject.key, SubjectID: subject.id, SubjectOID: subject.oid,
		IntervalName: interval.name, IntervalID: interval.id, Data: data,
	}
	return u.submitOne(ctx, studyKey, item, opts, form, subject, interval)
}

// CreateNewRecord submits a new unscheduled record of a subject. An empty form or subject reference
// is an error.
func (u *RecordUpdate) CreateNewRecord(ctx context.Context, studyKey string, form FormRef, subject SubjectRef, data map[string]any, opts Options) (Receipt, error) {
	item := imednet.Submission{
		Kind: imednet.NewRecord, FormKey: form.key, FormID: form.id, SubjectKey: subject.key, SubjectID: subject.id, SubjectOID: subject.oid, Data: data,
	}
	return u.submitOne(ctx, studyKey, item, opts, form, subject)
}

// submitOne submits one record if everything that it refers to names something.
func (u *RecordUpdate) submitOne(ctx context.Context, studyKey string, item imednet.Submission, opts Options, refs ...reference) (Receipt, error) {
	var problems []RecordProblem
	for _, ref := range refs {
		if problem := ref.problem(); problem != "" {
			problems = append(problems, RecordProblem{Line: item.Line, Reason: problem})
		}
	}
	if len(problems) > 0 {
		return Receipt{}, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: &InvalidRecordsError{problems}}
	}
	return u.CreateOrUpdateRecords(ctx, studyKey, []imednet.Submission{item}, opts)
}
