package workflows

import (
	"errors"
	"sync"

	"github.com/imednetgo/imednet"
)

// Workflows builds the workflows of this package over one Client, each when it is first asked for
// and then always the same one, with default options. It opens no file and sends no request of
// its own. It is safe for concurrent use.
//
// Workflows that need more than a Client have their own constructors in their packages:
// criteria.NewDataExtraction and the DuckDB ingestion of package warehouse.
type Workflows struct {
	recordMapper    func() *RecordMapper
	queryManagement func() *QueryManagement
	subjectData     func() *SubjectData
	studyStructure  func() *StudyStructure
	schemaProfiler  func() *SchemaProfiler

	jobPoller        func() *JobPoller
	recordUpdate     func() *RecordUpdate
	registerSubjects func() *RegisterSubjects
}

// NewWorkflows returns the namespace over a client. The only error is a client that is nil.
func NewWorkflows(client imednet.Client) (*Workflows, error) {
	if client == nil {
		return nil, errors.New("workflows: NewWorkflows: the client is nil")
	}
	return &Workflows{
		recordMapper:    lazily(func() (*RecordMapper, error) { return NewRecordMapper(client) }),
		queryManagement: lazily(func() (*QueryManagement, error) { return NewQueryManagement(client) }),
		subjectData:     lazily(func() (*SubjectData, error) { return NewSubjectData(client) }),
		studyStructure:  lazily(func() (*StudyStructure, error) { return NewStudyStructure(client) }),
		schemaProfiler:  lazily(func() (*SchemaProfiler, error) { return NewSchemaProfiler(client) }),

		jobPoller:        lazily(func() (*JobPoller, error) { return NewJobPoller(client) }),
		recordUpdate:     lazily(func() (*RecordUpdate, error) { return NewRecordUpdate(client) }),
		registerSubjects: lazily(func() (*RegisterSubjects, error) { return NewRegisterSubjects(client) }),
	}, nil
}

// lazily builds a workflow at the first call. Constructors fail only for a nil client, which
// NewWorkflows has ruled out, or for an option, of which none are given.
func lazily[T any](build func() (*T, error)) func() *T {
	return sync.OnceValue(func() *T {
		workflow, err := build()
		if err != nil {
			panic(err)
		}
		return workflow
	})
}

// RecordMapper turns records into Arrow tables.
func (w *Workflows) RecordMapper() *RecordMapper { return w.recordMapper() }

// QueryManagement lists, counts and measures data queries.
func (w *Workflows) QueryManagement() *QueryManagement { return w.queryManagement() }

// SubjectData gathers everything about one subject.
func (w *Workflows) SubjectData() *SubjectData { return w.subjectData() }

// StudyStructure reads and compares a study's design.
func (w *Workflows) StudyStructure() *StudyStructure { return w.studyStructure() }

// SchemaProfiler describes the data of a study.
func (w *Workflows) SchemaProfiler() *SchemaProfiler { return w.schemaProfiler() }

// JobPoller waits for submissions.
func (w *Workflows) JobPoller() *JobPoller { return w.jobPoller() }

// RecordUpdate checks and submits records.
func (w *Workflows) RecordUpdate() *RecordUpdate { return w.recordUpdate() }

// RegisterSubjects registers subjects.
func (w *Workflows) RegisterSubjects() *RegisterSubjects { return w.registerSubjects() }
