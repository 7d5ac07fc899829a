package workflows

import (
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/report"
	"github.com/imednetgo/imednet/workflows/structure"
	"github.com/imednetgo/imednet/workflows/subjects"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Workflows builds workflows over one Client. Each is built with default options on first use and
// reused afterwards. Building one opens no file and sends no request. Workflows is safe for
// concurrent use.
//
// Workflows that need more than a Client, such as the DuckDB ingestion of package warehouse, have
// their own constructors.
type Workflows struct {
	recordMapper    func() *tables.RecordMapper
	queryManagement func() *queries.QueryManagement
	subjectData     func() *subjects.SubjectData
	studyStructure  func() *structure.StudyStructure
	schemaProfiler  func() *profiles.SchemaProfiler
	studyReport     func() *report.StudyReport
	dataExtraction  func() *criteria.DataExtraction

	jobPoller        func() *jobs.JobPoller
	recordUpdate     func() *submissions.RecordUpdate
	registerSubjects func() *submissions.RegisterSubjects
}

// NewWorkflows returns the workflows of a client. The only error is an *[imednet.ValidationError]
// for a nil client.
func NewWorkflows(client imednet.Client) (*Workflows, error) {
	if err := argument.Required("workflows.NewWorkflows", "client", client); err != nil {
		return nil, err
	}
	return &Workflows{
		recordMapper:    lazily(func() (*tables.RecordMapper, error) { return tables.NewRecordMapper(client) }),
		queryManagement: lazily(func() (*queries.QueryManagement, error) { return queries.NewQueryManagement(client) }),
		subjectData:     lazily(func() (*subjects.SubjectData, error) { return subjects.NewSubjectData(client) }),
		studyStructure:  lazily(func() (*structure.StudyStructure, error) { return structure.NewStudyStructure(client) }),
		schemaProfiler:  lazily(func() (*profiles.SchemaProfiler, error) { return profiles.NewSchemaProfiler(client) }),
		studyReport:     lazily(func() (*report.StudyReport, error) { return report.NewStudyReport(client) }),
		dataExtraction:  lazily(func() (*criteria.DataExtraction, error) { return criteria.NewDataExtraction(client) }),

		jobPoller:        lazily(func() (*jobs.JobPoller, error) { return jobs.NewJobPoller(client) }),
		recordUpdate:     lazily(func() (*submissions.RecordUpdate, error) { return submissions.NewRecordUpdate(client) }),
		registerSubjects: lazily(func() (*submissions.RegisterSubjects, error) { return submissions.NewRegisterSubjects(client) }),
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

// RecordMapper returns the workflow that maps records to Arrow tables.
func (w *Workflows) RecordMapper() *tables.RecordMapper { return w.recordMapper() }

// QueryManagement returns the workflow that lists, counts and measures data queries.
func (w *Workflows) QueryManagement() *queries.QueryManagement { return w.queryManagement() }

// SubjectData returns the workflow that collects everything about one subject.
func (w *Workflows) SubjectData() *subjects.SubjectData { return w.subjectData() }

// StudyStructure returns the workflow that reads and compares a study's design.
func (w *Workflows) StudyStructure() *structure.StudyStructure { return w.studyStructure() }

// SchemaProfiler returns the workflow that profiles the data of a study.
func (w *Workflows) SchemaProfiler() *profiles.SchemaProfiler { return w.schemaProfiler() }

// StudyReport returns the workflow that reports on a study at a glance.
func (w *Workflows) StudyReport() *report.StudyReport { return w.studyReport() }

// DataExtraction returns the workflow that selects records by criteria and reads the audit trail.
func (w *Workflows) DataExtraction() *criteria.DataExtraction { return w.dataExtraction() }

// JobPoller returns the workflow that waits for jobs.
func (w *Workflows) JobPoller() *jobs.JobPoller { return w.jobPoller() }

// RecordUpdate returns the workflow that validates and submits records.
func (w *Workflows) RecordUpdate() *submissions.RecordUpdate { return w.recordUpdate() }

// RegisterSubjects returns the workflow that registers subjects.
func (w *Workflows) RegisterSubjects() *submissions.RegisterSubjects { return w.registerSubjects() }
