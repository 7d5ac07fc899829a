package submissions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// The limits of one POST. The API documents none; these stay well below what gateways cut off.
const (
	DefaultSubmitItems = 200
	DefaultSubmitBytes = 4 << 20
)

// Client is what RecordUpdate needs; every imednet.Client is one. If it is an
// imednet.RecordProber too, the journal notes the server's time with every submission, and if it
// is an imednet.RecordSource, Resume and Confirm can read records back.
type Client interface {
	SchemaSource
	imednet.RecordSubmitter
	imednet.JobGetter
}

// RecordUpdate submits records: checked before anything is sent, cut into batches, journaled if a
// journal is given, followed to the end of their jobs if asked. It never sends a batch twice.
type RecordUpdate struct {
	client   Client
	schemas  *SchemaCache
	jobs     JobWaiter
	journal  Journal
	clock    imednet.Clock
	newID    func() string
	journals bool
}

// Option changes a setting of a RecordUpdate.
type Option func(*RecordUpdate) error

// WithJournal keeps every submission in a write journal, so that a crash loses track of none.
// Default: none.
func WithJournal(j Journal) Option {
	return func(u *RecordUpdate) error {
		u.journal, u.journals = j, true
		return argument.Required("submissions.WithJournal", "j", j)
	}
}

// WithSchemaCache shares a cache of study schemas. Default: one of its own.
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

// WithJobWaiter sets what waits for jobs, such as a JobPoller of package jobs. Default: a poller of
// its own over the client.
func WithJobWaiter(w JobWaiter) Option {
	return func(u *RecordUpdate) error {
		u.jobs = w
		return argument.Required("submissions.WithJobWaiter", "w", w)
	}
}

// WithClock sets the clock that dates journal entries. Default: the system's.
func WithClock(c imednet.Clock) Option {
	return func(u *RecordUpdate) error {
		u.clock = c
		return argument.Required("submissions.WithClock", "c", c)
	}
}

// WithJournalIDs sets what makes the ids of journal entries, which must be unique. Default: random
// UUIDs.
func WithJournalIDs(newID func() string) Option {
	return func(u *RecordUpdate) error {
		u.newID = newID
		return argument.Required("submissions.WithJournalIDs", "newID", newID)
	}
}

// NewRecordUpdate returns a workflow over a client.
func NewRecordUpdate(client Client, opts ...Option) (*RecordUpdate, error) {
	if err := argument.Required("submissions.NewRecordUpdate", "client", client); err != nil {
		return nil, err
	}
	u := &RecordUpdate{client: client, journal: noJournal{}, clock: imednet.SystemClock(), newID: uuid.NewString}
	var err error
	if u.schemas, err = NewSchemaCache(client); err != nil {
		return nil, err
	}
	u.jobs = &jobpoll.Poller{Package: "submissions", Jobs: client, Clock: imednet.SystemClock(), Jitter: rand.Float64}
	for _, o := range opts {
		if err := o(u); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// Options are the settings of one submission.
type Options struct {
	// Wait follows every job to its end before the next batch is sent.
	Wait bool
	// Poll is how jobs are waited for.
	Poll imednet.PollOptions
	// EmailNotify is told by the server when a job ends: an e-mail address, "true" or "false".
	EmailNotify string
	// MaxItems and MaxBytes cut a large submission into batches; default DefaultSubmitItems and
	// DefaultSubmitBytes.
	MaxItems int
	MaxBytes int
}

func (o Options) withDefaults() (Options, error) {
	if o.MaxItems < 0 || o.MaxBytes < 0 {
		return o, errors.New("a limit of a batch is negative")
	}
	if o.MaxItems == 0 {
		o.MaxItems = DefaultSubmitItems
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultSubmitBytes
	}
	return o, checkEmailNotify(o.EmailNotify)
}

// checkEmailNotify guards the header x-email-notify against what would break out of it.
func checkEmailNotify(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return errors.New("EmailNotify must be printable ASCII without line breaks")
	}
	if s != "" && s != "true" && s != "false" && !strings.Contains(s, "@") {
		return errors.New(`EmailNotify must be an e-mail address, "true" or "false"`)
	}
	return nil
}

// ErrUntraceable means that the server accepted a batch without saying its batch id, so that
// nobody can wait for it. Read the records back.
var ErrUntraceable = errors.New("submission successful but no batch_id received")

// SubmittedBatch is one POST that the server accepted.
type SubmittedBatch struct {
	First, Count int                // the records of the submission that it held
	JournalID    string             // empty without a journal
	Job          imednet.Job        // as the POST answered it
	Status       *imednet.JobStatus // as the wait left it; nil when nobody waited
}

// CreateOrUpdateRecords checks and submits records of any kind, in order. The whole submission is
// checked before the first batch is sent; everything wrong is reported at once, as an
// *InvalidRecordsError. If a batch fails, the error is a *PartialError and the batches in front of
// it are returned too. With a journal, records that an open entry holds are refused with
// ErrOpenSubmission, so that a program which is run again after a crash sends nothing twice.
//
// A job that succeeded can still hold records that the server refused: see imednet.JobStatus.Counts, or
// read them back with Confirm.
func (u *RecordUpdate) CreateOrUpdateRecords(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) ([]SubmittedBatch, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err}
	}
	batches, err := u.plan(ctx, studyKey, records, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: "nothing was sent"}
	}
	return u.submitAll(ctx, studyKey, batches, opts)
}

// SubmitRecordBatch is CreateOrUpdateRecords under the reference's older name.
//
// Deprecated: use CreateOrUpdateRecords.
func (u *RecordUpdate) SubmitRecordBatch(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) ([]SubmittedBatch, error) {
	return u.CreateOrUpdateRecords(ctx, studyKey, records, opts)
}

// PlannedBatch is one POST that was not sent.
type PlannedBatch struct {
	First, Count int
	Payload      []byte // the body, byte for byte
}

// DryRun does everything that CreateOrUpdateRecords does before it sends: the same checks, the
// same batches, the exact payloads.
func (u *RecordUpdate) DryRun(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) ([]PlannedBatch, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "dry run", StudyKey: studyKey, Err: err}
	}
	batches, err := u.plan(ctx, studyKey, records, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "dry run", StudyKey: studyKey, Err: err}
	}
	out := make([]PlannedBatch, len(batches))
	for i, b := range batches {
		out[i] = PlannedBatch{b.first, len(b.items), b.payload}
	}
	return out, nil
}

// RegisterSubject submits the registration of one subject at a site. The server assigns the
// subject key; RegisterSubjects finds it out.
func (u *RecordUpdate) RegisterSubject(ctx context.Context, studyKey string, form FormRef, site SiteRef, data map[string]any, opts Options) (SubmittedBatch, error) {
	return u.submitOne(ctx, studyKey, imednet.Submission{FormKey: form.key, FormID: form.id, SiteName: site.name, SiteID: site.id, Data: data}, opts)
}

// UpdateScheduledRecord submits the data of one form at one of a subject's scheduled visits.
func (u *RecordUpdate) UpdateScheduledRecord(ctx context.Context, studyKey string, form FormRef, subject SubjectRef, interval IntervalRef, data map[string]any, opts Options) (SubmittedBatch, error) {
	return u.submitOne(ctx, studyKey, imednet.Submission{
		FormKey: form.key, FormID: form.id, SubjectKey: subject.key, SubjectID: subject.id, SubjectOID: subject.oid,
		IntervalName: interval.name, IntervalID: interval.id, Data: data,
	}, opts)
}

// CreateNewRecord submits a new unscheduled record of a subject.
func (u *RecordUpdate) CreateNewRecord(ctx context.Context, studyKey string, form FormRef, subject SubjectRef, data map[string]any, opts Options) (SubmittedBatch, error) {
	return u.submitOne(ctx, studyKey, imednet.Submission{
		FormKey: form.key, FormID: form.id, SubjectKey: subject.key, SubjectID: subject.id, SubjectOID: subject.oid, Data: data,
	}, opts)
}

func (u *RecordUpdate) submitOne(ctx context.Context, studyKey string, item imednet.Submission, opts Options) (SubmittedBatch, error) {
	batches, err := u.CreateOrUpdateRecords(ctx, studyKey, []imednet.Submission{item}, opts)
	if len(batches) == 0 {
		return SubmittedBatch{}, err
	}
	return batches[0], err
}

// plannedBatch is one POST to be.
type plannedBatch struct {
	first   int
	items   []imednet.Submission
	payload []byte
}

// plan checks the submission and cuts it into batches.
func (u *RecordUpdate) plan(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) ([]plannedBatch, error) {
	if len(records) == 0 {
		return nil, errors.New("there are no records to submit")
	}
	if err := u.schemas.Validate(ctx, studyKey, records); err != nil {
		return nil, err
	}
	return cutBatches(records, opts)
}

// cutBatches fills batches up to the limits, in order.
func cutBatches(records []imednet.Submission, opts Options) ([]plannedBatch, error) {
	var batches []plannedBatch
	start, size := 0, 0
	flush := func(end int) error {
		if end == start {
			return nil
		}
		payload, err := imednet.EncodeSubmissions(records[start:end])
		batches = append(batches, plannedBatch{start, records[start:end], payload})
		start, size = end, 0
		return err
	}
	for i := range records {
		one, err := imednet.EncodeSubmissions(records[i : i+1])
		if err != nil {
			return nil, fmt.Errorf("record %d cannot be written as JSON", i)
		}
		if len(one) > opts.MaxBytes {
			return nil, &InvalidRecordsError{[]RecordProblem{{Index: i, FormKey: records[i].FormKey, Reason: fmt.Sprintf("the record is %d bytes, more than a batch of %d", len(one), opts.MaxBytes)}}}
		}
		if i-start == opts.MaxItems || size+len(one) > opts.MaxBytes {
			if err := flush(i); err != nil {
				return nil, err
			}
		}
		size += len(one)
	}
	return batches, flush(len(records))
}
